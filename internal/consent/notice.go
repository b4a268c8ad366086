package consent

// Notice is a statement that goes along with what leaves on a consent, 42 CFR 2.32(a): exactly one of two.
// The words are the regulation's own and are not translated: whoever receives a record must get the legal text.
type Notice struct {
	Version string
	Words   string
}

// The two statements of 2.32(a), as of the final rule of 16 February 2024 (89 FR 12472).
var (
	FullNotice = Notice{Version: "2.32-1-2024", Words: `This record which has been disclosed to you is protected by Federal confidentiality rules (42 CFR part 2). ` +
		`These rules prohibit you from using or disclosing this record, or testimony that describes the information contained in this record, in any civil, criminal, ` +
		`administrative, or legislative proceedings by any Federal, State, or local authority, against the patient, unless authorized by the consent of the patient, except as ` +
		`provided at 42 CFR 2.12(c)(5) or as authorized by a court in accordance with 42 CFR 2.64 or 2.65. In addition, the Federal rules prohibit you from making any other ` +
		`use or disclosure of this record unless at least one of the following applies: (i) Further use or disclosure is expressly permitted by the written consent of the ` +
		`individual whose information is being disclosed in this record or as otherwise permitted by 42 CFR part 2. (ii) You are a covered entity or business associate and have ` +
		`received the record for treatment, payment, or health care operations, or (iii) You have received the record from a covered entity or business associate as permitted by ` +
		`45 CFR part 164, subparts A and E. A general authorization for the release of medical or other information is NOT sufficient to meet the required elements of written ` +
		`consent to further use or redisclose the record (see 42 CFR 2.31).`}
	ShortNotice = Notice{Version: "2.32-2-2024", Words: `42 CFR part 2 prohibits unauthorized use or disclosure of these records.`}
)

// noticeFor is the statement that a disclosure carries. 2.32 asks for it with every disclosure on a consent;
// Hearth sends it with every other one too, but with a person's own copy and where nobody can be told: the
// rules follow the record to whoever holds it, 2.12(d).
func noticeFor(b BasisKind) Notice {
	if b == OwnCopy || b == HandedOver || b == Deidentified {
		return Notice{}
	}
	return FullNotice
}

package casework

import (
	"strings"

	"hearth/internal/casework"
	"hearth/internal/consent"
	"hearth/internal/web/ui"
)

// The words for codes, as keys of the catalogue.
var (
	kindWords = map[consent.Kind][2]string{
		consent.Share:       {"Share with a person or place", "For one person or place that you name."},
		consent.Treatment:   {"Treatment, payment and operations", "One permission for those who treat you and pay for it."},
		consent.Messages:    {"Reach me", "One way to be reached; you choose the hours and the words."},
		consent.Research:    {"Research and evaluation", "To find out whether this helps."},
		consent.Story:       {"Tell my story", "For a year at most; then we ask again."},
		consent.Counseling:  {"Counseling notes", "The notes that a professional keeps apart."},
		consent.Justice:     {"Report to the justice system", "When a court or an officer sent you here."},
		consent.Proceedings: {"A legal proceeding", "For one proceeding, joined with nothing else."},
	}
	whatWords = map[consent.Category]string{
		consent.TakingPart: "That the person takes part here, and since when", consent.Contact: "How to reach the person", consent.Attendance: "When the person was here",
		consent.Plan: "The plan", consent.Talks: "When and how we spoke, but not what about", consent.Milestones: "The milestones the person chose",
		consent.Measures: "Answers to questionnaires", consent.Medication: "What the person told about their medication", consent.Referrals: "Where the person was sent, and what came of it",
		consent.Notes: "What was written down here", consent.Counselled: "Counseling notes", consent.Permissions: "What the person allowed and took back",
	}
	purposeWords = map[consent.Purpose]string{
		consent.AtRequest: "Because the person asks for it", consent.Coordination: "So that those who help can work together", consent.Benefits: "Benefits and insurance",
		consent.Housing: "Housing", consent.Family: "So that people close to them can support them", consent.ForTreatment: "Treatment", consent.ForPayment: "Payment",
		consent.Operations: "Health care operations", consent.ForResearch: "Research", consent.Evaluation: "Finding out whether this program helps", consent.ForStory: "Telling the story",
		consent.Reaching: "Reaching the person", consent.Legal: "A legal proceeding", consent.Safety: "Safety", consent.Access: "The person’s own copy",
	}
	endingWords = map[consent.Ending]string{
		consent.OnDate: "On a day", consent.EndOfTreatment: "When the time with this program ends", consent.EndOfStudy: "With the end of the study",
		consent.Disposition: "With the final decision in the case", consent.NoEnding: "Never by itself",
	}
	basisWords = map[consent.BasisKind]string{
		consent.ByConsent: "A permission", consent.OwnCopy: "The person’s own copy", consent.HandedOver: "Handed to the person themself", consent.Emergency: "A medical emergency",
		consent.Audit: "An audit or evaluation", consent.CourtOrder: "A court order", consent.AbuseReport: "A report that a child may be in danger",
		consent.PremisesCrime: "A crime here or against somebody who works here", consent.Deidentified: "Nobody can be recognised",
	}
	channelWords = map[string]string{"sms": "Text message", "voice": "Telephone call and voice message", "email": "E-mail", "push": "Message to my phone from this site"}
	pointWords   = map[casework.PointKind]string{casework.Phone: "Phone", casework.Email: "E-mail", casework.Address: "Address"}
	// What somebody did with a record, for the person to read.
	lookWords = map[string]string{
		"record.open": "opened the record", "record.read": "read the record", "record.correct": "changed what is known", "record.note": "wrote something down",
		"record.pair": "changed who walks with you", "record.unpair": "changed who walks with you", "record.join": "joined the record with an account",
		"contact.add": "added a number or address", "contact.change": "changed a number or address", "contact.remove": "removed a number or address",
		"consent.prepare": "prepared a permission", "consent.change": "changed a permission before it was signed", "consent.discard": "threw an unsigned permission away",
		"consent.sign": "signed a permission", "consent.revoke": "took a permission back", "consent.told": "told somebody that a permission was taken back",
		"consent.read": "read your permissions", "consent.restrict": "agreed not to share something", "disclosure.make": "gave something out", "disclosure.refuse": "wanted to give something out, and was stopped",
		"disclosure.stop": "was stopped while giving something out", "disclosure.list": "read what was given out", "recipient.add": "wrote down a person or place",
		"recipient.treating": "recorded who treats you", "recipient.end": "ended a person or place", "emergency.open": "opened the record in an emergency",
		"emergency.judge": "judged an emergency", "record.left": "ended the time here", "record.erased": "erased the record",
		"request.make": "asked the program for something", "request.extend": "took more time for an answer", "request.answer": "answered what you asked",
		"hold.place": "held the record, so that it is not erased", "hold.end": "ended a hold on the record",
	}
	whyWords = map[string]string{"own": "you yourself", "paired": "walks with you", "supervising": "supervises who walks with you", "on call": "was on call for you", "emergency": "in an emergency"}
)

func whatWord(t ui.T, c consent.Category) string    { return t.S(whatWords[c]) }
func purposeWord(t ui.T, p consent.Purpose) string  { return t.S(purposeWords[p]) }
func basisWord(t ui.T, b consent.BasisKind) string  { return t.S(basisWords[b]) }
func kindWord(t ui.T, k consent.Kind) string        { return t.S(kindWords[k][0]) }
func pointWord(t ui.T, k casework.PointKind) string { return t.S(pointWords[k]) }

// lookWord says what was done; what has no words of its own is said as it stands in the record.
func lookWord(t ui.T, action string) string {
	if w := lookWords[action]; w != "" {
		return t.S(w)
	}
	return action
}

func whyWord(t ui.T, basis string) string {
	if w := whyWords[basis]; w != "" {
		return t.S(w)
	}
	return ""
}

// whats lists categories in words.
func whats(t ui.T, list []consent.Category) string {
	words := make([]string, len(list))
	for i, c := range list {
		words[i] = whatWord(t, c)
	}
	return strings.Join(words, "; ")
}

// ends says until when a permission holds.
func ends(t ui.T, c consent.Consent) string {
	if c.Ending == consent.OnDate {
		return t.S("until %s", t.DateYear(c.Expires))
	}
	return t.S(endingWords[c.Ending])
}

package access

// Act is what somebody wants to do. Each is in policies/schema.cedarschema with the kinds of things that it is
// done to.
type Act string

// Acts on a record: what is known about one participant.
const (
	RecordNames    Act = "record.names"    // know that the person has a record here, and what they want to be called
	RecordRead     Act = "record.read"     // read all of it
	RecordWrite    Act = "record.write"    // add to it and change it
	RecordCorrect  Act = "record.correct"  // correct what is known about oneself, and say how one may be reached
	RecordDownload Act = "record.download" // take a copy of all of it
	RecordLeave    Act = "record.leave"    // leave, and have erased what may be erased
	RecordErase    Act = "record.erase"    // carry out an erasure
	RecordPair     Act = "record.pair"     // decide who walks with the person
	RecordInvite   Act = "record.invite"   // give the person a way to sign in, or give it back
	RecordCreate   Act = "record.create"   // on a program: open a record
	RecordFigures  Act = "record.figures"  // on a program: see counts and rates, never a name
)

// Acts on consents.
const (
	ConsentRead   Act = "consent.read"
	ConsentSign   Act = "consent.sign"   // sign for oneself
	ConsentRecord Act = "consent.record" // write down what was signed on paper or before a witness
	ConsentRevoke Act = "consent.revoke" // end one, or write down that the person ended it
	ConsentTexts  Act = "consent.texts"  // on the house: change the texts and notices
)

// Acts on disclosures: what left about a participant.
const (
	DisclosureMake   Act = "disclosure.make"   // on a record: let something out, through the gate
	DisclosureReport Act = "disclosure.report" // on a program: let a report out in which nobody is named
	DisclosureRead   Act = "disclosure.read"   // read the accounting
)

// Acts of the keepers of privacy.
const (
	RequestMake     Act = "request.make" // on a record: ask for access, correction or restriction
	RequestRead     Act = "request.read"
	RequestAnswer   Act = "request.answer"
	ComplaintMake   Act = "complaint.make" // on the house
	ComplaintRead   Act = "complaint.read"
	ComplaintAnswer Act = "complaint.answer"
	IncidentReport  Act = "incident.report" // on the house
	IncidentRead    Act = "incident.read"
	IncidentAssess  Act = "incident.assess"
	RetentionSet    Act = "retention.set" // on the house: how long what is kept, and what is held
)

// Acts in an emergency.
const (
	EmergencyOpen   Act = "emergency.open"   // on a record: open it with a reason
	EmergencyRead   Act = "emergency.read"   // see that it was opened, by whom and why
	EmergencyReview Act = "emergency.review" // say whether it was right
)

// Acts on the audit record.
const (
	AuditRead   Act = "audit.read"   // read an entry
	AuditVerify Act = "audit.verify" // on the house: have the record prove itself
)

// Acts on groups and on the public directory of meetings.
const (
	GroupCreate  Act = "group.create" // on a program
	GroupEdit    Act = "group.edit"
	GroupRun     Act = "group.run"
	MeetingEdit  Act = "meeting.edit"  // on the directory: meetings, their evidence, what visitors reported
	ScoreRead    Act = "score.read"    // on the directory: see how welcome scores come about
	ScoreDecide  Act = "score.decide"  // on the directory: take a new way of scoring into use
	FeedManage   Act = "feed.manage"   // on the directory
	DirectorySee Act = "directory.see" // on the directory: see what waits for a person
)

// Acts on accounts.
const (
	AccountRead    Act = "account.read"
	AccountInvite  Act = "account.invite"  // on the house or a program: invite somebody who works here
	AccountGrant   Act = "account.grant"   // see and change its roles; which ones is role.give
	AccountRecover Act = "account.recover" // give back a way to sign in
	AccountEnd     Act = "account.end"     // let it sign in no more, or again
	RoleGive       Act = "role.give"       // on a post: give a role, in an invitation or later, or end it
	SessionEnd     Act = "session.end"     // on an account: end its sessions
)

// Acts on the house itself.
const (
	CommunitySet Act = "community.set" // name, region, help numbers and all that set-up asks
	RulesRead    Act = "rules.read"
	BackupMake   Act = "backup.make"
	KeysRead     Act = "keys.read" // the register of keys, never a key
	KeysRotate   Act = "keys.rotate"
)

// Kinds of things.
const (
	Record     = "record"
	Consent    = "consent"
	Disclosure = "disclosure"
	Request    = "request"
	Complaint  = "complaint"
	Incident   = "incident"
	Emergency  = "emergency"
	Entry      = "entry" // of the audit record
	Account    = "account"
	Post       = "post" // a role as it is given to somebody, in a place
	Group      = "group"
	Program    = "program"
	Directory  = "directory"
	House      = "house"
)

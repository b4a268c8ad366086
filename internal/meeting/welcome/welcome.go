// Package welcome owns the welcome score: from visit reports, a group's own word and a fellowship's
// written position to an answer for each right, with its interval and every step of the way in words.
//
// It is pure. It must never turn an unknown into a yes, nor read a clock or a database.
package welcome

// Right is something that a person on medication may or may not do in a meeting.
type Right uint8

// The rights, in the order of the welcome card.
const (
	Attend Right = iota
	Speak
	Lead
	Serve
	HaveSponsor
	BeSponsor
	TimeCounts
)

// NumRights is how many rights a card has.
const NumRights = 7

// Rights lists them in the order of the card.
var Rights = [NumRights]Right{Attend, Speak, Lead, Serve, HaveSponsor, BeSponsor, TimeCounts}

var rightCodes = [NumRights]string{"attend", "speak", "lead", "serve", "sponsor", "be_sponsor", "count"}

// String returns the right's code in JSON, parameters and the database: attend, speak, lead, serve,
// sponsor, be_sponsor, count.
func (r Right) String() string {
	if int(r) < len(rightCodes) {
		return rightCodes[r]
	}
	return "unknown"
}

// ParseRight reads a code.
func ParseRight(s string) (Right, bool) {
	for i, c := range rightCodes {
		if c == s {
			return Right(i), true
		}
	}
	return 0, false
}

// Answer is the word on a card.
type Answer uint8

// The answers. The zero value is Unknown, which is never a yes.
const (
	Unknown Answer = iota
	No
	Depends
	Yes
)

var answerCodes = [...]string{"unknown", "no", "depends", "yes"}

// String returns unknown, no, depends or yes.
func (a Answer) String() string {
	if int(a) < len(answerCodes) {
		return answerCodes[a]
	}
	return "unknown"
}

// ParseAnswer reads such a word.
func ParseAnswer(s string) (Answer, bool) {
	for i, c := range answerCodes {
		if c == s {
			return Answer(i), true
		}
	}
	return Unknown, false
}

// Package welcome owns the welcome score: from visit reports, a group's own word and a fellowship's
// written position to an answer for each right, with its interval and every step of the way in words.
//
// It is pure. It must never turn an unknown into a yes, publish a "no" that rests on one or two people,
// let a fellowship's document decide an answer, nor read a clock or a database.
package welcome

import (
	"encoding/json"
	"fmt"
)

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

// MarshalText gives the right's code.
func (r Right) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a right's code.
func (r *Right) UnmarshalText(b []byte) error {
	v, ok := ParseRight(string(b))
	if !ok {
		return fmt.Errorf("%q is not a right", b)
	}
	*r = v
	return nil
}

// MarshalText gives the answer's word.
func (a Answer) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads an answer's word.
func (a *Answer) UnmarshalText(b []byte) error {
	v, ok := ParseAnswer(string(b))
	if !ok {
		return fmt.Errorf("%q is not an answer", b)
	}
	*a = v
	return nil
}

// Answers is what somebody says about each right; Unknown where they say nothing.
type Answers [NumRights]Answer

// Any tells whether something is said about at least one right.
func (a Answers) Any() bool { return a != Answers{} }

// MarshalJSON gives an object of the rights that have an answer: {"speak":"yes"}.
func (a Answers) MarshalJSON() ([]byte, error) {
	m := map[string]string{} // encoding/json sorts the keys, so that equal answers give equal texts
	for r, v := range a {
		if v != Unknown {
			m[Right(r).String()] = v.String()
		}
	}
	return json.Marshal(m)
}

// UnmarshalJSON reads such an object.
func (a *Answers) UnmarshalJSON(b []byte) error {
	var m map[Right]Answer
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	*a = Answers{}
	for r, v := range m {
		a[r] = v
	}
	return nil
}

package welcome

import (
	"slices"
	"strings"
)

// Happenings is a set of things that happened during a visit.
type Happenings uint32

// What may have happened. The first four are the ways in which harm is done, in the words of those who
// have described them; the last three are the good ones.
const (
	ToldNotToSpeak   Happenings = 1 << iota // kept from speaking
	ToldToStop                              // urged to take less, for shorter, or to stop
	SponsorRefused                          // refused a sponsor, or refused as one
	TimeNotCounted                          // recovery time not recognised
	NegativeRemark                          // heard one about medication
	AskedAboutIt                            // asked whether one takes medication
	Welcomed                                // somebody welcomed me
	OthersSpoke                             // others there spoke about their medication
	AskedToComeAgain                        // asked to come back, or to take something on
	happeningsEnd                           // must stay last
)

// Hard are the happenings that count against a meeting.
const Hard = ToldNotToSpeak | ToldToStop | SponsorRefused | TimeNotCounted | NegativeRemark | AskedAboutIt

// Mechanisms are the four ways in which harm is done.
const Mechanisms = ToldNotToSpeak | ToldToStop | SponsorRefused | TimeNotCounted

var happeningCodes = [...]string{
	"told_not_to_speak", "told_to_stop", "sponsor_refused", "time_not_counted", "negative_remark",
	"asked_about_it", "welcomed", "others_spoke", "asked_to_come_again",
}

// Each gives the single happenings of the set, in order.
func (h Happenings) Each() []Happenings {
	var out []Happenings
	for one := Happenings(1); one < happeningsEnd; one <<= 1 {
		if h&one != 0 {
			out = append(out, one)
		}
	}
	return out
}

// All lists every happening, in the order in which a form offers them.
func All() []Happenings { return (happeningsEnd - 1).Each() }

// String gives the codes of the set, separated by spaces.
func (h Happenings) String() string {
	var out []string
	for i, c := range happeningCodes {
		if h&(1<<i) != 0 {
			out = append(out, c)
		}
	}
	return strings.Join(out, " ")
}

// ParseHappenings reads codes separated by spaces or commas. ok is false when one is not known.
func ParseHappenings(s string) (h Happenings, ok bool) {
	ok = true
	for c := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' || r == ',' }) {
		if i := slices.Index(happeningCodes[:], c); i >= 0 {
			h |= 1 << i
		} else {
			ok = false
		}
	}
	return h, ok
}

// MarshalText gives the codes.
func (h Happenings) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads codes and passes over those that it does not know.
func (h *Happenings) UnmarshalText(b []byte) error {
	*h, _ = ParseHappenings(string(b))
	return nil
}

// Tone is how a visit felt.
type Tone string

// The tones; "" says nothing.
const (
	Warm    Tone = "warm"
	Neutral Tone = "neutral"
	Mixed   Tone = "mixed"
	Hostile Tone = "hostile"
)

// Tones lists them in the order in which a form offers them.
var Tones = [...]Tone{Warm, Neutral, Mixed, Hostile}

// Valid tells whether t is a tone or says nothing.
func (t Tone) Valid() bool { return t == "" || slices.Contains(Tones[:], t) }

// Happened is what one report says besides the rights.
type Happened struct {
	What Happenings
	Tone Tone
	Week string // ISO week in which the report came
}

// Told is how many of the visits told of one thing.
type Told struct {
	What  Happenings `json:"what"`
	Count int        `json:"count"`
	Of    int        `json:"of"`
}

// Tell sums up what happened in so far as it may be public: each thing only when at least three reports
// tell of it, a hard thing only when they came in three different weeks.
func Tell(visits []Happened) []Told {
	var out []Told
	for _, one := range All() {
		n, weeks := 0, map[string]bool{}
		for _, v := range visits {
			if v.What&one != 0 {
				n++
				weeks[v.Week] = true
			}
		}
		if n < MinReporters || one&Hard != 0 && len(weeks) < MinNoWeeks {
			continue
		}
		out = append(out, Told{What: one, Count: n, Of: len(visits)})
	}
	return out
}

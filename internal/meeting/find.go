package meeting

import (
	"time"

	"hearth/internal/civil"
	"hearth/internal/meeting/welcome"
)

// Found is the answer of the finder.
type Found struct {
	Total int   // how many meetings the filter lets through, whatever Limit and Offset say
	Hits  []Hit // of those, the ones asked for, sorted by when, then welcome, distance, name

	// Answers says, with the same filter without May, how many meetings answer the right Right with
	// unknown, no, depends and yes (the index is a welcome.Answer). Right is the first one asked for, or
	// Speak.
	Right   welcome.Right
	Answers [4]int
}

// Chips says how many meetings there would be with the same filter, but on each day (0 Sunday to 6
// Saturday, 7 by appointment), now or tonight instead of the days and the time that it asks for.
type Chips struct {
	Days         [8]int
	Now, Tonight int
}

// Hit is one meeting that was found, seen from where and when the question was asked.
type Hit struct {
	*Summary           // shared with other answers: must not be changed
	Miles    float64   // from Filter.Near; -1 where there is no distance
	Next     time.Time // next start; of a running meeting the one that has begun; zero where there is no time
	Running  bool      // has begun and is not over

	ref uint32 // in the directory that found it
}

// Summary is what a list shows of a meeting.
type Summary struct {
	ID            string
	Source        string // name of the feed that has it
	SourceID      string // its id there
	Name          string
	Fellowship    string
	Day           Day
	Start, End    civil.Clock
	Zone          string
	Attendance    Attendance
	Location      string
	Address       string
	City          string
	Lat, Lng      float64
	HasPoint      bool
	Approximate   bool
	ConferenceURL string
	Types         []string // shared: must not be changed
	Flags         Flags
	Welcome       [welcome.NumRights]RightAnswer
	Feeds         int       // how many feeds have it
	SeenAt        time.Time // when a feed last had it
}

// RightAnswer is one row of a welcome card as a list needs it.
type RightAnswer struct {
	Answer          welcome.Answer
	Mean, Low, High float32 // of the chance that the answer is yes; all 0 where nothing is known
	Reports         int
	AsOf            string // month of the latest evidence, "2026-05"
	Basis           string // visits, statement, both, position, none
}

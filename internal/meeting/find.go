package meeting

import (
	"time"

	"hearth/internal/civil"
	"hearth/internal/meeting/index"
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

	Dates DateCounts // of all in Total
}

// DateCounts says how many meetings are listed on each date, where they are: on a day's evening half of them
// are a week ahead. What comes after midnight in a time that goes past it counts to the date before.
type DateCounts struct {
	First civil.Date
	N     [len(index.Dates{})]int // from First on
}

// On is how many are listed on a date.
func (c *DateCounts) On(date civil.Date) int {
	for i, n := range c.N {
		if c.First.AddDays(i) == date {
			return n
		}
	}
	return 0
}

// Chips says how many meetings there would be with the same filter, but on each day (0 Sunday to 6
// Saturday, 7 by appointment), on each date, now or tonight instead of the days and the time that it asks
// for.
type Chips struct {
	Days         [8]int
	Dates        DateCounts
	Now, Tonight int
}

// Hit is one meeting that was found, seen from where and when the question was asked.
type Hit struct {
	*Summary         // shared with other answers: must not be changed
	Miles    float64 // from Filter.Near; -1 where there is no distance
	// Date is the day of the start that it is listed by, where it is: today for what has begun, the zero date
	// for what is by appointment. A list is sorted by it, so it holds no date twice.
	Date    civil.Date
	Next    time.Time // that start: the next, or the one that has begun; zero where there is no time
	Running bool      // it has begun

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

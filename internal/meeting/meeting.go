// Package meeting owns the directory of meetings and what is known about their welcome: feeds and what
// they said, the meetings that the public sees, visit reports, statements of groups, suggestions, and the
// index that answers the finder.
//
// It must never hold anything that says who a visitor is: no account, no address, no day of a visit. It
// never takes a welcome from a feed, never overwrites what people here wrote, and knows no format, no
// HTTP and no page: codecs hand it Occurrences, web asks it questions.
//
// A map of its files, along the way that a row takes:
//
//   - What everybody uses: meeting.go (Occurrence and kin), service.go (Service, Options), jobs.go (work that
//     runs beside), fellowship.go and vocabulary*.go (names, codes and their words), instance.go.
//   - A feed's row comes in: normalise*.go turn a codec's RawRow into an Occurrence and say what was odd
//     (Intake). Pure.
//   - A feed is kept: feed*.go are its settings, fetch*.go reads it within limits, store_feed*.go the SQL of
//     feeds and listings.
//   - A sync: sync.go leads; sync_prepare.go decodes, sync_diff.go compares with what stands, sync_join.go and
//     sync_assign.go find which listings are one meeting, sync_compose.go makes and writes the meetings,
//     store_meeting.go has their SQL and the order of locks.
//   - Editors and neighbours: override*.go write over what feeds say, suggestion.go is what strangers
//     propose, details*.go what the page of one meeting shows.
//   - Evidence of welcome: visit*.go are reports and their guards (proof, network, alike, queue, import),
//     statement.go groups' own words, position.go what fellowships have written. card.go makes a meeting's
//     card of them, explain.go says how, refit.go is the night's work. The score itself is in welcome.
//   - The finder: filter.go reads the question, find.go says what comes back; directory.go answers in memory,
//     loaded by directory_load.go, followed by directory_follow.go, shown by directory_shelf.go, _card.go and
//     _json.go; directory_recent.go remembers answers. The search itself is in index. publish.go hands all
//     of it to lists for other programs.
package meeting

import (
	"encoding/json"
	"time"

	"hearth/internal/civil"
)

// Attendance says how one takes part in a meeting.
type Attendance string

// The four ways. Inactive is neither to be walked into nor joined now: closed for a time, or given
// without any usable place or link.
const (
	InPerson Attendance = "in_person"
	Hybrid   Attendance = "hybrid"
	Online   Attendance = "online"
	Inactive Attendance = "inactive"
)

// Valid tells whether a is one of the four.
func (a Attendance) Valid() bool {
	return a == InPerson || a == Hybrid || a == Online || a == Inactive
}

// Day is a day of the week, 0 Sunday to 6 Saturday, or ByAppointment.
type Day int8

// ByAppointment is the day of a meeting that has none.
const ByAppointment Day = -1

// Occurrence is one weekly meeting as one source gives it, after rules N1 to N10 of the directory
// reference. A codec makes them; a sync stores them.
type Occurrence struct {
	Row      int    `json:"-"`         // row in the feed, from 1; several occurrences may share one
	SourceID string `json:"source_id"` // the feed's own id or slug, with -day where one row became several
	Key      string `json:"-"`         // identity inside the feed: SourceID, made unique where a feed repeats it

	Name       string      `json:"name"`
	Day        Day         `json:"day"`
	Start      civil.Clock `json:"start"`
	End        civil.Clock `json:"end"`            // at or before Start: the next day
	Zone       string      `json:"zone,omitempty"` // IANA; "" where nothing says it
	Attendance Attendance  `json:"attendance"`
	Stated     bool        `json:"stated,omitempty"` // the source said the attendance; else it was worked out

	Location      string   `json:"location,omitempty"` // name of the place
	Address       string   `json:"address,omitempty"`  // one line, rule N3
	City          string   `json:"city,omitempty"`
	State         string   `json:"state,omitempty"`
	PostalCode    string   `json:"postal_code,omitempty"`
	Country       string   `json:"country,omitempty"`
	Regions       []string `json:"regions,omitempty"` // general to specific
	LocationNotes string   `json:"location_notes,omitempty"`
	Lat           float64  `json:"lat,omitempty"` // only where HasPoint
	Lng           float64  `json:"lng,omitempty"`
	HasPoint      bool     `json:"has_point,omitempty"` // rule N7
	Approximate   bool     `json:"approximate,omitempty"`

	ConferenceURL        string `json:"conference_url,omitempty"`
	ConferenceURLNotes   string `json:"conference_url_notes,omitempty"`
	ConferencePhone      string `json:"conference_phone,omitempty"`
	ConferencePhoneNotes string `json:"conference_phone_notes,omitempty"`

	Notes      string   `json:"notes,omitempty"` // plain text, personal contacts taken out
	Group      string   `json:"group,omitempty"`
	GroupNotes string   `json:"group_notes,omitempty"`
	Types      []string `json:"types,omitempty"`     // the source's codes, upper case, unknown ones too
	Languages  []string `json:"languages,omitempty"` // ISO 639-1, where types or the source say so

	URL          string `json:"url,omitempty"`     // the meeting's page at its source
	Website      string `json:"website,omitempty"` // the group's own
	Entity       string `json:"entity,omitempty"`  // service body, with its public contact
	EntityURL    string `json:"entity_url,omitempty"`
	EntityPhone  string `json:"entity_phone,omitempty"`
	EntityEmail  string `json:"entity_email,omitempty"`
	Venmo        string `json:"venmo,omitempty"` // seventh-tradition handles, as given
	Square       string `json:"square,omitempty"`
	Paypal       string `json:"paypal,omitempty"`
	HomegroupURL string `json:"homegroup_online,omitempty"`

	Repeats    []string `json:"repeats,omitempty"`     // ids of other rows of the feed that say the same (rule N9)
	DataSource string   `json:"data_source,omitempty"` // the list it came from before this feed
	Via        []string `json:"via,omitempty"`         // ids of Hearth communities it has passed through
	Updated    int64    `json:"updated,omitempty"`     // Unix milliseconds, 0 where not said

	Raw json.RawMessage `json:"-"` // the row as it came, without personal contacts
}

// RowIssue says what was wrong with a row of a feed. Row counts data rows from 1; 0 means the whole feed.
type RowIssue struct {
	Row    int    `json:"row"`
	Reason string `json:"reason"`
}

// Batch is what a codec read from one payload.
type Batch struct {
	Rows        int          // rows in the payload
	Occurrences []Occurrence // repeats (rule N9) already joined
	Skipped     []RowIssue   // rows that gave no occurrence, each with its reason
	Warnings    []RowIssue   // what was odd but kept
}

// Format names a feed format.
type Format string

// The formats that a feed may have.
const (
	FormatMeetingGuide Format = "meetingguide"
	FormatTSML         Format = "tsml"
	FormatBMLT         Format = "bmlt"
	FormatCSV          Format = "csv"
	FormatHSDS         Format = "hsds"
)

// Formats lists them in the order in which a form offers them.
var Formats = [...]Format{FormatMeetingGuide, FormatTSML, FormatBMLT, FormatCSV, FormatHSDS}

// FeedContext is what a codec must know besides the bytes.
type FeedContext struct {
	Fellowship string     // code, because type codes mean nothing without it
	Zone       string     // IANA zone of rows that name none; "" where the feed is worldwide
	Today      civil.Date // to tell what has ended; zero: nothing has

	// ZoneAt guesses the IANA zone of a place, as Options.Zone does; nil: never guess.
	ZoneAt func(lat, lng float64, country, state string) string
}

// Decoder turns a payload into a batch. An error means that the payload as a whole cannot be used (not
// the format, truncated); it says where. What is wrong with one row goes into the batch.
type Decoder func(payload []byte, feed FeedContext) (*Batch, error)

// Feed is a list of meetings kept by others, and how it is to be read.
type Feed struct {
	ID         string
	Name       string // unique, as typed by the administrator
	Format     Format
	Fellowship string
	Zone       string
	URL        string // one of URL and File is set
	File       string
	Every      time.Duration // 0: only when asked
	CreatedAt  time.Time
	LastSync   *Sync // the latest, nil before the first
	LastGoodAt time.Time
	Held       bool // the latest payload waits for a person
	Active     int  // occurrences now active
}

// SyncState says how a sync ended.
type SyncState string

// A sync either changed what stands here (applied), found nothing new (same), was kept back for a person
// because the feed shrank too much (held), or failed and changed nothing.
const (
	SyncApplied SyncState = "applied"
	SyncSame    SyncState = "same"
	SyncHeld    SyncState = "held"
	SyncFailed  SyncState = "failed"
)

// Sync is the report of one sync. Its JSON is what `hearth feed sync --json` prints.
type Sync struct {
	ID          string     `json:"-"`
	Feed        string     `json:"feed"`
	State       SyncState  `json:"state"`
	StartedAt   time.Time  `json:"-"`
	FinishedAt  time.Time  `json:"-"`
	Rows        int        `json:"rows"`
	Occurrences int        `json:"occurrences"`
	Added       int        `json:"added"`
	Changed     int        `json:"changed"`
	Unchanged   int        `json:"unchanged"`
	Gone        int        `json:"gone"`
	Skipped     []RowIssue `json:"skipped"`
	Warnings    []RowIssue `json:"warnings"`
	Changes     []Change   `json:"changes,omitempty"`
	Error       string     `json:"error,omitempty"`
}

// Change is one field of one occurrence before and after a sync or an edit.
type Change struct {
	SourceID string `json:"source_id"`
	Name     string `json:"name"`
	Field    string `json:"field"`
	From     string `json:"from"`
	To       string `json:"to"`
}

// Source is one feed's word on a meeting.
type Source struct {
	Feed     string
	SourceID string
	URL      string
	SeenAt   time.Time // when the feed last had it
	Updated  time.Time // when the feed says it was changed; zero where not said
	Gone     bool
}

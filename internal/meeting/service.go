package meeting

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/event"
	"hearth/internal/job"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables of this package.
var Migrations = db.Source{Name: "meeting", FS: migrations}

// Options is what the directory needs from outside. Now, Log and Decoders are required.
type Options struct {
	Now      func() time.Time
	Log      *slog.Logger
	Decoders map[Format]Decoder

	// Area names the neighbourhood whose meetings lend each other their welcome; nil: no areas.
	Area func(lat, lng float64) string
	// Zone guesses the IANA zone of a place, "" where it cannot; nil: never guess. Country and state may be
	// codes or names; the point 0, 0 says that only they are known.
	Zone func(lat, lng float64, country, state string) string

	Instance     string // this community's id: rows that have passed through it are a loop
	BaseURL      string // where this community is served, for the User-Agent and against loops
	Release      string // of the program: with another one, payloads are read anew though unchanged
	AllowPrivate bool   // feeds may be fetched from private and loopback addresses
	FetchLimits  Limits // the zero value means the usual ones

	Jobs   *job.Queue
	Events *event.Hub
}

// Service is the directory. Its methods are safe for concurrent use.
type Service struct {
	db   *db.DB
	o    Options
	http *http.Client

	follower follower // of the directory in memory
	progress sync.Map // name of a feed that is read here: what was last said of it
}

// New returns the directory over d, whose tables must stand. Nothing runs before Start.
func New(d *db.DB, o Options) *Service {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.FetchLimits = o.FetchLimits.orUsual()
	s := &Service{db: d, o: o, http: newFetchClient(o)}
	if o.Jobs != nil {
		s.registerFeedJobs(o.Jobs)
		s.registerWelcomeJobs(o.Jobs)
	}
	return s
}

// topicDirectory is the event that says the directory changed.
const topicDirectory = "directory"

// announce wakes the snapshots of every process after tx commits.
func (s *Service) announce(ctx context.Context, tx *db.Tx) error {
	if s.o.Events == nil {
		return nil
	}
	return s.o.Events.Publish(ctx, tx, topicDirectory)
}

// record writes into the audit record what an editor did.
func (s *Service) record(ctx context.Context, tx *db.Tx, actor, action, subject, detail string) error {
	return audit.Record(ctx, tx, audit.Entry{At: s.o.Now(), Actor: actor, Action: action, Subject: subject, Detail: detail})
}

package meeting

import (
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"hearth/internal/db"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables of this package.
var Migrations = db.Source{Name: "meeting", FS: folder(migrations, "migrations")}

func folder(f fs.FS, name string) fs.FS {
	sub, err := fs.Sub(f, name)
	if err != nil {
		panic(err) // the folder is embedded: it cannot be absent
	}
	return sub
}

// Options is what the directory needs from outside. Now, Log and Decoders are required.
type Options struct {
	Now      func() time.Time
	Log      *slog.Logger
	Decoders map[Format]Decoder

	// Area names the neighbourhood whose meetings lend each other their welcome; nil: no areas.
	Area func(lat, lng float64) string
	// Zone guesses the IANA zone of a place, "" where it cannot; nil: never guess.
	Zone func(lat, lng float64, country, state string) string

	Instance     string // this community's id: rows that have passed through it are a loop
	BaseURL      string // where this community is served, for the User-Agent and against loops
	Release      string // of the program: with another one, payloads are read anew though unchanged
	AllowPrivate bool   // feeds may be fetched from private and loopback addresses
	FetchLimits  Limits // the zero value means the usual ones
}

// Service is the directory. Its methods are safe for concurrent use.
type Service struct {
	db   *db.DB
	o    Options
	http *http.Client
}

// New returns the directory over d, whose tables must stand. Nothing runs before Start.
func New(d *db.DB, o Options) *Service {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.FetchLimits = o.FetchLimits.orUsual()
	return &Service{db: d, o: o, http: newFetchClient(o)}
}

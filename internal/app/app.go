// Package app owns the wiring: it opens everything in order, hands each room what it needs, and closes it
// in the opposite order. It is the only package that knows all the others; the commands are here too, a
// file each.
//
// It must never hold a rule of an area.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/audit"
	"hearth/internal/backup"
	"hearth/internal/casework"
	"hearth/internal/community"
	"hearth/internal/config"
	"hearth/internal/consent"
	"hearth/internal/db"
	"hearth/internal/event"
	"hearth/internal/fault"
	"hearth/internal/geo"
	"hearth/internal/job"
	"hearth/internal/meeting"
	"hearth/internal/privacy"
	"hearth/internal/vault"
	"hearth/internal/wire/bmlt"
	"hearth/internal/wire/hsds"
	"hearth/internal/wire/meetingguide"
	"hearth/internal/wire/sheet"
	"hearth/internal/wire/tsml"
)

// Outside is what the operating system hands in.
type Outside struct {
	Env    func(string) (string, bool)
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Now    func() time.Time // nil: the machine's clock
	// Listening, when set, is told the address once the server answers (for tests and the demo).
	Listening func(addr string)
}

// House is everything open.
type House struct {
	Config    config.Config
	Log       *slog.Logger
	Now       func() time.Time
	DB        *db.DB
	Vault     *vault.Vault
	Jobs      *job.Queue
	Events    *event.Hub
	Policies  *access.Policies
	Community *community.Service
	Accounts  *account.Service
	Casework  *casework.Service
	Consents  *consent.Service
	Privacy   *privacy.Service
	Meetings  *meeting.Service
	Backups   *backup.Service
	Places    meeting.Places
	Metrics   *prometheus.Registry
}

// Sources lists the migrations of every package that owns tables, in the order in which they run.
var Sources = []db.Source{audit.Migrations, vault.Migrations, job.Migrations, backup.Migrations, account.Migrations, community.Migrations, consent.Migrations, casework.Migrations, privacy.Migrations, meeting.Migrations}

var decoders = map[meeting.Format]meeting.Decoder{
	meeting.FormatMeetingGuide: meetingguide.Decode,
	meeting.FormatTSML:         tsml.Decode,
	meeting.FormatBMLT:         bmlt.Decode,
	meeting.FormatCSV:          sheet.Decode,
	meeting.FormatHSDS:         hsds.Decode,
}

// Open makes the data folder when there is none, opens the database, brings its tables up to date and
// builds every room. Nothing runs in the background yet. The caller closes the house.
func Open(ctx context.Context, c config.Config, out Outside) (*House, error) {
	if c.DatabaseURL == "" {
		// Only the owner may read it: it will hold people's records.
		if err := os.MkdirAll(c.Data, 0o700); err != nil {
			return nil, fmt.Errorf("make the data folder: %w", err)
		}
	}
	d, err := db.Open(ctx, db.Config{URL: c.DatabaseURL, Path: c.DatabasePath()})
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	h, err := On(ctx, d, c, out)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return h, nil
}

// On is Open over a database that is open already.
func On(ctx context.Context, d *db.DB, c config.Config, out Outside) (*House, error) {
	h := &House{Config: c, Log: newLog(c, out.Stderr), Now: out.Now, Places: geo.World(), Metrics: prometheus.NewRegistry(), DB: d}
	if h.Now == nil {
		h.Now = time.Now
	}
	h.Metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if err := db.Migrate(ctx, d, Sources...); err != nil {
		return nil, fmt.Errorf("bring the tables up to date: %w", err)
	}
	if err := audit.Adopt(ctx, d); err != nil {
		return nil, fmt.Errorf("take old entries into the audit record: %w", err)
	}
	var err error
	if h.Vault, err = openVault(ctx, d, c, h.Now); err != nil {
		return nil, err
	}
	h.Events = event.New(d)
	h.Jobs = job.New(d, job.Options{Now: h.Now, Log: h.Log})
	h.Metrics.MustRegister(h.Jobs)
	h.signRecord()
	if h.Policies, err = access.Load(h.Log); err != nil {
		return nil, fmt.Errorf("read the policies: %w", err)
	}
	named := ""
	if c.Given("community") {
		named = c.Community
	}
	h.Community = community.New(community.Options{
		DB: d, Policies: h.Policies, Now: h.Now, Events: h.Events, Named: named,
		Fallback: community.Settings{Name: c.Community, Zone: "UTC", Languages: []string{"en", "es"}},
	})
	if err := h.Community.Load(ctx); err != nil {
		return nil, err
	}
	if err := h.backUp(); err != nil {
		return nil, err
	}
	h.Casework = casework.New(casework.Options{DB: d, Vault: h.Vault, Policies: h.Policies, Now: h.Now, Today: h.Community.Today, IsPeer: h.isPeer, Erased: h.erased, MayErase: h.mayErase})
	h.Consents = consent.New(consent.Options{
		DB: d, Vault: h.Vault, Policies: h.Policies, Now: h.Now, Today: h.Community.Today, Profile: h.Casework.Profile, Program: h.program,
	})
	h.Privacy = privacy.New(privacy.Options{
		DB: d, Vault: h.Vault, Policies: h.Policies, Now: h.Now, Today: h.Community.Today, Record: h.recordOf, Restrict: h.restrict,
	})
	h.Accounts = account.New(d, account.Options{
		Participant: h.Casework.ParticipantOf, Emergency: h.Casework.InEmergency, Joined: h.Casework.Joined, Zone: h.Community.Location,
		Now: h.Now, Vault: h.Vault, Policies: h.Policies, Log: h.Log, BaseURL: c.BaseURL, Community: func() string { return h.Community.Settings().Name },
		OIDC: account.OIDC{Issuer: c.OIDCIssuer, ClientID: c.OIDCClientID, ClientSecret: c.OIDCClientSecret},
	})
	if err := h.Accounts.CarryOver(ctx); err != nil {
		return nil, err
	}
	instance, err := meeting.InstanceID(ctx, d)
	if err != nil {
		return nil, err
	}
	h.Meetings = meeting.New(d, meeting.Options{
		Now: h.Now, Log: h.Log, Decoders: decoders, Jobs: h.Jobs, Events: h.Events, Instance: instance,
		Area: geo.World().Area, Zone: geo.World().Zone, Release: version(), BaseURL: c.BaseURL, AllowPrivate: c.AllowPrivateFeeds,
	})
	return h, nil
}

// isPeer tells whether an account is a peer specialist's in a program today.
func (h *House) isPeer(ctx context.Context, q db.Querier, id, program string) (bool, error) {
	a, err := h.Accounts.AccountIn(ctx, q, id)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && !a.Disabled && a.HasIn(access.Peer, program), err
}

// erased closes the account of somebody who is erased, unless they also work here.
func (h *House) erased(ctx context.Context, tx *db.Tx, by access.Actor, id string) error {
	a, err := h.Accounts.AccountIn(ctx, tx, id)
	if err != nil || a.Staff() {
		return err
	}
	return h.Accounts.Close(ctx, tx, by.ID, id)
}

// program is what a consent says of the program that discloses.
func (h *House) program(ctx context.Context, q db.Querier, id string) (consent.Program, error) {
	p, err := h.Community.Program(ctx, q, id)
	if err != nil {
		return consent.Program{}, err
	}
	return consent.Program{ID: p.ID, Name: p.Name, Address: p.Address, Contact: p.Contact, Part2: p.Part2, Covered: p.Covered, AdultAt: p.AdultAt, AloneAt: p.AloneAt}, nil
}

// mayErase lets the keepers' holds stop an erasure.
func (h *House) mayErase(ctx context.Context, tx *db.Tx, participant string) error {
	return h.Privacy.MayErase(ctx, tx, participant)
}

// recordOf is what the keepers' books know of a participant.
func (h *House) recordOf(ctx context.Context, q db.Querier, participant string) (access.Thing, bool, error) {
	p, err := h.Casework.Profile(ctx, q, participant)
	return p.Record, p.Erased, err
}

// restrict writes down, where the gate looks, what was agreed in answer to a request.
func (h *House) restrict(ctx context.Context, tx *db.Tx, actor access.Actor, participant string, x privacy.Restriction) error {
	r := consent.Restriction{Participant: participant, Recipient: x.Recipient}
	for _, what := range x.What {
		r.What = append(r.What, consent.Category(what))
	}
	_, err := h.Consents.RestrictIn(ctx, tx, actor, r)
	return err
}

// Start begins what runs beside the requests: jobs, and the finder's index.
func (h *House) Start(ctx context.Context) error {
	h.Events.Start(ctx)
	go h.followCommunity(ctx)
	if err := h.Meetings.Start(ctx); err != nil {
		return fmt.Errorf("build the index: %w", err)
	}
	if err := h.Backups.Sweep(ctx); err != nil {
		h.Log.Warn("what an unfinished backup left was not removed", "error", err)
	}
	if err := h.Jobs.Start(ctx); err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	return nil
}

// followCommunity reads the settings again when another process changed them, until ctx ends.
func (h *House) followCommunity(ctx context.Context) {
	changed, stop := h.Events.Subscribe(community.Topic)
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
			if err := h.Community.Load(ctx); err != nil && ctx.Err() == nil {
				h.Log.Warn("the settings could not be read again", "error", err)
			}
		}
	}
}

// patience is how long a stop waits for jobs under way before it cancels them. They are durable: what is
// cut short runs again after the next start.
const patience = 5 * time.Second

// StopAll stops what Start began, and waits for it. It is safe after a failed Start and twice.
func (h *House) StopAll() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := h.Jobs.Stop(ctx); err != nil {
		h.Log.Info("stopping", "jobs", err)
	}
	h.Meetings.Stop()
	h.Events.Stop()
}

// Close stops what runs and closes the database.
func (h *House) Close() error {
	h.StopAll()
	return h.DB.Close()
}

// Ready tells whether this process can answer: its database does, and its index is built.
func (h *House) Ready(ctx context.Context) error {
	if err := h.DB.Ping(ctx); err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	if !h.Meetings.Loaded() {
		return errors.New("the index is not built yet")
	}
	return nil
}

func newLog(c config.Config, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

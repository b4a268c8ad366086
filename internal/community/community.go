// Package community owns what a community says of itself: its name and place, its languages and time zone, whom
// to call there, how to write to it, the programs that it runs and which law they keep, and how far its set-up
// has come.
//
// It must never hold anything about a person, nor a secret: all of it may be shown to anybody.
package community

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"hearth/internal/access"
	"hearth/internal/audit"
	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/event"
	"hearth/internal/fault"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of this package.
var Migrations = db.Source{Name: "community", FS: files}

// Settings are what the community says of itself.
type Settings struct {
	Revision  int64 // saving with another one is a conflict; 0 before the first
	Name      string
	Region    string // as people say it: "Erie County, Pennsylvania"
	Zone      string // IANA name
	Languages []string
	Help      []Number // after 911 and 988, which every help page has
	Contact   string   // how to write to the people who run this: an e-mail or a postal address
	BackupTo  string   // folder, on the machine that runs this; "" when somebody else takes care of backups
	Step      Step
}

// Number is somewhere that can be called or texted.
type Number struct {
	Name string // as people know it
	More string // when, in which language, what for
	Call string // digits, with an optional + in front
	Text string
}

// Step is how far set-up has come: the next thing to do.
type Step string

// The steps of set-up, in their order.
const (
	StepName    Step = ""
	StepProgram Step = "program"
	StepHelp    Step = "help"
	StepPerson  Step = "person" // the first administrator's way to sign in
	StepKeys    Step = "keys"
	StepDone    Step = "done"
)

// Steps lists the steps in their order.
var Steps = []Step{StepName, StepProgram, StepHelp, StepPerson, StepKeys, StepDone}

// Limits, in letters.
const (
	NameLimit  = 80
	WordsLimit = 300
	maxNumbers = 12
)

// Options of a Service; all are needed but Events, without which other processes hear of changes late.
type Options struct {
	DB       *db.DB
	Policies *access.Policies
	Now      func() time.Time
	Fallback Settings // what holds where nothing was set: from flags and their defaults
	Events   *event.Hub
}

// Service holds the settings and the programs.
type Service struct {
	db   *db.DB
	o    Options
	last atomic.Pointer[Settings]
}

// Topic is woken when settings or programs change.
const Topic = "community"

// New returns the settings of a database. Load reads them.
func New(o Options) *Service {
	s := &Service{db: o.DB, o: o}
	s.last.Store(&o.Fallback)
	return s
}

// Load reads the settings again: at the start, and when Topic wakes.
func (s *Service) Load(ctx context.Context) error {
	found, err := s.read(ctx, s.db)
	if err != nil {
		return fmt.Errorf("load the community: %w", err)
	}
	s.last.Store(&found)
	return nil
}

// Settings are those of the last Load or Save. The caller must not change what they point to.
func (s *Service) Settings() Settings { return *s.last.Load() }

// Location is the community's time zone, UTC when it cannot be read.
func (s *Service) Location() *time.Location {
	loc, err := civil.Zone(s.Settings().Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Today is the date in the community's zone.
func (s *Service) Today() civil.Date { return civil.DateOf(s.o.Now().In(s.Location())) }

// Save keeps new settings. fault.Conflict: somebody else saved others in between.
func (s *Service) Save(ctx context.Context, actor access.Actor, n Settings) (Settings, error) {
	if err := s.o.Policies.May(actor, access.CommunitySet, access.Thing{Kind: access.House}); err != nil {
		return Settings{}, fmt.Errorf("save the community: %w", err)
	}
	return s.save(ctx, actor.ID, n)
}

// SetUp is Save for the set-up, which runs before anybody can sign in. It refuses when set-up is done.
func (s *Service) SetUp(ctx context.Context, n Settings) (Settings, error) {
	now, err := s.read(ctx, s.db)
	if err != nil {
		return Settings{}, fmt.Errorf("set up the community: %w", err)
	}
	if now.Step == StepDone {
		return Settings{}, fault.New(fault.Gone, "Everything is set up already. Please sign in.")
	}
	return s.save(ctx, "set-up", n)
}

func (s *Service) save(ctx context.Context, actor string, n Settings) (Settings, error) {
	if err := n.check(); err != nil {
		return Settings{}, err
	}
	help, err := json.Marshal(n.Help)
	if err != nil {
		return Settings{}, fmt.Errorf("save the community: %w", err)
	}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		changed, err := tx.Exec(ctx, `UPDATE community_settings SET revision = revision + 1, name = $1, region = $2, zone = $3, languages = $4, help = $5,
				contact = $6, backup_to = $7, step = $8 WHERE id = 1 AND revision = $9`,
			n.Name, n.Region, n.Zone, strings.Join(n.Languages, " "), string(help), n.Contact, n.BackupTo, string(n.Step), n.Revision)
		if err != nil {
			return err
		}
		if changed == 0 {
			return fault.New(fault.Conflict, "Somebody changed this in the meantime. Please look at it again.")
		}
		if s.o.Events != nil {
			if err := s.o.Events.Publish(ctx, tx, Topic); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Entry{At: s.o.Now(), Actor: actor, Action: "community.set", Subject: "community", Detail: string(n.Step)})
	})
	if err != nil {
		return Settings{}, fmt.Errorf("save the community: %w", err)
	}
	n.Revision++
	s.last.Store(&n)
	return n, nil
}

func (n *Settings) check() error {
	var wrong fault.Fields
	n.Name, n.Region, n.Contact = tidy(n.Name), tidy(n.Region), tidy(n.Contact)
	if c := utf8.RuneCountInString(n.Name); c == 0 || c > NameLimit {
		wrong.Add("name", "Please give a name of at most %d letters.", NameLimit)
	}
	for field, words := range map[string]string{"region": n.Region, "contact": n.Contact} {
		if utf8.RuneCountInString(words) > WordsLimit {
			wrong.Add(field, "Please use at most %d letters.", WordsLimit)
		}
	}
	if _, err := civil.Zone(n.Zone); err != nil || n.Zone == "" {
		wrong.Add("zone", "Please choose a time zone from the list.")
	}
	n.Languages = slices.DeleteFunc(slices.Compact(slices.Clone(n.Languages)), func(l string) bool { return l != "en" && l != "es" })
	if len(n.Languages) == 0 {
		wrong.Add("languages", "Please choose at least one language.")
	}
	if len(n.Help) > maxNumbers {
		wrong.Add("help", "Please keep to %d numbers, so that people find the right one.", maxNumbers)
	}
	for i := range n.Help {
		h := &n.Help[i]
		h.Name, h.More = tidy(h.Name), tidy(h.More)
		field := fmt.Sprintf("help%d", i)
		if h.Name == "" || utf8.RuneCountInString(h.Name) > NameLimit || utf8.RuneCountInString(h.More) > WordsLimit {
			wrong.Add(field, "Please give each number a name of at most %d letters.", NameLimit)
			continue
		}
		var okCall, okText bool
		h.Call, okCall = digits(h.Call)
		h.Text, okText = digits(h.Text)
		if !okCall || !okText || h.Call == "" && h.Text == "" {
			wrong.Add(field, "Please write a number that a telephone can dial.")
		}
	}
	if !slices.Contains(Steps, n.Step) {
		n.Step = StepName
	}
	return wrong.Err()
}

// digits leaves of a number what is dialled. Letters are refused: a phone does not dial them alike.
func digits(s string) (string, bool) {
	var b strings.Builder
	for i, c := range strings.TrimSpace(s) {
		switch {
		case c >= '0' && c <= '9', c == '+' && i == 0:
			b.WriteRune(c)
		case strings.ContainsRune(" -().", c):
		default:
			return s, false
		}
	}
	n := b.Len()
	return b.String(), n == 0 || n >= 3 && n <= 16
}

func tidy(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ") }

// read gives what was set; what was never set is as the flags say.
func (s *Service) read(ctx context.Context, q db.Querier) (Settings, error) {
	n, err := db.One(ctx, q, func(scan db.Scan) (n Settings, err error) {
		var languages, help, step string
		if err := scan(&n.Revision, &n.Name, &n.Region, &n.Zone, &languages, &help, &n.Contact, &n.BackupTo, &step); err != nil {
			return n, err
		}
		n.Languages, n.Step = strings.Fields(languages), Step(step)
		return n, json.Unmarshal([]byte(help), &n.Help)
	}, `SELECT revision, name, region, zone, languages, help, contact, backup_to, step FROM community_settings WHERE id = 1`)
	if errors.Is(err, db.ErrNone) {
		return s.o.Fallback, nil
	}
	if err != nil {
		return Settings{}, err
	}
	f := s.o.Fallback
	if n.Name == "" {
		n.Name = f.Name
	}
	if n.Zone == "" {
		n.Zone = f.Zone
	}
	if len(n.Languages) == 0 {
		n.Languages = f.Languages
	}
	if len(n.Help) == 0 {
		n.Help = f.Help
	}
	if n.Contact == "" {
		n.Contact = f.Contact
	}
	return n, nil
}

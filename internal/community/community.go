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
	"path/filepath"
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
	// KeysCopied is the mark of the keys that somebody has copied elsewhere, as they noted at KeysCopiedAt. New
	// keys have another mark: the copy is then too old.
	KeysCopied   string
	KeysCopiedAt time.Time
	Step         Step
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

// Before tells whether a step comes before another one.
func (a Step) Before(b Step) bool { return slices.Index(Steps, a) < slices.Index(Steps, b) }

// Next is the step after a step.
func (a Step) Next() Step { return Steps[min(slices.Index(Steps, a)+1, len(Steps)-1)] }

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
	Named    string   // the name that was given when the program was started: it wins over what was set
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

// Named tells whether the name was given when the program was started, so that setting it changes nothing.
func (s *Service) Named() bool { return s.o.Named != "" }

// Save keeps new settings. fault.Conflict: somebody else saved others in between.
func (s *Service) Save(ctx context.Context, actor access.Actor, n Settings) (Settings, error) {
	if err := s.o.Policies.May(actor, access.CommunitySet, access.Thing{Kind: access.House}); err != nil {
		return Settings{}, fmt.Errorf("save the community: %w", err)
	}
	saved, _, err := s.save(ctx, actor.ID, n, nil)
	return saved, err
}

// SetUp keeps what one step of the set-up says, with the program that belongs to it, if one does: all of it or
// nothing. Before there is an administrator, whoever has the link does it, and actor is nil. fault.Gone: set-up
// is done; fault.Conflict: somebody else sent this step first, and said something else.
func (s *Service) SetUp(ctx context.Context, actor *access.Actor, n Settings, p *Program) (Settings, error) {
	by := "set-up"
	if actor != nil {
		if err := s.o.Policies.May(*actor, access.CommunitySet, access.Thing{Kind: access.House}); err != nil {
			return Settings{}, fmt.Errorf("set up the community: %w", err)
		}
		by = actor.ID
	}
	now, err := s.read(ctx, s.db)
	if err != nil {
		return Settings{}, fmt.Errorf("set up the community: %w", err)
	}
	if now.Step == StepDone {
		return Settings{}, fault.New(fault.Gone, "Everything is set up already. Please sign in.")
	}
	saved, _, err := s.save(ctx, by, n, p)
	if !fault.Is(err, fault.Conflict) {
		return saved, err
	}
	// The same step, sent twice by a slow network, is no conflict.
	if same, errSame := s.same(ctx, n, p); errSame != nil || !same {
		return Settings{}, errors.Join(err, errSame)
	}
	return s.Settings(), nil
}

// same tells whether what stands is what was to be saved.
func (s *Service) same(ctx context.Context, n Settings, p *Program) (bool, error) {
	if err := s.Load(ctx); err != nil {
		return false, err
	}
	now := s.Settings()
	if err := n.check(); err != nil || now.Step.Before(n.Step) {
		return false, err
	}
	n.Revision, n.Step, n.KeysCopiedAt = now.Revision, now.Step, now.KeysCopiedAt
	if fmt.Sprint(n) != fmt.Sprint(now) {
		return false, nil
	}
	if p == nil {
		return true, nil
	}
	all, err := s.Programs(ctx)
	if err != nil || len(all) == 0 {
		return false, err
	}
	if err := p.check(); err != nil {
		return false, err
	}
	p.ID, p.Revision = all[0].ID, all[0].Revision
	return *p == all[0], nil
}

// changed is what somebody is told who saves over what somebody else saved meanwhile.
func changed() error {
	return fault.New(fault.Conflict, "Somebody changed this in the meantime. Please look at it again.")
}

func (s *Service) save(ctx context.Context, actor string, n Settings, p *Program) (Settings, Program, error) {
	if s.o.Named != "" {
		n.Name = s.o.Named
	}
	if err := n.check(); err != nil {
		return Settings{}, Program{}, err
	}
	if p != nil {
		if err := p.check(); err != nil {
			return Settings{}, Program{}, err
		}
	}
	help, err := json.Marshal(n.Help)
	if err != nil {
		return Settings{}, Program{}, fmt.Errorf("save the community: %w", err)
	}
	copied := int64(0)
	if n.KeysCopied != "" {
		copied = db.Millis(n.KeysCopiedAt)
	}
	var program Program
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		// A name that was given at the start hides the one that was set, and does not replace it.
		rows, err := tx.Exec(ctx, `UPDATE community_settings SET revision = revision + 1, name = CASE WHEN $1 = '' THEN name ELSE $1 END, region = $2, zone = $3,
				languages = $4, help = $5, contact = $6, backup_to = $7, keys_copied = $8, keys_copied_at = $9, step = $10 WHERE id = 1 AND revision = $11`,
			s.toStore(n.Name), n.Region, n.Zone, strings.Join(n.Languages, " "), string(help), n.Contact, n.BackupTo, n.KeysCopied, copied, string(n.Step), n.Revision)
		if err != nil {
			return err
		}
		if rows == 0 {
			return changed()
		}
		if p != nil {
			if program, err = s.saveProgram(ctx, tx, actor, *p); err != nil {
				return err
			}
		}
		return s.tell(ctx, tx, audit.Entry{At: s.o.Now(), Actor: actor, Action: "community.set", Subject: "community", Detail: string(n.Step)})
	})
	if err != nil {
		return Settings{}, Program{}, fmt.Errorf("save the community: %w", err)
	}
	n.Revision++
	s.last.Store(&n)
	return n, program, nil
}

// toStore is the name to write down, "" for the one that is written down already.
func (s *Service) toStore(name string) string {
	if s.o.Named != "" {
		return ""
	}
	return name
}

// tell records a change and lets other processes hear of it.
func (s *Service) tell(ctx context.Context, tx *db.Tx, e audit.Entry) error {
	if s.o.Events != nil {
		if err := s.o.Events.Publish(ctx, tx, Topic); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, e)
}

func (n *Settings) check() error {
	var wrong fault.Fields
	n.Name, n.Region, n.Contact, n.BackupTo = tidy(n.Name), tidy(n.Region), tidy(n.Contact), strings.TrimSpace(n.BackupTo)
	if c := utf8.RuneCountInString(n.Name); c == 0 || c > NameLimit {
		wrong.Add("name", "Please give a name of at most %d letters.", NameLimit)
	}
	for field, words := range map[string]string{"region": n.Region, "contact": n.Contact, "backup_to": n.BackupTo} {
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
	if n.BackupTo != "" && !filepath.IsAbs(n.BackupTo) {
		wrong.Add("backup_to", "Please write the whole path of the folder, beginning with a slash.")
	}
	if len(n.Help) > maxNumbers {
		wrong.Add("help", "Please keep to %d numbers, so that people find the right one.", maxNumbers)
	}
	n.Help = slices.Clone(n.Help)
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
		var copied int64
		if err := scan(&n.Revision, &n.Name, &n.Region, &n.Zone, &languages, &help, &n.Contact, &n.BackupTo, &n.KeysCopied, &copied, &step); err != nil {
			return n, err
		}
		n.Languages, n.Step, n.KeysCopiedAt = strings.Fields(languages), Step(step), db.Time(copied)
		return n, json.Unmarshal([]byte(help), &n.Help)
	}, `SELECT revision, name, region, zone, languages, help, contact, backup_to, keys_copied, keys_copied_at, step FROM community_settings WHERE id = 1`)
	if err != nil && !errors.Is(err, db.ErrNone) {
		return Settings{}, err
	}
	f := s.o.Fallback
	if s.o.Named != "" {
		n.Name = s.o.Named
	}
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

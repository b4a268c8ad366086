package community_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hearth/internal/access"
	"hearth/internal/audit"
	"hearth/internal/civil"
	"hearth/internal/community"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/fault"
)

var (
	admin = access.Actor{ID: "a1", Grants: []access.Grant{{Role: access.Administrator}}}
	peer  = access.Actor{ID: "a2", Grants: []access.Grant{{Role: access.Peer}}}
)

func run(t *testing.T, f func(t *testing.T, d *db.DB, s *community.Service)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) { f(t, d, open(t, d)) }, audit.Migrations, community.Migrations)
}

func open(t *testing.T, d *db.DB) *community.Service {
	t.Helper()
	policies, err := access.Load(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := community.New(community.Options{
		DB: d, Policies: policies, Now: func() time.Time { return time.Date(2026, 5, 19, 3, 0, 0, 0, time.UTC) },
		Fallback: community.Settings{Name: "Hearth", Zone: "UTC", Languages: []string{"en", "es"}},
	})
	if err := s.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSettings(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *community.Service) {
		ctx := t.Context()
		if got := s.Settings(); got.Name != "Hearth" || got.Zone != "UTC" || len(got.Languages) != 2 {
			t.Fatalf("before anything is set: %+v", got)
		}
		n := s.Settings()
		n.Name, n.Region, n.Zone, n.Step = " Erie   Hearth ", "Erie County", "America/New_York", community.StepProgram
		n.Help = []community.Number{{Name: "Warmline", More: "evenings", Call: "(814) 555-0100"}}
		saved, err := s.SetUp(ctx, nil, n, nil)
		if err != nil {
			t.Fatal(err)
		}
		if saved.Name != "Erie Hearth" || saved.Help[0].Call != "8145550100" {
			t.Errorf("saved %+v", saved)
		}
		again := open(t, d).Settings()
		if diff := cmp.Diff(saved, again, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("read by another process: %s", diff)
		}
		if got := s.Today(); got != (civil.Date{Year: 2026, Month: 5, Day: 18}) {
			t.Errorf("today is %s, want the day in New York", got)
		}
		if _, err := s.Save(ctx, admin, n); !fault.Is(err, fault.Conflict) {
			t.Errorf("saving over what somebody else saved: %v", err)
		}
		if _, err := s.Save(ctx, peer, saved); err == nil {
			t.Error("a peer changed the community")
		}
		saved.Step = community.StepDone
		if saved, err = s.Save(ctx, admin, saved); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SetUp(ctx, nil, saved, nil); !fault.Is(err, fault.Gone) {
			t.Errorf("setting up twice: %v", err)
		}
	})
}

func TestSettingsRefuse(t *testing.T) {
	run(t, func(t *testing.T, _ *db.DB, s *community.Service) {
		tests := map[string]func(*community.Settings){
			"name":      func(n *community.Settings) { n.Name = " " },
			"zone":      func(n *community.Settings) { n.Zone = "Mars/Base" },
			"languages": func(n *community.Settings) { n.Languages = []string{"xx"} },
			"region":    func(n *community.Settings) { n.Region = strings.Repeat("x", community.WordsLimit+1) },
			"help0":     func(n *community.Settings) { n.Help = []community.Number{{Name: "Line", Call: "call me"}} },
			"help":      func(n *community.Settings) { n.Help = make([]community.Number, 50) },
		}
		for field, change := range tests {
			n := s.Settings()
			change(&n)
			_, err := s.Save(t.Context(), admin, n)
			if !fault.Is(err, fault.Invalid) || fault.As(err).Fields[0].Name != field {
				t.Errorf("got %v, want it wrong at %s", err, field)
			}
		}
	})
}

func TestPrograms(t *testing.T) {
	run(t, func(t *testing.T, d *db.DB, s *community.Service) {
		ctx := t.Context()
		p := community.Program{Name: "Green House", Kind: community.RecoveryCommunity, Contact: "1 Main Street", Part2: true, AdultAt: 18}
		saved, err := s.SaveProgram(ctx, admin, p)
		if err != nil || saved.ID == "" || saved.Revision != 1 {
			t.Fatal(saved, err)
		}
		open := saved
		open.Part2 = false
		if _, err := s.SaveProgram(ctx, admin, open); !fault.Is(err, fault.Invalid) {
			t.Errorf("Part 2 turned off without a reason: %v", err)
		}
		open.Part2Why = "Decided by the board on 2 May 2026: we neither treat nor refer."
		changed, err := s.SaveProgram(ctx, admin, open)
		if err != nil || changed.Revision != 2 {
			t.Fatal(changed, err)
		}
		if _, err := s.SaveProgram(ctx, admin, saved); !fault.Is(err, fault.Conflict) {
			t.Errorf("saving over what somebody else saved: %v", err)
		}
		found, err := s.Program(ctx, d, saved.ID)
		if diff := cmp.Diff(changed, found); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		all, err := s.Programs(ctx)
		if err != nil || len(all) != 1 {
			t.Errorf("%d programs, %v", len(all), err)
		}
		if _, err := s.Program(ctx, d, "none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("got %v", err)
		}
		minor := p
		minor.AloneAt = 14
		if _, err := s.SaveProgram(ctx, admin, minor); !fault.Is(err, fault.Invalid) {
			t.Errorf("minors alone without a law: %v", err)
		}
	})
}

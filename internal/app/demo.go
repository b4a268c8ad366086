package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"hearth/internal/civil"
	"hearth/internal/community"
	"hearth/internal/config"
	"hearth/internal/demo"
	"hearth/internal/geo"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/text"
)

// demoSeed makes the same town each time.
const demoSeed = 7

// demoName and demoPassword open the desk of a demo; they are printed, and worth nothing elsewhere.
const (
	demoName     = "Sam"
	demoPassword = "a lamp in the window"
)

func (p *program) demo() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Open a community with a made-up town, to look around",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			c, err := p.config()
			if err != nil {
				return err
			}
			if c.DatabaseURL != "" {
				return errors.New("a demo never goes into a database that somebody may use; leave out --database-url")
			}
			if !c.Given("data") {
				if c.Data, err = os.MkdirTemp("", "hearth-demo-"); err != nil {
					return err
				}
				defer func() { err = errors.Join(err, os.RemoveAll(c.Data)) }()
			}
			if !c.Given("addr") {
				c.Addr = freeAddr(c.Addr)
				if !c.Given("base-url") {
					_, port, err := net.SplitHostPort(c.Addr)
					if err != nil {
						return err
					}
					c.BaseURL = "http://localhost:" + port // passkeys belong to a name
				}
			}
			if !c.Given("log-level") {
				c.LogLevel = 4 // slog.LevelWarn: the address should not scroll away
			}
			fmt.Fprintln(p.out.Stdout, "Building a made-up town …")
			h, err := OpenDemo(cmd.Context(), c, p.out)
			if err != nil {
				return err
			}
			out := p.out
			out.Listening = func(addr string) {
				base := h.Config.BaseURL
				if strings.HasSuffix(base, ":0") { // any port
					base = "http://" + addr
				}
				fmt.Fprintf(p.out.Stdout, "%s is open at %s\nThe desk: %s/signin as %q with the password %q\nEverything in it is invented. Stop it with Ctrl-C.\n", h.Config.Community, base, base, demoName, demoPassword)
				if p.out.Listening != nil {
					p.out.Listening(addr)
				}
			}
			return errors.Join(h.Serve(cmd.Context(), out), h.Close())
		},
	}
}

// freeAddr is addr, or one with a free port when somebody listens there already.
func freeAddr(addr string) string {
	for _, a := range []string{addr, "127.0.0.1:0"} {
		if l, err := net.Listen("tcp", a); err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	return addr
}

// OpenDemo opens a house with the made-up town in it. The data folder must be new or a demo's.
func OpenDemo(ctx context.Context, c config.Config, out Outside) (*House, error) {
	marker := filepath.Join(c.Data, "this-is-a-demo")
	_, notDemo := os.Stat(marker)
	if _, err := os.Stat(c.DatabasePath()); err == nil && notDemo != nil {
		return nil, fmt.Errorf("%s holds a community already; a demo needs a folder of its own", c.Data)
	}
	now := time.Now
	if out.Now != nil {
		now = out.Now
	}
	town := demo.Make(demoSeed, now())
	c.Community = town.Name
	if notDemo != nil {
		if err := seedDemo(ctx, c, out, town, now()); err != nil {
			return nil, errors.Join(fmt.Errorf("build the town: %w", err), os.Remove(c.DatabasePath()))
		}
		if err := os.WriteFile(marker, []byte("Made by hearth demo. Everything here is invented.\n"), 0o600); err != nil {
			return nil, err
		}
	}
	h, err := Open(ctx, c, out)
	if err != nil {
		return nil, err
	}
	h.Places = townPlaces{towns: town.Places, others: h.Places}
	return h, nil
}

// seedDemo fills an empty house through the same doors that feeds and people use, with a clock that walks
// through the past year.
func seedDemo(ctx context.Context, c config.Config, out Outside, town demo.Town, now time.Time) (err error) {
	var clock atomic.Int64
	clock.Store(now.Add(-400 * 24 * time.Hour).UnixMilli())
	out.Stderr, out.Now = io.Discard, func() time.Time { return time.UnixMilli(clock.Load()) }
	h, err := Open(ctx, c, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.DB.Close()) }()
	if err := h.Accounts.CreateAdministrator(ctx, demoName, demoPassword); err != nil {
		return err
	}
	if err := h.setUpDemo(ctx, town); err != nil {
		return fmt.Errorf("set it up: %w", err)
	}
	ids := map[string]string{} // fellowship and slug → meeting
	for _, f := range town.Feeds {
		file := filepath.Join(c.Data, f.Fellowship+".json")
		if err := os.WriteFile(file, f.Payload, 0o600); err != nil {
			return err
		}
		if _, err := h.Meetings.AddFeed(ctx, commandLine, meeting.Feed{Name: f.Name, Format: meeting.FormatMeetingGuide, Fellowship: f.Fellowship, Zone: town.Zone, File: file}); err != nil {
			return err
		}
		if _, err := h.Meetings.SyncFeed(ctx, f.Name, meeting.SyncOptions{}); err != nil {
			return err
		}
	}
	if err := h.Meetings.Start(ctx); err != nil {
		return err
	}
	for _, hit := range h.Meetings.Directory().Find(meeting.Any(), h.Now()).Hits {
		ids[hit.Fellowship+"/"+hit.SourceID] = hit.ID
	}
	h.Meetings.Stop()
	if err := h.tellVisits(ctx, town, ids, now, &clock); err != nil {
		return err
	}
	clock.Store(now.UnixMilli())
	for _, f := range town.Feeds { // the lists were read again today
		if _, err := h.Meetings.SyncFeed(ctx, f.Name, meeting.SyncOptions{}); err != nil {
			return err
		}
	}
	return nil // the night's work, which begins with the server, fits the parameters
}

// setUpDemo says what a first start would ask for.
func (h *House) setUpDemo(ctx context.Context, town demo.Town) error {
	n := h.Community.Settings()
	n.Name, n.Region, n.Zone, n.Languages = town.Name, "Millbrook", town.Zone, []string{"en", "es"}
	n.Contact, n.Step = "hello@millbrook.example", community.StepDone
	n.Help = []community.Number{
		{Name: "Millbrook warm line", More: "Peers who have been there, every day from 17:00 to 23:00", Call: "5550100199", Text: "5550100199"},
		{Name: "Millbrook Crisis Center", More: "At any hour, also in Spanish", Call: "5550100142"},
	}
	_, err := h.Community.SetUp(ctx, nil, n, &community.Program{
		Name: town.Name + " Peer Program", Kind: community.RecoveryCommunity, Address: "12 Mill Street, Millbrook", Contact: "hello@millbrook.example, or by post to 12 Mill Street, Millbrook",
		Part2: true, AdultAt: 18,
	})
	return err
}

// demoWaiting is how many reports are left for the reader to decide on at the desk.
const demoWaiting = 3

// tellVisits takes over the visits of the past year and the groups' own words. The last few come by the
// page, without its proof of work, and wait for an editor.
func (h *House) tellVisits(ctx context.Context, town demo.Town, ids map[string]string, now time.Time, clock *atomic.Int64) error {
	var gathered []meeting.GatheredVisit
	for _, v := range town.Visits {
		at := now.Add(-v.Ago)
		report := meeting.VisitReport{MeetingID: ids[v.Fellowship+"/"+v.Slug], Month: at.Format("2006-01"), Answers: v.Answers, Note: v.Note}
		for _, m := range []struct {
			said bool
			what welcome.Happenings
		}{{v.Warm, welcome.Welcomed}, {v.Remark, welcome.NegativeRemark}, {v.Pressed, welcome.ToldToStop}} {
			if m.said {
				report.Happened |= m.what
			}
		}
		gathered = append(gathered, meeting.GatheredVisit{VisitReport: report, At: at})
	}
	clock.Store(now.UnixMilli())
	waiting := gathered[len(gathered)-demoWaiting:]
	if err := h.Meetings.ImportVisits(ctx, demoName, gathered[:len(gathered)-demoWaiting]); err != nil {
		return err
	}
	for i, v := range waiting {
		network := netip.AddrFrom4([4]byte{198, 18, 0, byte(i)}).String() // set aside for benchmarks, nobody's
		if _, err := h.Meetings.ReportVisit(ctx, v.VisitReport, meeting.Submission{Network: network}); err != nil {
			return fmt.Errorf("report a visit: %w", err)
		}
	}
	for _, w := range town.Words {
		at := now.Add(-w.Ago)
		clock.Store(at.UnixMilli())
		if _, err := h.Meetings.AddStatement(ctx, demoName, meeting.Statement{MeetingID: ids[w.Fellowship+"/"+w.Slug], Voice: welcome.Conscience, Speaker: w.By, On: civil.DateOf(at), Answers: w.Answers, Words: w.Text}); err != nil {
			return fmt.Errorf("word of %s: %w", w.Slug, err)
		}
	}
	clock.Store(now.UnixMilli())
	return nil
}

// townPlaces knows the made-up town beside the real world.
type townPlaces struct {
	towns  []geo.Place
	others meeting.Places
}

// Lookup finds the town's places by name or ZIP code, and everything else in the world.
func (t townPlaces) Lookup(query string) []geo.Place {
	q := text.Fold(query)
	for _, p := range t.towns {
		if q == text.Fold(p.Name) || q == p.PostalCode || q == text.Fold(p.Name+", "+p.State) || q == text.Fold(p.Name+" "+p.State) {
			found := p
			if q != p.PostalCode {
				found.PostalCode = ""
			}
			return append([]geo.Place{found}, slices.Clone(t.others.Lookup(query))...)
		}
	}
	return t.others.Lookup(query)
}

// Similar knows the real world only: the made-up town is small enough to be typed again.
func (t townPlaces) Similar(query string) []geo.Place { return t.others.Similar(query) }

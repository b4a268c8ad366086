package app

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	pages "hearth/internal/web/meeting"
	"hearth/internal/web/ui"
)

// findFlags are the flags of find that become parameters of the same name, as on the page and in the API.
var findFlags = []struct{ name, usage string }{
	{"near", "LAT,LNG"},
	{"within", "distance, such as 10mi or 15km"},
	{"day", "mon, tue … or several: mon,wed"},
	{"from", "earliest start, HH:MM"},
	{"until", "latest start, HH:MM"},
	{"attendance", "in_person, online or hybrid; several with commas"},
	{"fellowship", "code; several with commas"},
	{"kind", "twelve_step, dedicated, secular, parallel or family"},
	{"type", "code of a meeting type; several with commas"},
	{"language", "language of the meeting, such as es"},
	{"need", "women, lgbtq, young_people, child_care, wheelchair, proof …"},
	{"may", "speak,lead,serve,count: rights whose answer is yes"},
	{"answer", "with --may: yes, depends, no or unknown instead of yes"},
	{"unplaced", "yes: only those whose list does not say exactly where they are"},
	{"when", "now or tonight"},
	{"text", "words in name, place or group"},
	{"limit", "at most so many (default: all as JSON, 20 in words)"},
}

func (p *program) find() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "find [PLACE]",
		Short: "Find meetings, as on the page",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			v := url.Values{}
			if len(args) > 0 {
				v.Set("place", strings.Join(args, " "))
			}
			for _, f := range findFlags {
				if fl := cmd.Flags().Lookup(f.name); fl.Changed {
					v.Set(f.name, fl.Value.String())
				}
			}
			if !asJSON && !v.Has("limit") {
				v.Set("limit", "20")
			}
			if err := h.Meetings.Start(cmd.Context()); err != nil {
				return err
			}
			defer h.Meetings.Stop()
			dir := h.Meetings.Directory()
			filter, err := dir.ParseFilter(v, h.Places)
			if err != nil {
				return err
			}
			if asJSON {
				_, err := p.out.Stdout.Write(append(dir.AppendFind(nil, filter, h.Now()), '\n'))
				return err
			}
			printFound(p, filter, dir.Find(filter, h.Now()))
			printElsewhere(p, dir, filter, h)
			return nil
		},
	}
	for _, f := range findFlags {
		cmd.Flags().String(f.name, "", f.usage)
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, as /api/v1/meetings does")
	return cmd
}

// printFound says what was understood, and lists what was found: each meeting by its own clock and zone.
func printFound(p *program, f meeting.Filter, found meeting.Found) {
	w := p.out.Stdout
	t := ui.Language("en")
	fmt.Fprint(w, t.S("%d meetings", found.Total))
	if what := pages.FilterWords(t, f); len(what) > 0 {
		fmt.Fprint(w, ": ", strings.Join(what, "; "))
	}
	fmt.Fprintln(w)
	for _, hit := range found.Hits {
		when := "by appointment"
		if hit.Day >= 0 {
			when = hit.Day.Weekday().String()[:3] + " " + hit.Start.String()
			if !hit.Date.IsZero() {
				when += " " + hit.Zone
			}
		}
		where := hit.Location
		if where == "" {
			where = hit.Address
		}
		if hit.Attendance == meeting.Online {
			where = "online"
		}
		if hit.Miles >= 0 {
			where += fmt.Sprintf(", %.1f mi", hit.Miles)
		}
		fmt.Fprintf(w, "%s  %s (%s)\n    %s\n    you may speak: %s; your time counts: %s\n", when, hit.Name, meeting.FellowshipByCode(hit.Fellowship).Name, where,
			answerIn(t, hit.Welcome[welcome.Speak].Answer), answerIn(t, hit.Welcome[welcome.TimeCounts].Answer))
	}
	if rest := found.Total - len(found.Hits); rest > 0 {
		fmt.Fprintf(w, "… and %d more; see them with --limit %d\n", rest, found.Total)
	}
}

func answerIn(t ui.T, a welcome.Answer) string {
	return t.S([...]string{welcome.Unknown: "not known yet", welcome.No: "no", welcome.Depends: "it depends", welcome.Yes: "yes"}[a])
}

// printElsewhere says what else the place could mean, and which of its meetings have no exact place.
func printElsewhere(p *program, dir *meeting.Directory, f meeting.Filter, h *House) {
	if f.Near == nil || f.Near.Query == "" || f.WithinMiles == 0 {
		return
	}
	w := p.out.Stdout
	named := h.Places.Lookup(f.Near.Query)
	var others []string
	for _, other := range named {
		if label := meeting.PlaceLabel(other, "en"); label != f.Near.Label && !slices.Contains(others, label) && len(others) < 4 {
			others = append(others, label)
		}
	}
	if len(others) > 0 {
		fmt.Fprintf(w, "Did you mean %s?\n", strings.Join(others, " · "))
	}
	if len(named) == 0 || named[0].PostalCode != "" {
		return
	}
	g := meeting.UnplacedIn(f, named[0])
	if n := dir.Count(g, h.Now()); n > 0 {
		fmt.Fprintf(w, "%d with “%s” in their words, whose list does not say exactly where they are: --text %q --unplaced yes\n", n, named[0].Name, g.Text)
	}
}

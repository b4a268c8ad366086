package app

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
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
			filter, err := meeting.ParseFilter(v, h.Places)
			if err != nil {
				return err
			}
			if err := h.Meetings.Start(cmd.Context()); err != nil {
				return err
			}
			defer h.Meetings.Stop()
			dir := h.Meetings.Directory()
			if asJSON {
				_, err := p.out.Stdout.Write(append(dir.AppendFind(nil, filter, h.Now()), '\n'))
				return err
			}
			printFound(p, dir.Find(filter, h.Now()))
			return nil
		},
	}
	for _, f := range findFlags {
		cmd.Flags().String(f.name, "", f.usage)
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, as /api/v1/meetings does")
	return cmd
}

func printFound(p *program, found meeting.Found) {
	w := p.out.Stdout
	fmt.Fprintf(w, "%d meetings\n", found.Total)
	for _, hit := range found.Hits {
		when := "by appointment"
		if hit.Day >= 0 {
			when = hit.Day.Weekday().String()[:3] + " " + hit.Start.String()
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
		fmt.Fprintf(w, "%-9s  %s (%s)\n           %s\n           speak: %s  time counts: %s\n", when, hit.Name, hit.Fellowship, where,
			hit.Welcome[welcome.Speak].Answer, hit.Welcome[welcome.TimeCounts].Answer)
	}
	if rest := found.Total - len(found.Hits); rest > 0 {
		fmt.Fprintf(w, "… and %d more; see them with --limit %d\n", rest, found.Total)
	}
}

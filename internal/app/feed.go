package app

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hearth/internal/meeting"
)

// commandLine is the actor of what is done in a terminal, in the audit record.
const commandLine = "command line"

func (p *program) feed() *cobra.Command {
	cmd := &cobra.Command{Use: "feed", Short: "Lists of meetings kept by others"}
	cmd.AddCommand(p.feedAdd(), p.feedSync(), p.feedList(), p.feedSet(), p.feedRefuse(), p.feedRemove())
	return cmd
}

func (p *program) feedAdd() *cobra.Command {
	var f meeting.Feed
	var format string
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a feed",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			f.Name, f.Format = args[0], meeting.Format(format)
			if f.File != "" { // the server may run in another folder
				if f.File, err = filepath.Abs(f.File); err != nil {
					return err
				}
			}
			added, err := h.Meetings.AddFeed(cmd.Context(), commandLine, f)
			if err != nil {
				return err
			}
			fmt.Fprintf(p.out.Stdout, "Added %s. Bring its meetings in with: hearth feed sync %s\n", added.Name, quoted(added.Name))
			if warning := added.Warning(); warning != "" {
				fmt.Fprintln(p.out.Stdout, warning)
			}
			return nil
		},
	}
	names := make([]string, len(meeting.Formats))
	for i, n := range meeting.Formats {
		names[i] = string(n)
	}
	cmd.Flags().StringVar(&format, "format", "", strings.Join(names, "|"))
	cmd.Flags().StringVar(&f.Fellowship, "fellowship", "", "code of the fellowship, such as aa, na or mara")
	cmd.Flags().StringVar(&f.Zone, "zone", "", "IANA zone of meetings that name none, such as America/New_York")
	cmd.Flags().StringVar(&f.URL, "url", "", "address to fetch")
	cmd.Flags().StringVar(&f.File, "file", "", "file to read")
	cmd.Flags().DurationVar(&f.Every, "every", 0, "how often to sync by itself, such as 12h (default: only when asked)")
	cmd.MarkFlagsMutuallyExclusive("url", "file")
	return cmd
}

func (p *program) feedSync() *cobra.Command {
	var asJSON, accept bool
	cmd := &cobra.Command{
		Use:   "sync [NAME]",
		Short: "Fetch a feed, or all of them, and say what changed",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			names := args
			if len(names) == 0 {
				feeds, err := h.Meetings.Feeds(cmd.Context())
				if err != nil {
					return err
				}
				for _, f := range feeds {
					names = append(names, f.Name)
				}
				if len(names) == 0 {
					return errors.New("there is no feed yet; add one with: hearth feed add")
				}
			}
			var problems []error
			reports := []*meeting.Sync{}
			for _, name := range names {
				o := meeting.SyncOptions{AcceptShrink: accept}
				if !asJSON {
					o.Progress = func(s string) { fmt.Fprintf(p.out.Stderr, "%s: %s\n", name, s) }
				}
				report, err := h.Meetings.SyncFeed(cmd.Context(), name, o)
				if err != nil {
					problems = append(problems, fmt.Errorf("%s: %w", name, err))
				}
				if report == nil {
					continue
				}
				if report.State == meeting.SyncHeld {
					problems = append(problems, fmt.Errorf("%s was kept back and nothing was changed: look at it, then: hearth feed sync %s --accept-shrink, or: hearth feed refuse %s", name, quoted(name), quoted(name)))
				}
				if asJSON {
					reports = append(reports, report)
				} else {
					printSync(p, report)
				}
			}
			if asJSON {
				e := json.NewEncoder(p.out.Stdout)
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				if len(args) == 1 && len(reports) == 1 {
					err = e.Encode(reports[0])
				} else if len(args) == 0 {
					err = e.Encode(reports)
				}
				problems = append(problems, err)
			}
			return errors.Join(problems...)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON (one object for NAME, a list for all)")
	cmd.Flags().BoolVar(&accept, "accept-shrink", false, "apply it even if the feed has lost more than half of its meetings")
	return cmd
}

// printSync says in words what a sync did: at most twenty lines of each kind.
func printSync(p *program, s *meeting.Sync) {
	w := p.out.Stdout
	if s.State == meeting.SyncFailed { // why stands in the error; numbers would read like a success
		fmt.Fprintf(w, "%s: nothing was changed\n", s.Feed)
		return
	}
	fmt.Fprintf(w, "%s: %d rows, %d meetings; %d added, %d changed, %d unchanged, %d gone", s.Feed, s.Rows, s.Occurrences, s.Added, s.Changed, s.Unchanged, s.Gone)
	if s.State == meeting.SyncHeld {
		fmt.Fprint(w, ". KEPT BACK: ", s.Error)
	}
	fmt.Fprintln(w)
	const most = 20
	for i, c := range s.Changes {
		if i == most {
			fmt.Fprintf(w, "  … and %d more changes\n", len(s.Changes)-most)
			break
		}
		fmt.Fprintf(w, "  %s (%s): %s was %q, is %q\n", c.Name, c.SourceID, c.Field, c.From, c.To)
	}
	for _, group := range []struct {
		word   string
		issues []meeting.RowIssue
	}{{"skipped", s.Skipped}, {"warning", s.Warnings}} {
		for i, r := range group.issues {
			if i == most {
				fmt.Fprintf(w, "  … and %d more like these\n", len(group.issues)-most)
				break
			}
			if r.Row == 0 { // of the feed as a whole
				fmt.Fprintf(w, "  %s: %s\n", group.word, r.Reason)
				continue
			}
			fmt.Fprintf(w, "  %s row %d: %s\n", group.word, r.Row, r.Reason)
		}
	}
}

func (p *program) feedList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the feeds",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			feeds, err := h.Meetings.Feeds(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return printFeedsJSON(p, feeds)
			}
			w := tabwriter.NewWriter(p.out.Stdout, 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tFORMAT\tFELLOWSHIP\tMEETINGS\tLAST GOOD SYNC\tFROM")
			for _, f := range feeds {
				last, note := "never", ""
				if !f.LastGoodAt.IsZero() {
					last = f.LastGoodAt.UTC().Format("2006-01-02 15:04") + " UTC"
				}
				if f.Held {
					note = "  (KEPT BACK, needs a person)"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s%s%s\n", f.Name, f.Format, f.Fellowship, f.Active, last, f.URL, f.File, note)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func printFeedsJSON(p *program, feeds []meeting.Feed) error {
	type row struct {
		Name       string  `json:"name"`
		Format     string  `json:"format"`
		Fellowship string  `json:"fellowship"`
		Zone       string  `json:"zone"`
		URL        string  `json:"url,omitempty"`
		File       string  `json:"file,omitempty"`
		Every      string  `json:"every,omitempty"`
		Meetings   int     `json:"meetings"`
		LastGoodAt *string `json:"last_good_at"`
		Held       bool    `json:"held"`
	}
	out := []row{}
	for _, f := range feeds {
		r := row{Name: f.Name, Format: string(f.Format), Fellowship: f.Fellowship, Zone: f.Zone, URL: f.URL, File: f.File, Meetings: f.Active, Held: f.Held}
		if f.Every > 0 {
			r.Every = f.Every.String()
		}
		if !f.LastGoodAt.IsZero() {
			s := f.LastGoodAt.UTC().Format(time.RFC3339)
			r.LastGoodAt = &s
		}
		out = append(out, r)
	}
	e := json.NewEncoder(p.out.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func (p *program) feedRemove() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a feed and the meetings that only it had; what people told about them is kept",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			f, err := h.Meetings.FeedByName(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if !yes {
				fmt.Fprintf(p.out.Stderr, "Remove %s with its %d meetings? Visit reports are kept. [y/N] ", f.Name, f.Active)
				line, _ := bufio.NewReader(p.out.Stdin).ReadString('\n') // no answer is a no
				if a := strings.ToLower(strings.TrimSpace(line)); a != "y" && a != "yes" {
					return errors.New("nothing was removed")
				}
			}
			if err := h.Meetings.RemoveFeed(cmd.Context(), commandLine, f.Name); err != nil {
				return err
			}
			fmt.Fprintf(p.out.Stdout, "Removed %s.\n", f.Name)
			return nil
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func quoted(name string) string {
	if strings.ContainsAny(name, " '\"$\\") {
		return fmt.Sprintf("%q", name)
	}
	return name
}

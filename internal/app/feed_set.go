package app

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"hearth/internal/meeting"
)

func (p *program) feedSet() *cobra.Command {
	var format, fellowship, zone, url, file string
	var every time.Duration
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Change how a feed is read; its meetings and what people told about them stay",
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
			version := f.Version()
			given := cmd.Flags().Changed
			if given("format") {
				f.Format = meeting.Format(format)
			}
			if given("fellowship") {
				f.Fellowship = fellowship
			}
			if given("zone") {
				f.Zone = zone
			}
			if given("every") {
				f.Every = every
			}
			switch {
			case given("url"):
				f.URL, f.File = url, ""
			case given("file"):
				if f.URL, f.File = "", file; file != "" {
					if f.File, err = filepath.Abs(file); err != nil {
						return err
					}
				}
			}
			if _, err := h.Meetings.SetFeed(cmd.Context(), commandLine, version, f); err != nil {
				return err
			}
			fmt.Fprintf(p.out.Stdout, "Set %s. Read it by its new settings with: hearth feed sync %s\n", f.Name, quoted(f.Name))
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "meetingguide, tsml, bmlt, csv or hsds")
	cmd.Flags().StringVar(&fellowship, "fellowship", "", "code of the fellowship, such as aa, na or mara")
	cmd.Flags().StringVar(&zone, "zone", "", "IANA zone of meetings that name none, such as America/New_York; empty for a worldwide list")
	cmd.Flags().StringVar(&url, "url", "", "address to fetch")
	cmd.Flags().StringVar(&file, "file", "", "file to read")
	cmd.Flags().DurationVar(&every, "every", 0, "how often to sync by itself, such as 12h; 0 for only when asked")
	cmd.MarkFlagsMutuallyExclusive("url", "file")
	cmd.MarkFlagsOneRequired("format", "fellowship", "zone", "url", "file", "every")
	return cmd
}

func (p *program) feedRefuse() *cobra.Command {
	return &cobra.Command{
		Use:   "refuse NAME",
		Short: "Drop what was kept back of a feed; its old meetings stay",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			if err := h.Meetings.RefuseHeld(cmd.Context(), commandLine, args[0]); err != nil {
				return err
			}
			fmt.Fprintf(p.out.Stdout, "Refused what was kept back of %s. Its meetings stand as they were.\n", args[0])
			return nil
		},
	}
}

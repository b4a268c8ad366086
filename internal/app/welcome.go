package app

import (
	"io"

	"github.com/spf13/cobra"
)

func (p *program) welcome() *cobra.Command {
	cmd := &cobra.Command{Use: "welcome", Short: "What is known about the welcome of a meeting"}
	explain := &cobra.Command{
		Use:   "explain MEETING",
		Short: "Show every step of a meeting's welcome card; MEETING is its id or its address",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			e, err := h.Meetings.Explain(cmd.Context(), lastSegment(args[0]))
			if err != nil {
				return err
			}
			_, err = io.WriteString(p.out.Stdout, e.Text())
			return err
		},
	}
	cmd.AddCommand(explain)
	return cmd
}

// lastSegment lets a person paste the address of a meeting's page where its id is asked for.
func lastSegment(s string) string {
	for len(s) > 0 && s[len(s)-1] == '/' {
		s = s[:len(s)-1]
	}
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '/' {
			return s[i+1:]
		}
	}
	return s
}

package app

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/civil"
	"hearth/internal/fault"
)

// adminRoles shows somebody's roles, gives one, or ends one.
func (p *program) adminRoles() *cobra.Command {
	var give, end, program, group, from, until string
	cmd := &cobra.Command{
		Use:   "roles NAME",
		Short: "Show what somebody may do; give them a role, or end one",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			h, err := p.open(ctx)
			if err != nil {
				return err
			}
			defer h.DB.Close()
			a, err := h.Accounts.Find(ctx, args[0])
			if err != nil {
				return err
			}
			if give != "" {
				g := access.Grant{Role: access.Role(give), Program: program, Group: group}
				for _, d := range []struct {
					text string
					to   *civil.Date
				}{{from, &g.From}, {until, &g.Until}} {
					if d.text == "" {
						continue
					}
					if *d.to, err = civil.ParseDate(d.text); err != nil {
						return err
					}
				}
				if err := h.Accounts.GrantAs(ctx, commandLine, a.ID, g); err != nil {
					return err
				}
			}
			if end != "" {
				if err := endRole(ctx, h, a, access.Role(end), program, group); err != nil {
					return err
				}
			}
			if a, err = h.Accounts.Find(ctx, args[0]); err != nil {
				return err
			}
			w := tabwriter.NewWriter(p.out.Stdout, 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "ROLE\tPROGRAM\tGROUP\tFROM\tUNTIL\tIN FORCE")
			for _, g := range a.Grants {
				state := "no"
				if g.InForce(h.Accounts.Today()) {
					state = "yes"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", g.Role, orDash(g.Program), orDash(g.Group), dateOrDash(g.From), dateOrDash(g.Until), state)
			}
			return w.Flush()
		},
	}
	f := cmd.Flags()
	f.StringVar(&give, "give", "", "a role: participant, host, peer, supervisor, evaluator, editor, dispatcher, administrator or privacy_officer")
	f.StringVar(&end, "end", "", "a role that ends today")
	f.StringVar(&program, "program", "", "the program that the role is for; all of them without it")
	f.StringVar(&group, "group", "", "the group that the role is for; all of them without it")
	f.StringVar(&from, "from", "", "first day, YYYY-MM-DD")
	f.StringVar(&until, "until", "", "last day, YYYY-MM-DD")
	return cmd
}

func endRole(ctx context.Context, h *House, a account.Account, role access.Role, program, group string) error {
	for _, g := range a.Grants {
		if g.Role == role && g.Program == program && g.Group == group && g.InForce(h.Accounts.Today()) {
			return h.Accounts.EndGrantAs(ctx, commandLine, a.ID, g.ID)
		}
	}
	return fault.New(fault.NotFound, "There is no such role.")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func dateOrDash(d civil.Date) string {
	if d.IsZero() {
		return "-"
	}
	return d.String()
}

// adminLink prints a link by which somebody who lost every way in gets a new one. It is made at the machine,
// so that nobody with a role in the house can come into another's account.
func (p *program) adminLink() *cobra.Command {
	return &cobra.Command{
		Use:   "link NAME",
		Short: "Print a link, good once and for three days, by which somebody gets back into their account",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			a, err := h.Accounts.Find(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			token, _, err := h.Accounts.InviteAs(cmd.Context(), commandLine, account.Invitation{Account: a.ID})
			if err != nil {
				return err
			}
			fmt.Fprintf(p.out.Stdout, "Give this to %s and to nobody else:\n%s/invite/%s\n", a.Name, h.Config.BaseURL, token)
			return nil
		},
	}
}

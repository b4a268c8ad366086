package app

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"hearth/internal/access"
	"hearth/internal/account"
)

func (p *program) admin() *cobra.Command {
	cmd := &cobra.Command{Use: "admin", Short: "People who look after this community"}
	cmd.AddCommand(
		p.adminSetUp(), p.adminCreate(), p.adminList(), p.adminRoles(), p.adminLink(),
		p.adminChange("passwd", "Give somebody a new password, read from the terminal; their sessions end", "%s has a new password.\n", func(ctx context.Context, h *House, a account.Account) error {
			password, err := p.password(ctx, a.Name)
			if err != nil {
				return err
			}
			return h.Accounts.SetPassword(ctx, commandLine, a.ID, password)
		}),
		p.adminChange("disable", "Let somebody sign in no more; their sessions end", "%s can no longer sign in.\n", func(ctx context.Context, h *House, a account.Account) error {
			return h.Accounts.Disable(ctx, commandLine, a.ID)
		}),
		p.adminChange("enable", "Let somebody sign in again", "%s can sign in again.\n", func(ctx context.Context, h *House, a account.Account) error {
			return h.Accounts.Enable(ctx, commandLine, a.ID)
		}),
	)
	return cmd
}

func (p *program) adminCreate() *cobra.Command {
	var editor bool
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make an administrator, or an editor; the password is read from the terminal",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			password, err := p.password(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			role, what := access.Administrator, "an administrator"
			if editor {
				role, what = access.Editor, "an editor"
			}
			a, err := h.Accounts.Create(cmd.Context(), commandLine, account.NewAccount{Name: args[0], Password: password, Grants: []access.Grant{{Role: role}}})
			if err != nil {
				return err
			}
			fmt.Fprintf(p.out.Stdout, "%s is now %s. Sign in at %s/signin\n", a.Name, what, h.Config.BaseURL)
			return nil
		},
	}
	cmd.Flags().BoolVar(&editor, "editor", false, "an editor: decides on reports and meetings, but not on feeds")
	return cmd
}

func (p *program) adminList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Show who may sign in",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			all, err := h.Accounts.Accounts(cmd.Context())
			if err != nil {
				return err
			}
			if len(all) == 0 {
				fmt.Fprintln(p.out.Stdout, "Nobody can sign in yet. The link to begin with: hearth admin setup")
				return nil
			}
			w := tabwriter.NewWriter(p.out.Stdout, 0, 4, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tROLE\tSTATE\tSINCE\tSIGNS IN AS")
			for _, a := range all {
				state := "active"
				if a.Disabled {
					state = "disabled"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.Name, strings.Join(a.Roles(), ", "), state, a.CreatedAt.Format("2006-01-02"), a.SignIn)
			}
			return w.Flush()
		},
	}
}

// adminChange is a command that does one thing to the account that signs in by a name.
func (p *program) adminChange(verb, short, done string, change func(context.Context, *House, account.Account) error) *cobra.Command {
	return &cobra.Command{
		Use:   verb + " NAME",
		Short: short,
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
			if err := change(cmd.Context(), h, a); err != nil {
				return err
			}
			fmt.Fprintf(p.out.Stdout, done, a.Name)
			return nil
		},
	}
}

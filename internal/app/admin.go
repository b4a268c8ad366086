package app

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func (p *program) admin() *cobra.Command {
	cmd := &cobra.Command{Use: "admin", Short: "People who look after this community"}
	create := &cobra.Command{
		Use:   "create NAME",
		Short: "Make an administrator; the password is read from the terminal",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			fmt.Fprintf(p.out.Stderr, "Password for %s (at least 12 characters): ", args[0])
			line, err := bufio.NewReader(p.out.Stdin).ReadString('\n')
			if err != nil && line == "" {
				return errors.New("no password was given")
			}
			if err := h.Accounts.CreateAdministrator(cmd.Context(), args[0], strings.TrimRight(line, "\r\n")); err != nil {
				return err
			}
			fmt.Fprintf(p.out.Stdout, "%s is now an administrator. Sign in at %s/signin\n", args[0], h.Config.BaseURL)
			return nil
		},
	}
	cmd.AddCommand(create)
	return cmd
}

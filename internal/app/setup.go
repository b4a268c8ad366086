package app

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"hearth/internal/doctor"
	"hearth/internal/web"
)

// setup is what the pages of the set-up need from this machine.
func (h *House) setup() web.Setup {
	return web.Setup{KeyFile: h.keyFile(), KeyMark: func() string { return h.Vault.Keys().Mark() }, Folder: doctor.Folder, ZoneOf: h.zoneOf, Examine: h.Examine}
}

// keyFile says where the keys are.
func (h *House) keyFile() string {
	where, err := whereKeys(h.Config)
	if err != nil { // then the house would not have opened
		return h.Config.Keys
	}
	return where.String()
}

// zoneOf is the time zone of a place as people write it, "" where it is not sure.
func (h *House) zoneOf(region string) string {
	region = strings.ReplaceAll(region, " County", "")
	for _, p := range h.Places.Lookup(region) {
		if p.Zone != "" {
			return p.Zone
		}
	}
	return ""
}

// SetUpLink makes the one-time link of a first start, "" when somebody can sign in already. The link before it
// opens nothing any more.
func (h *House) SetUpLink(ctx context.Context) (string, error) {
	token, err := h.Accounts.SetupToken(ctx)
	if token == "" || err != nil {
		return "", err
	}
	return h.Config.BaseURL + "/setup/" + token, nil
}

// inviteToSetUp prints the link. It goes to the terminal and never into the log.
func (h *House) inviteToSetUp(ctx context.Context, w io.Writer) error {
	link, err := h.SetUpLink(ctx)
	if link == "" || err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\nNobody can sign in here yet. Open this link in a browser to set everything up:\n\n    %s\n\n"+
		"It is good for three days, and for one person: whoever has it becomes the administrator.\n\n", link)
	return err
}

// adminSetUp prints the link again, for whoever has lost it.
func (p *program) adminSetUp() *cobra.Command {
	return &cobra.Command{
		Use:   "setup",
		Short: "Print a link for the first administrator; the link before it stops working",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			link, err := h.SetUpLink(cmd.Context())
			if err != nil {
				return err
			}
			if link == "" {
				link = "Somebody can sign in already. To let them in again: hearth admin link NAME"
			}
			fmt.Fprintln(p.out.Stdout, link)
			return nil
		},
	}
}

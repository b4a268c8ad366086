package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/job"
)

// checkpoint is the periodic job that signs the audit record.
type checkpoint struct{}

// Kind names the job.
func (checkpoint) Kind() string { return "audit.checkpoint" }

// signRecord lets the record be signed every hour. The checkpoint goes to the log as well: where logs are kept
// elsewhere, so are checkpoints.
func (h *House) signRecord() {
	job.Handle(h.Jobs, func(ctx context.Context, _ checkpoint) error {
		c, err := h.sign(ctx)
		if err != nil {
			h.Log.Error("the audit record was not signed", "problem", err)
			return err
		}
		h.Log.Info("signed the audit record", "checkpoint", c.Note)
		return nil
	})
	h.Jobs.Every(checkpoint{}.Kind(), time.Hour, func(time.Time) job.Args { return checkpoint{} })
}

func (h *House) sign(ctx context.Context) (c audit.Checkpoint, err error) {
	signer, err := h.Vault.Keys().Signer()
	if err != nil {
		return c, err
	}
	verifier, err := note.NewVerifier(h.Vault.Keys().VerifierKey())
	if err != nil {
		return c, err
	}
	err = h.DB.WithTx(ctx, func(tx *db.Tx) error {
		c, err = audit.Sign(ctx, tx, signer, verifier, h.Now())
		return err
	})
	return c, err
}

func (p *program) audit() *cobra.Command {
	cmd := &cobra.Command{Use: "audit", Short: "The record of what was done, and its proofs"}
	cmd.AddCommand(p.auditCheckpoint(), p.auditVerify())
	return cmd
}

func (p *program) auditCheckpoint() *cobra.Command {
	return &cobra.Command{
		Use:   "checkpoint",
		Short: "Sign the record as it stands and print the checkpoint, to be kept elsewhere",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			c, err := h.sign(cmd.Context())
			if err != nil {
				return err
			}
			_, err = io.WriteString(p.out.Stdout, c.Note)
			return err
		},
	}
}

func (p *program) auditVerify() *cobra.Command {
	var since []string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Find out whether the record was changed; fails when it was",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			verifier, err := note.NewVerifier(h.Vault.Keys().VerifierKey())
			if err != nil {
				return err
			}
			kept, err := audit.Checkpoints(cmd.Context(), h.DB, verifier)
			if err != nil {
				return err
			}
			for _, path := range since {
				text, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				c, err := audit.ReadCheckpoint(text, verifier)
				if err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
				kept = append(kept, c)
			}
			n, err := audit.Verify(cmd.Context(), h.DB, kept...)
			if err != nil {
				return err
			}
			fmt.Fprintf(p.out.Stdout, "%d entries, as they were recorded; they fit %d signed checkpoints.\n", n, len(kept))
			if len(since) == 0 {
				fmt.Fprintln(p.out.Stdout, "Whoever holds both the database and the key file could have made all of it anew. To know better, keep what\n"+
					"hearth audit checkpoint prints in another place, and give it here with --since.")
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&since, "since", nil, "file with a checkpoint that was kept elsewhere; may be given several times")
	return cmd
}

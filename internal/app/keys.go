package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"hearth/internal/account"
	"hearth/internal/audit"
	"hearth/internal/casework"
	"hearth/internal/config"
	"hearth/internal/consent"
	"hearth/internal/db"
	"hearth/internal/privacy"
	"hearth/internal/vault"
)

// Sealed is every sealed column of the house: each package that owns some says which.
func Sealed() []vault.Column {
	return slices.Concat(account.Sealed, consent.Sealed, casework.Sealed, privacy.Sealed)
}

// whereKeys reads the settings of the keys.
func whereKeys(c config.Config) (vault.Where, error) {
	w, err := vault.ParseWhere(c.Keys, c.KeyFile(), c.KeysToken)
	if err != nil {
		return w, fmt.Errorf("--keys (%s): %w", config.Variable("keys"), err)
	}
	return w, nil
}

// openVault opens the keys, or makes them when the house is new. A database that was sealed with keys is
// never given others.
func openVault(ctx context.Context, d *db.DB, c config.Config, now func() time.Time) (*vault.Vault, error) {
	where, err := whereKeys(c)
	if err != nil {
		return nil, err
	}
	keys, err := vault.LoadKeys(ctx, where)
	if errors.Is(err, vault.ErrNoKeys) {
		bound, err := vault.Bound(ctx, d)
		if err != nil {
			return nil, err
		}
		if bound {
			return nil, fmt.Errorf("this database holds sealed data, but there is no key file at %s. Put the key file back there, "+
				"or say with --keys (%s) where it is. Hearth makes no new keys for it: they would open nothing", where, config.Variable("keys"))
		}
		if keys, err = vault.CreateKeys(now()); err != nil {
			return nil, err
		}
		if keys, err = keys.SaveNew(ctx, where); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	return vault.Open(ctx, d, keys, vault.Options{Where: where, Now: now, Columns: Sealed()})
}

func (p *program) keys() *cobra.Command {
	cmd := &cobra.Command{Use: "keys", Short: "The keys that everything private is sealed with"}
	cmd.AddCommand(p.keysShow(), p.keysRotate(), p.keysSeal())
	return cmd
}

func (p *program) keysShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show which keys there are and since when; never the keys themselves",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer h.DB.Close()
			r, err := h.Vault.Register(cmd.Context(), h.DB)
			if err != nil {
				return err
			}
			const day = "2006-01-02 15:04 MST"
			w := tabwriter.NewWriter(p.out.Stdout, 0, 4, 2, ' ', 0)
			fmt.Fprintf(w, "key file\t%s\nits number\t%s\nmade\t%s\n", r.File, r.ID, r.MadeAt.Format(day))
			for _, k := range r.Program {
				note := "dropped at the end of the rotation"
				if k.Current {
					note = "in use"
				}
				fmt.Fprintf(w, "program key %s\tmade %s, %s\n", k.ID, k.MadeAt.Format(day), note)
			}
			rotated := "never"
			if !r.RotatedAt.IsZero() {
				rotated = r.RotatedAt.Format(day)
			}
			if r.Rotating {
				rotated += "; one was begun and is not done: hearth keys rotate goes on with it"
			}
			fmt.Fprintf(w, "last rotation\t%s\npeople with a key\t%d\nkeys destroyed\t%d\nto check checkpoints with\t%s\n", rotated, r.People, r.Erased, h.Vault.Keys().VerifierKey())
			return w.Flush()
		},
	}
}

func (p *program) keysRotate() *cobra.Command {
	var fileOnly bool
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Seal everything with new keys, beside the running server; goes on where it was cut off",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			h, err := p.open(ctx)
			if err != nil {
				return err
			}
			defer h.DB.Close()
			if fileOnly {
				if _, err := h.Vault.AddKey(ctx); err != nil {
					return err
				}
				fmt.Fprintln(p.out.Stdout, "The key file holds a new key, which is not in use yet. Copy the file to the other machines, then run: hearth keys rotate")
				return nil
			}
			if err := h.record(ctx, "keys.rotate", "begun"); err != nil {
				return err
			}
			shown := int64(-1)
			done, err := h.Vault.Rotate(ctx, func(n, of int64) {
				if percent := n * 100 / max(of, 1); percent/10 != shown {
					shown = percent / 10
					fmt.Fprintf(p.out.Stderr, "%d of %d (%d %%)\n", n, of, percent)
				}
			})
			if err != nil {
				return fmt.Errorf("%w. Everything can still be read; run it again to go on", err)
			}
			if err := h.record(ctx, "keys.rotate", fmt.Sprintf("done: %d people, %d fields", done.People, done.Fields)); err != nil {
				return err
			}
			fmt.Fprintf(p.out.Stdout, "Renewed the keys of %d people and sealed %d fields anew. Now make a new copy of the key file and a backup (hearth backup), and destroy old copies of the key file.\n", done.People, done.Fields)
			if done.Unreadable > 0 {
				fmt.Fprintf(p.out.Stdout, "%d fields are of people who were erased, or damaged; they were left as they are.\n", done.Unreadable)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&fileOnly, "file-only", false, "only put the new key into the key file, to be copied to other machines first")
	return cmd
}

func (p *program) keysSeal() *cobra.Command {
	var undo bool
	cmd := &cobra.Command{
		Use:   "seal",
		Short: "Let the key service that --keys names encrypt the key file",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := p.config()
			if err != nil {
				return err
			}
			sealed, err := whereKeys(c)
			if err != nil {
				return err
			}
			if sealed.Service == "" {
				return errors.New("name the key service first: --keys hcvault://HOST/transit/keys/NAME")
			}
			from, to := vault.Where{File: sealed.File}, sealed
			if undo {
				from, to = to, from
			}
			k, err := vault.LoadKeys(cmd.Context(), from)
			if err != nil {
				return err
			}
			if err := k.Save(cmd.Context(), to); err != nil {
				return err
			}
			fmt.Fprintf(p.out.Stdout, "The keys are now in %s\n", to)
			return nil
		},
	}
	cmd.Flags().BoolVar(&undo, "undo", false, "the reverse: write the key file so that it needs no service")
	return cmd
}

// record notes something that was done from the command line.
func (h *House) record(ctx context.Context, action, detail string) error {
	return h.DB.WithTx(ctx, func(tx *db.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{At: h.Now(), Actor: commandLine, Action: action, Subject: "keys", Detail: detail})
	})
}

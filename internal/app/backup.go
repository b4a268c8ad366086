package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"hearth/internal/backup"
	"hearth/internal/db"
	"hearth/internal/vault"
)

// backUp makes the backups of this house, and lets one be made every night.
func (h *House) backUp() error {
	where, err := whereKeys(h.Config)
	if err != nil {
		return err
	}
	h.Backups = backup.New(backup.House{Sources: Sources, Columns: Sealed(), Where: where, Scratch: scratch(h.Config.Data), Now: h.Now}, h.DB, h.Vault)
	h.Backups.Nightly(h.Jobs, func() string { return h.Community.Settings().BackupTo }, h.Community.Location)
	return nil
}

// scratch is where a backup works: on the disk of the data, and as private.
func scratch(data string) string { return filepath.Join(data, "scratch") }

func (p *program) backup() *cobra.Command {
	var to, passphraseFile string
	var keysOnly bool
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Archive everything, encrypted, beside the running server, and prove the archive by restoring it",
		Long: "Archives the data into a folder, with people's keys beside it, encrypted with the key file, and proves both by restoring\n" +
			"them. Whoever restores needs the key file too: keep a copy elsewhere, or make one with --keys.\n\n" +
			"With PostgreSQL only people's keys are archived from here; see docs/operations.md.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			h, err := p.open(ctx)
			if err != nil {
				return err
			}
			defer h.DB.Close()
			if to == "" {
				to = h.Community.Settings().BackupTo
			}
			if to == "" {
				return errors.New("say where to: --to FOLDER, or name a folder for backups in the settings")
			}
			if to, err = filepath.Abs(to); err != nil {
				return err
			}
			out := p.out.Stdout
			if keysOnly {
				passphrase, err := p.passphrase(ctx, passphraseFile, fmt.Sprintf("Passphrase for the keys (at least %d letters): ", vault.PassphraseLeast), true)
				if err != nil {
					return err
				}
				made, err := h.Backups.MakeKeys(ctx, to, commandLine, passphrase)
				if err != nil {
					return err
				}
				fmt.Fprintf(out, "Wrote and proved %s: the key file and people's keys, under your passphrase.\n"+
					"Keep it apart from the archives of the data, and only the newest: an older one knows people who were erased since.\n", made.Path)
				return nil
			}
			if h.DB.Engine() != db.SQLite {
				made, err := h.Backups.MakeKeys(ctx, to, commandLine, "")
				if err != nil {
					return err
				}
				fmt.Fprintf(out, "Wrote and proved %s: people's keys alone.\n"+
					"The data is on PostgreSQL: archive it with pg_basebackup and WAL archiving, in the order of docs/operations.md.\n", made.Path)
				return nil
			}
			made, err := h.Backups.Make(ctx, to, commandLine, p.progress("restoring it, to prove it"))
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "Wrote and proved %s: %d rows, %s. People's keys stand beside it in %s.\n", made.Path, made.Rows, size(made.Bytes), filepath.Base(made.Keys))
			fmt.Fprintf(out, "To restore them you also need the key file %s, or what hearth backup --keys writes.\n", h.Vault.Where())
			return nil
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "folder of the archives (default: the one in the settings)")
	cmd.Flags().BoolVar(&keysOnly, "keys", false, "only the key file and people's keys, under a passphrase, to be kept elsewhere ("+
		"here this is not the place of the key file: name that with HEARTH_KEYS)")
	cmd.Flags().StringVar(&passphraseFile, "passphrase-file", "", "with --keys: file with the passphrase (default: asked for)")
	return cmd
}

// progress shows how far a backup or a restoring is, a line for every fifth.
func (p *program) progress(unpacking string) backup.Progress {
	words := map[string]string{backup.StepCopy: "copying", backup.StepWrite: "encrypting", backup.StepUnpack: unpacking, backup.StepProve: "checking what was restored"}
	var last string
	return func(step string, done, of int64) {
		line := words[step]
		if of > 0 {
			line = fmt.Sprintf("%s: %d %% of %s", line, min(100, done*100/of)/20*20, size(of))
		}
		if line != last {
			last = line
			fmt.Fprintln(p.out.Stderr, line)
		}
	}
}

func size(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// passphrase reads a passphrase from a file, or asks for it: twice where it is new and typed.
func (p *program) passphrase(ctx context.Context, file, prompt string, isNew bool) (string, error) {
	if file != "" {
		b, err := os.ReadFile(file)
		return strings.TrimRight(string(b), "\r\n"), err
	}
	return p.ask(ctx, prompt, isNew, "the two are not the same; nothing was written")
}

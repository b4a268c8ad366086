package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"hearth/internal/audit"
	"hearth/internal/backup"
	"hearth/internal/config"
	"hearth/internal/db"
	"hearth/internal/vault"
)

func (p *program) restore() *cobra.Command {
	var keysFile, passphraseFile string
	cmd := &cobra.Command{
		Use:   "restore [ARCHIVE]",
		Short: "Put an archive back into a folder that holds no data, with the newest people's keys",
		Long: "Makes a data folder out of an archive. Nothing is overwritten. People's keys are taken from beside the archive, and from\n" +
			"--keys where that holds some; the newest count, so that whoever was erased stays erased. The key file must be in its\n" +
			"place, or be given with --keys, which then puts it there.\n\n" +
			"Without ARCHIVE, people's keys are taken into the database that is there: the last step after PostgreSQL's data was\n" +
			"restored with its own tools.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			c, err := p.config()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return p.restoreKeys(ctx, c, keysFile, passphraseFile)
			}
			if c.DatabaseURL != "" {
				return errors.New("an archive of the data can only be restored into SQLite. PostgreSQL's data is restored with its own tools, and then " +
					"hearth restore --keys FILE takes in people's keys; docs/operations.md has the order of steps")
			}
			return p.restoreData(ctx, c, args[0], keysFile, passphraseFile)
		},
	}
	cmd.Flags().StringVar(&keysFile, "keys", "", "the key file, or what hearth backup --keys wrote, or people's keys (here this is not the place where "+
		"the key file will be: name that with HEARTH_KEYS if it is not the usual one)")
	cmd.Flags().StringVar(&passphraseFile, "passphrase-file", "", "file with the passphrase of what hearth backup --keys wrote (default: asked for)")
	return cmd
}

// restoreData makes a data folder out of an archive.
func (p *program) restoreData(ctx context.Context, c config.Config, archive, keysFile, passphraseFile string) (err error) {
	kind, at, err := backup.Look(archive)
	switch {
	case err != nil:
		return err
	case kind == backup.Foreign:
		return fmt.Errorf("%s is no archive of a Hearth, or its beginning is damaged", archive)
	case kind != backup.Data:
		return fmt.Errorf("%s holds keys and no data: give the archive of the data, and this one with --keys", archive)
	}
	if err := backup.Free(c.DatabasePath()); err != nil {
		return err
	}
	g, err := p.givenKeys(ctx, c, keysFile, passphraseFile)
	if err != nil {
		return err
	}
	people := g.people
	beside := filepath.Join(filepath.Dir(archive), backup.PeopleName)
	if _, err := os.Stat(beside); err == nil {
		people = append(people, beside)
	}
	if len(people) == 0 {
		return fmt.Errorf("people's keys are missing: there is no %s, and --keys names none. Without them nothing private could ever be read again", beside)
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	undo, err := g.place(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			undo()
		}
	}()
	now := p.out.Now
	if now == nil {
		now = time.Now
	}
	var after afterwards
	found, err := backup.Restore(ctx, backup.Restoring{
		House: backup.House{Sources: Sources, Columns: Sealed(), Where: g.where, Scratch: scratch(c.Data), Now: now},
		Keys:  g.keys, Archive: archive, People: people, Path: c.DatabasePath(), Progress: p.progress("restoring"),
		Then: func(ctx context.Context, d *db.DB, found backup.Found) error {
			h, err := On(ctx, d, c, p.out)
			if err != nil {
				return err
			}
			after, err = h.afterRestore(ctx, "archive of "+found.At.Format(time.RFC3339))
			return err
		},
	})
	if err != nil {
		return err
	}
	newer, err := backup.Newer(archive)
	if err != nil {
		return err
	}
	out := p.out.Stdout
	fmt.Fprintf(out, "Restored into %s. THIS IS AN OLDER STATE: everything is as it was on %s.\n", c.Data, day(at))
	if len(newer) > 0 {
		fmt.Fprintf(out, "There are %d newer archives beside this one; the newest, %s, is of %s.\n", len(newer), filepath.Base(newer[0].Path), day(newer[0].At))
	}
	if found.Proof.NoKey > 0 {
		fmt.Fprintln(out, "Some of what is in it can never be read: these people's keys are older than the data. Restore again with newer ones if you have them.")
	}
	p.sayAfter(after, found.Entries, found.Last)
	return nil
}

// restoreKeys takes people's keys into the database that is there.
func (p *program) restoreKeys(ctx context.Context, c config.Config, keysFile, passphraseFile string) error {
	if keysFile == "" {
		return errors.New("say what to restore: an archive of the data, or people's keys with --keys FILE")
	}
	if c.DatabaseURL == "" {
		if _, err := os.Stat(c.DatabasePath()); err != nil {
			return fmt.Errorf("there is no database at %s: say which archive of the data to restore", c.DatabasePath())
		}
	}
	g, err := p.givenKeys(ctx, c, keysFile, passphraseFile)
	if err != nil {
		return err
	}
	if len(g.people) == 0 {
		return fmt.Errorf("%s holds no people's keys", keysFile)
	}
	d, err := db.Open(ctx, db.Config{URL: c.DatabaseURL, Path: c.DatabasePath()})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := db.Migrate(ctx, d, Sources...); err != nil {
		return err
	}
	undo, err := g.place(ctx)
	if err != nil {
		return err
	}
	if err := backup.RestoreKeys(ctx, d, g.keys, g.people); err != nil {
		undo()
		return err
	}
	h, err := On(ctx, d, c, p.out)
	if err != nil {
		return err
	}
	list, err := audit.List(ctx, d, 1)
	if err != nil {
		return err
	}
	var last audit.Entry
	if len(list) == 1 {
		last = list[0]
	}
	after, err := h.afterRestore(ctx, "people's keys")
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out.Stdout, "Took in people's keys. If the database is AN OLDER STATE, everything in it is as it was then.")
	p.sayAfter(after, last.Seq, last)
	return nil
}

// given is what --keys and the place of the key file gave.
type given struct {
	where  vault.Where
	keys   *vault.Keys
	isNew  bool // they are not in their place yet
	people []string
}

// givenKeys finds the key file: in its place, or in what was given.
func (p *program) givenKeys(ctx context.Context, c config.Config, file, passphraseFile string) (g given, err error) {
	if g.where, err = whereKeys(c); err != nil {
		return g, err
	}
	here, err := vault.LoadKeys(ctx, g.where)
	if err != nil && !errors.Is(err, vault.ErrNoKeys) {
		return g, err
	}
	if file != "" {
		kind, _, err := backup.Look(file)
		if err != nil {
			return g, err
		}
		switch kind {
		case backup.Data:
			return g, fmt.Errorf("%s holds data and no keys", file)
		case backup.People:
			g.people = []string{file}
		case backup.LockedPeople:
			g.people = []string{file}
			passphrase, err := p.passphrase(ctx, passphraseFile, "Passphrase of the keys: ", false)
			if err != nil {
				return g, err
			}
			if g.keys, err = backup.Unlock(file, passphrase); err != nil {
				return g, err
			}
		default:
			b, err := os.ReadFile(file)
			if err != nil {
				return g, err
			}
			if g.keys, err = vault.ReadKeys(ctx, b, g.where); err != nil {
				return g, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	switch {
	case here == nil && g.keys == nil:
		return g, fmt.Errorf("there is no key file at %s: put it there, or give it with --keys. Without it an archive opens to nobody", g.where)
	case here != nil && g.keys != nil && here.ID != g.keys.ID:
		return g, fmt.Errorf("the key file %s is of another house than %s. Nothing is overwritten: move it away first", g.where, file)
	case here != nil:
		g.keys = here
	default:
		g.isNew = true
	}
	return g, nil
}

// place writes the key file into its place, if it is not there. undo takes it away again.
func (g given) place(ctx context.Context) (undo func(), err error) {
	if !g.isNew {
		return func() {}, nil
	}
	if _, err := g.keys.SaveNew(ctx, g.where); err != nil {
		return nil, err
	}
	return func() { _ = os.Remove(g.where.File) }, nil // it was not there before, and there is nothing that it opens
}

// afterwards is what was done once a state was put back.
type afterwards struct {
	erased int    // records of participants
	closed int    // accounts
	note   string // the first checkpoint of the record as it goes on
}

// afterRestore does what an older state needs before anybody comes in.
func (h *House) afterRestore(ctx context.Context, what string) (a afterwards, err error) {
	err = h.DB.WithTx(ctx, func(tx *db.Tx) error {
		gone, err := vault.Erased(ctx, tx)
		if err != nil {
			return err
		}
		if a.erased, err = h.Casework.EraseAgain(ctx, tx, commandLine, gone); err != nil {
			return err
		}
		if a.closed, err = h.Accounts.CloseAgain(ctx, tx, commandLine, gone); err != nil {
			return err
		}
		if err := h.Accounts.EndEverySession(ctx, tx, commandLine); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: h.Now(), Actor: commandLine, Action: "backup.restore", Subject: "backup", Detail: what})
	})
	if err != nil {
		return a, err
	}
	c, err := h.sign(ctx)
	a.note = c.Note
	return a, err
}

func (p *program) sayAfter(a afterwards, entries int64, last audit.Entry) {
	out := p.out.Stdout
	fmt.Fprintln(out, "\nBefore you let anybody in, do again what was done since and is missing: permissions that were taken back stand as\n"+
		"given, accounts that were closed are open, people who left are here, notes and numbers are the older ones.")
	fmt.Fprintf(out, "\nEverybody was signed out, and open invitations have ended. People who were erased since stay erased (%d of them were still in it),\n"+
		"and their accounts closed (%d).\n", a.erased, a.closed)
	end := "was empty"
	if entries > 0 {
		end = fmt.Sprintf("ended with entry %d of %s", entries, day(last.At))
	}
	fmt.Fprintf(out, "\nThe audit record %s, and goes on from there with this restoring. Checkpoints of it that were kept elsewhere and are\n"+
		"newer no longer fit: hearth audit verify --since will say that the record was cut or changed. Keep them, with a note of\n"+
		"today, and keep this one from now on:\n\n%s", end, a.note)
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 MST") }

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"hearth/internal/access"
	"hearth/internal/audit"
	"hearth/internal/community"
	"hearth/internal/config"
	"hearth/internal/doctor"
	"hearth/internal/meeting"
)

// What a doctor takes for too much or too old.
const (
	backupOld   = 8 * 24 * time.Hour
	verifiedNow = 200_000 // entries of the record that are walked over while somebody waits
	clockSlack  = 5 * time.Minute
)

// Examine looks at everything that is known to go wrong, and changes nothing.
func (h *House) Examine(ctx context.Context) (doctor.Report, error) {
	var r doctor.Report
	h.examineMachine(&r)
	for _, look := range []func(context.Context, *doctor.Report) error{h.examineRecord, h.examinePeople, h.examineWork, h.examineBackups} {
		if err := look(ctx, &r); err != nil {
			return nil, fmt.Errorf("doctor: %w", err)
		}
	}
	return r, nil
}

// examineMachine looks at files and addresses. That the house is open says that the database answers, its
// tables are up to date, and the keys fit.
func (h *House) examineMachine(r *doctor.Report) {
	r.Add("database", "The database answers, its tables are up to date, and the keys fit it.")
	if h.Config.DatabaseURL == "" {
		private(r, "data_folder", h.Config.Data)
	}
	if where, err := whereKeys(h.Config); err == nil {
		private(r, "key_file", where.File)
	}
	u, err := url.Parse(h.Config.BaseURL)
	switch {
	case err == nil && u.Scheme == "https":
		r.Add("address", "The address %s is protected.", h.Config.BaseURL)
	case err == nil && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1"):
		r.Add("address", "The address %s works on this machine only.", h.Config.BaseURL).
			Mend(doctor.Warn, "Give the address that others use, beginning with https://, as --base-url.")
	default:
		r.Add("address", "Everybody on the way can read what goes to %s.", h.Config.BaseURL).
			Mend(doctor.Bad, "Put a server with a certificate in front, and give its https:// address as --base-url.")
	}
	if h.Accounts.Passkeys() {
		r.Add("passkeys", "Passkeys can be used.")
	} else {
		r.Add("passkeys", "Passkeys cannot be used: they belong to a name, and the address is a number.").Mend(doctor.Warn, "Give an address with a name as --base-url.")
	}
}

// private looks whether others on this machine can read a file or a folder.
func private(r *doctor.Report, name, path string) {
	s, err := os.Stat(path)
	switch {
	case err != nil:
		r.Add(name, "%s cannot be looked at.", path).Mend(doctor.Bad, "See to it that the user that runs Hearth can read it.")
	case runtime.GOOS != "windows" && s.Mode().Perm()&0o077 != 0: // Windows has no such modes
		r.Add(name, "Others on this machine can look into %s.", path).Mend(doctor.Bad, "On the server, run: chmod go= '%s'", path)
	default:
		r.Add(name, "Only the user that runs Hearth can look into %s.", path)
	}
}

func (h *House) examineRecord(ctx context.Context, r *doctor.Report) error {
	newest, err := audit.List(ctx, h.DB, 1)
	if err != nil {
		return err
	}
	if len(newest) > 0 && newest[0].At.After(h.Now().Add(clockSlack)) {
		r.Add("clock", "The clock stands before the newest entry of the record.").Mend(doctor.Bad, "Set the server’s clock, and let it follow a time server.")
	} else {
		r.Add("clock", "The clock goes on from the newest entry of the record.")
	}
	if len(newest) > 0 && newest[0].Seq > verifiedNow {
		r.Add("record", "The record is too long to be proved here.").Mend(doctor.Warn, "On the server, run: hearth audit verify")
		return nil
	}
	if n, err := audit.Verify(ctx, h.DB); ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		r.Add("record", "The record of what was done is not as it was written.").Mend(doctor.Bad, "Change nothing, and run on the server: hearth audit verify. It names the place.")
	} else {
		r.Add("record", "The record is as it was written. Entries: %d.", int(n))
	}
	return nil
}

func (h *House) examinePeople(ctx context.Context, r *doctor.Report) error {
	now := h.Community.Settings()
	if now.Step == community.StepDone {
		r.Add("setup", "Setting up is finished.")
	} else {
		r.Add("setup", "Setting up is not finished.").Mend(doctor.Warn, "An administrator goes on at %s/setup", h.Config.BaseURL)
	}
	if now.Zone == "UTC" {
		r.Add("zone", "No time zone is set: days begin at midnight in Greenwich.").Mend(doctor.Warn, "Choose one in the settings.")
	} else {
		r.Add("zone", "The time zone is %s.", now.Zone)
	}
	all, err := h.Accounts.Accounts(ctx)
	if err != nil {
		return err
	}
	administrators, safe := 0, 0
	for _, a := range all {
		if a.Disabled || !a.Has(access.Administrator) {
			continue
		}
		administrators++
		ways, err := h.Accounts.WaysOf(ctx, a.ID)
		if err != nil {
			return err
		}
		if ways.Safe() {
			safe++
		}
	}
	switch {
	case administrators == 0:
		r.Add("administrator", "There is no administrator.").Mend(doctor.Bad, "On the server, run: hearth admin setup")
	case safe == 0:
		r.Add("administrator", "No administrator has a second way in. A lost phone would lock everybody out.").Mend(doctor.Warn, "Print codes, or add a second passkey, under My sign-in.")
	default:
		r.Add("administrator", "Administrators who can come in also when a phone is lost: %d.", safe)
	}
	programs, err := h.Community.Programs(ctx)
	if err != nil {
		return err
	}
	if len(programs) == 0 {
		r.Add("program", "There is no program: whether Part 2 applies is not decided, and nobody can give a permission.").Mend(doctor.Warn, "Add one in the settings.")
	}
	for _, p := range programs {
		if p.Contact == "" {
			r.Add("program", "%s gives no contact.", p.Name).Mend(doctor.Bad, "The law asks for it on every permission. Give one in the settings.")
		} else {
			r.Add("program", "%s has a contact, and whether Part 2 applies is decided.", p.Name)
		}
	}
	return nil
}

func (h *House) examineWork(ctx context.Context, r *doctor.Report) error {
	feeds, err := h.Meetings.Feeds(ctx)
	if err != nil {
		return err
	}
	failing := 0
	for _, f := range feeds {
		if f.Held || f.LastSync != nil && f.LastSync.State == meeting.SyncFailed {
			failing++
			r.Add("feed", "The list %s was not brought in at the last reading.", f.Name).Mend(doctor.Warn, "See why under Feeds.")
		}
	}
	if failing == 0 {
		r.Add("feed", "No list of meetings has failed.")
	}
	counts, err := h.Jobs.Count(ctx)
	if err != nil {
		return err
	}
	if dead := counts["dead"]; dead > 0 {
		r.Add("work", "Pieces of work that were given up: %d.", dead).Mend(doctor.Warn, "The log says which, and why: look for “given up”.")
	} else {
		r.Add("work", "No work was given up.")
	}
	return nil
}

func (h *House) examineBackups(ctx context.Context, r *doctor.Report) error {
	now := h.Community.Settings()
	switch {
	case now.KeysCopied == "":
		r.Add("key_copy", "Nobody has noted a copy of the keys. Without them the records are lost.").Mend(doctor.Warn, "Copy the key file to another place, and note it in the settings.")
	case now.KeysCopied != h.Vault.Keys().Mark():
		r.Add("key_copy", "The keys were changed since they were copied.").Mend(doctor.Warn, "Copy the key file again, and note it in the settings.")
	default:
		r.Add("key_copy", "The keys in use have a copy elsewhere.")
	}
	if now.BackupTo == "" {
		r.Add("backup", "Nothing is backed up.").Mend(doctor.Warn, "Name a folder in the settings, best on another disk.")
		return nil
	}
	if err := doctor.Folder(now.BackupTo); err != nil {
		r.Add("backup", "Nothing can be written into the folder for backups, %s.", now.BackupTo).Mend(doctor.Bad, "Make it, give it to the user that runs Hearth, or name another one in the settings.")
		return nil
	}
	last, err := h.Backups.Last(ctx)
	if err != nil {
		return err
	}
	made := last.Data.Made
	if h.Config.DatabaseURL != "" {
		made = last.Keys.Made
	}
	if made.IsZero() || h.Now().Sub(made) > backupOld {
		r.Add("backup", "There is no backup of the last week in %s.", now.BackupTo).Mend(doctor.Warn, "On the server, run: hearth backup. The log says what went wrong.")
	} else {
		r.Add("backup", "Days since the last backup: %d.", int(h.Now().Sub(made)/(24*time.Hour)))
	}
	return nil
}

func (p *program) doctor() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is not right yet, and how to mend it; fails when something must be mended",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.examine(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				type line struct {
					Name  string       `json:"name"`
					State doctor.State `json:"state"`
					Said  string       `json:"said"`
					How   string       `json:"how,omitempty"`
				}
				var lines []line
				for _, f := range r {
					said, how := f.Text()
					lines = append(lines, line{f.Name, f.State, said, how})
				}
				if err := json.NewEncoder(p.out.Stdout).Encode(lines); err != nil {
					return err
				}
			} else {
				for _, f := range r {
					said, how := f.Text()
					fmt.Fprintf(p.out.Stdout, "%-5s %s\n", f.State, said)
					if how != "" {
						fmt.Fprintf(p.out.Stdout, "      %s\n", how)
					}
				}
			}
			if r.Bad() {
				return errors.New("something must be mended")
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "for programs")
	return cmd
}

// examine opens the house, if there is one, and looks at it. A house that does not open is a finding too.
func (p *program) examine(ctx context.Context) (r doctor.Report, err error) {
	c, err := p.config()
	if err != nil {
		return nil, err
	}
	if none(c) {
		r.Add("database", "There is no house in %s yet.", filepath.Dir(c.DatabasePath())).Mend(doctor.Bad, "Start it once: hearth serve")
		return r, nil
	}
	h, err := Open(ctx, c, p.out)
	if err != nil {
		r.Add("database", "The house does not open: %s", err.Error()).Mend(doctor.Bad, "Mend this first; then ask again.")
		return r, nil
	}
	defer func() { err = errors.Join(err, h.DB.Close()) }()
	return h.Examine(ctx)
}

// none tells whether there is no house yet: looking for one must not make it.
func none(c config.Config) bool {
	_, err := os.Stat(c.DatabasePath())
	return c.DatabaseURL == "" && errors.Is(err, fs.ErrNotExist)
}

package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hearth/internal/db"
	"hearth/internal/job"
)

// Rule says how many archives are kept: the newest of each of the last days, weeks and months that have one.
type Rule struct{ Days, Weeks, Months int }

// Standard is the rule of nightly backups.
var Standard = Rule{Days: 7, Weeks: 5, Months: 12}

// Keep returns which of the moments stay, the newest first. Days begin at midnight in UTC, weeks on Monday.
// Only periods with an archive count, so that a clock that is wrong or a house that stood still loses none.
func (r Rule) Keep(made []time.Time) []time.Time {
	made = slices.Clone(made)
	slices.SortFunc(made, func(a, b time.Time) int { return b.Compare(a) })
	var keep []time.Time
	for _, p := range []struct {
		most   int
		period func(time.Time) string
	}{
		{r.Days, func(t time.Time) string { return t.Format("2006-01-02") }},
		{r.Weeks, func(t time.Time) string { y, w := t.ISOWeek(); return fmt.Sprint(y, w) }},
		{r.Months, func(t time.Time) string { return t.Format("2006-01") }},
	} {
		seen := map[string]bool{}
		for _, t := range made {
			if k := p.period(t.UTC()); !seen[k] && len(seen) < p.most {
				seen[k] = true
				keep = append(keep, t)
			}
		}
	}
	slices.SortFunc(keep, func(a, b time.Time) int { return b.Compare(a) })
	return slices.CompactFunc(keep, time.Time.Equal)
}

// Archive is an archive of data in a folder.
type Archive struct {
	Path  string
	At    time.Time
	Bytes int64

	keys string
}

// List returns the archives of data in a folder, the newest first. Files that are none are passed over.
func List(folder string) ([]Archive, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var all []Archive
	for _, e := range entries {
		at, err := time.Parse(namePrefix+nameTime+nameSuffix, e.Name())
		if err != nil {
			continue
		}
		path := filepath.Join(folder, e.Name())
		h, err := readHead(path)
		info, statErr := e.Info()
		if err != nil || statErr != nil || h.What != whatData || !db.Time(h.At).Truncate(time.Second).Equal(at) {
			continue
		}
		all = append(all, Archive{Path: path, At: db.Time(h.At), Bytes: info.Size(), keys: h.Keys})
	}
	slices.SortFunc(all, func(a, b Archive) int { return cmp.Or(b.At.Compare(a.At), strings.Compare(a.Path, b.Path)) })
	return all, nil
}

// prune removes the archives of this house that the rule does not keep, but never the one that was just made.
func (s *Service) prune(rule Rule, made Made) error {
	all, err := List(filepath.Dir(made.Path))
	if err != nil {
		return err
	}
	id := s.vault.Keys().ID
	all = slices.DeleteFunc(all, func(a Archive) bool { return a.keys != id })
	at := make([]time.Time, len(all))
	for i, a := range all {
		at[i] = a.At
	}
	keep := rule.Keep(at)
	var problems []error
	for _, a := range all {
		if a.Path != made.Path && !slices.ContainsFunc(keep, a.At.Equal) {
			problems = append(problems, os.Remove(a.Path))
		}
	}
	return errors.Join(problems...)
}

// hour is when backups are made, on the community's clock: most people sleep.
const hour = 3

type (
	plan    struct{}
	nightly struct{}
)

// Kind names the job that sets tonight's hour.
func (plan) Kind() string { return "backup.plan" }

// Kind names the job that makes a backup.
func (nightly) Kind() string { return "backup.nightly" }

// Nightly lets a backup be made every night into a folder, and removes what the rule does not keep. to and zone
// are asked each time; while to is "" nothing is made.
func (s *Service) Nightly(q *job.Queue, to func() string, zone func() *time.Location) {
	job.Handle(q, func(ctx context.Context, _ plan) error {
		now := s.h.Now().In(zone())
		at := time.Date(now.Year(), now.Month(), now.Day(), hour, 0, 0, 0, now.Location())
		if !at.After(now) {
			at = time.Date(now.Year(), now.Month(), now.Day()+1, hour, 0, 0, 0, now.Location())
		}
		return s.db.WithTx(ctx, func(tx *db.Tx) error { return q.Enqueue(ctx, tx, nightly{}, job.At(at), job.Unique("one")) })
	})
	job.Handle(q, func(ctx context.Context, _ nightly) error {
		folder := to()
		if folder == "" {
			return nil
		}
		if s.db.Engine() != db.SQLite {
			_, err := s.MakeKeys(ctx, folder, "system", "")
			return err
		}
		made, err := s.Make(ctx, folder, "system", nil)
		if err != nil {
			return err
		}
		return s.prune(Standard, made)
	})
	q.Every(plan{}.Kind(), 24*time.Hour, func(time.Time) job.Args { return plan{} })
}

package meeting

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/fault"
)

// The built-in source of meetings that editors here added.
const (
	localFeedName   = "local"
	localFeedFormat = Format("local")
)

// How often a feed may be read.
const (
	minEvery = 5 * time.Minute
	maxEvery = 31 * 24 * time.Hour
)

var fellowshipCode = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// AddFeed declares a feed; it is not read yet. A removed feed of the same name, format and fellowship
// comes back with its meetings' ids. Errors: Invalid with the fields name, format, fellowship, zone, url,
// file and every; Conflict when the name is taken.
func (s *Service) AddFeed(ctx context.Context, actor string, f Feed) (Feed, error) {
	if err := s.checkFeed(&f); err != nil {
		return Feed{}, err
	}
	f.CreatedAt = s.o.Now()
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		switch _, err := feedByName(ctx, tx, f.Name); {
		case err == nil:
			return fault.New(fault.Conflict, "There is already a feed of this name.").
				With("name", "There is already a feed of this name.")
		case !errors.Is(err, db.ErrNone):
			return err
		}
		id, err := reviveFeed(ctx, tx, f)
		if errors.Is(err, db.ErrNone) {
			id = db.NewID()
			f.ID = id
			err = insertFeed(ctx, tx, f, false)
		}
		f.ID = id
		if err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "feed.add", f.ID, f.Name)
	})
	if err != nil {
		return Feed{}, fmt.Errorf("add feed: %w", err)
	}
	return f, nil
}

// checkFeed tidies what was typed and says what is wrong with it.
func (s *Service) checkFeed(f *Feed) error {
	f.Name, f.Fellowship, f.Zone = tidy(f.Name), tidy(f.Fellowship), tidy(f.Zone)
	f.URL, f.File = strings.TrimSpace(f.URL), strings.TrimSpace(f.File)
	var bad fault.Fields
	switch {
	case f.Name == "":
		bad.Add("name", "Give the feed a name.")
	case utf8.RuneCountInString(f.Name) > 64:
		bad.Add("name", "Use at most %d characters.", 64)
	case strings.HasPrefix(f.Name, "-") || strings.ContainsFunc(f.Name, func(r rune) bool { return unicode.IsControl(r) || r == '/' }):
		bad.Add("name", "A name may not begin with a hyphen or hold a slash.")
	case f.Name == localFeedName:
		bad.Add("name", "This name is kept for meetings that are added here.")
	}
	if !slices.Contains(Formats[:], f.Format) || s.o.Decoders[f.Format] == nil {
		bad.Add("format", "Choose one of: %s.", s.formatNames())
	}
	if !fellowshipCode.MatchString(f.Fellowship) {
		bad.Add("fellowship", "Use the fellowship's code: small letters, digits and hyphens, such as aa or ma.")
	}
	if f.Zone != "" {
		if _, err := civil.Zone(f.Zone); err != nil {
			bad.Add("zone", "This is not a time zone such as America/New_York.")
		}
	}
	switch {
	case f.URL == "" && f.File == "":
		bad.Add("url", "Give an address or a file.")
	case f.URL != "" && f.File != "":
		bad.Add("url", "Give an address or a file, not both.")
	case f.URL != "":
		if message := s.urlProblem(f.URL); message != "" {
			bad.Add("url", message)
		}
	default:
		path, err := filepath.Abs(f.File)
		if err != nil {
			bad.Add("file", "The file is not there.")
			break
		}
		f.File = path
		if info, err := os.Stat(path); err != nil {
			bad.Add("file", "The file is not there.")
		} else if !info.Mode().IsRegular() {
			bad.Add("file", "This is not a file.")
		}
	}
	if f.Every != 0 && (f.Every < minEvery || f.Every > maxEvery) {
		bad.Add("every", "Choose a time between 5 minutes and 31 days.")
	}
	return bad.Err()
}

func (s *Service) urlProblem(address string) string {
	u, err := url.Parse(address)
	if err != nil || len(address) > 2000 {
		return "The address is not a valid URL."
	}
	if err := checkTarget(u, s.o.AllowPrivate); err != nil {
		return fault.As(err).Text()
	}
	if u.User != nil {
		return "The address may not hold a name and password."
	}
	if s.isOurs(u) {
		return "This is our own list: reading it would be a loop."
	}
	return ""
}

// isOurs tells whether u is one of the lists that this community serves itself.
func (s *Service) isOurs(u *url.URL) bool {
	base, err := url.Parse(s.o.BaseURL)
	if err != nil || base.Host == "" || !strings.EqualFold(hostPort(u), hostPort(base)) {
		return false
	}
	path, ok := strings.CutPrefix(u.Path, strings.TrimSuffix(base.Path, "/"))
	return ok && (strings.HasPrefix(path, "/feeds/") || strings.HasPrefix(path, "/api/"))
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	if port == "80" || port == "443" {
		port = "" // the same server answers on both, one sends to the other
	}
	return strings.TrimSuffix(u.Hostname(), ".") + ":" + port
}

func (s *Service) formatNames() string {
	var names []string
	for _, f := range Formats {
		if s.o.Decoders[f] != nil {
			names = append(names, string(f))
		}
	}
	return strings.Join(names, ", ")
}

// Warning says what is allowed but should be known about the feed's settings; "" when nothing is.
func (f Feed) Warning() string {
	if f.Zone == "" {
		return "No time zone is given: rows that name none get the zone of their place, or none."
	}
	return ""
}

// Feeds lists the feeds, oldest first, each with its latest sync.
func (s *Service) Feeds(ctx context.Context) ([]Feed, error) {
	var feeds []Feed
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := allFeeds(ctx, tx)
		if err != nil {
			return err
		}
		feeds = make([]Feed, len(rows))
		for i, r := range rows {
			if feeds[i], err = withLastSync(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list feeds: %w", err)
	}
	return feeds, nil
}

// FeedByName returns one feed with its latest sync. Error: NotFound.
func (s *Service) FeedByName(ctx context.Context, name string) (Feed, error) {
	var f Feed
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		r, err := feedByName(ctx, tx, name)
		if err != nil {
			return err
		}
		f, err = withLastSync(ctx, tx, r)
		return err
	})
	return f, noFeed("find feed", err)
}

func withLastSync(ctx context.Context, q db.Querier, r feedRow) (Feed, error) {
	if r.lastSync == "" {
		return r.Feed, nil
	}
	y, err := syncByID(ctx, q, r.lastSync)
	if errors.Is(err, db.ErrNone) {
		return r.Feed, nil
	}
	r.LastSync = &y
	return r.Feed, err
}

// noFeed turns db.ErrNone into a NotFound and names the operation.
func noFeed(operation string, err error) error {
	if errors.Is(err, db.ErrNone) {
		return fault.New(fault.NotFound, "There is no feed of this name.")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return nil
}

// Syncs lists the latest reports of a feed, newest first.
func (s *Service) Syncs(ctx context.Context, feedID string, limit int) ([]Sync, error) {
	ys, err := db.All(ctx, s.db, scanSync, `SELECT id, doc, started_at, finished_at FROM feed_sync
		WHERE feed_id = $1 ORDER BY finished_at DESC, id DESC LIMIT $2`, feedID, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("list syncs: %w", err)
	}
	return ys, nil
}

// RemoveFeed removes a feed. Meetings that no other feed has leave the finder, but stay stored with what
// is known about their welcome. Error: NotFound.
func (s *Service) RemoveFeed(ctx context.Context, actor, name string) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		f, err := feedByName(ctx, tx, name)
		if err != nil {
			return err
		}
		if f.local {
			return db.ErrNone
		}
		now := db.Millis(s.o.Now())
		if _, err := tx.Exec(ctx, `UPDATE feed SET removed_at = $2, held_hash = '', active = 0, lease_by = '',
			lease_until = 0 WHERE id = $1`, f.ID, now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM feed_held WHERE feed_id = $1`, f.ID); err != nil {
			return err
		}
		d, err := s.newDiff(ctx, tx, f, now)
		if err != nil {
			return err
		}
		for _, l := range d.own {
			d.retire(l, listingRemoved)
		}
		if err := d.apply(ctx, tx); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "feed.remove", f.ID, f.Name)
	})
	return noFeed("remove feed", err)
}

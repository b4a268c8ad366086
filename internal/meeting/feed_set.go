package meeting

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"hearth/internal/db"
	"hearth/internal/fault"
)

// settings lists by name what can be changed of a feed.
func (f Feed) settings() [][2]string {
	return [][2]string{
		{"format", string(f.Format)}, {"fellowship", f.Fellowship}, {"zone", f.Zone}, {"url", f.URL}, {"file", f.File}, {"every", f.Every.String()},
	}
}

// Version stands for the settings of a feed: whoever changes them says which he saw.
func (f Feed) Version() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", f.settings()))
	return hex.EncodeToString(sum[:8])
}

// SetFeed changes the settings of a feed: format, fellowship, zone, url, file and every of f, which is found
// by its name. Its meetings, their ids and what is known of their welcome stay; it is read anew when it is
// due, which is now if it is read by itself. What was kept back of it is dropped: it was read under the old
// settings. Errors: NotFound; Invalid as for AddFeed; Conflict when version is not the one that stands.
func (s *Service) SetFeed(ctx context.Context, actor, version string, f Feed) (Feed, error) {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		was, err := feedByName(ctx, tx, f.Name)
		if err != nil {
			return err
		}
		if was.local {
			return db.ErrNone
		}
		if was.Version() != version {
			return fault.New(fault.Conflict, "Somebody else changed this feed in the meantime. Look at it as it is now, and change it again.")
		}
		if err := s.checkFeed(&f); err != nil {
			return err
		}
		f.ID, f.CreatedAt = was.ID, was.CreatedAt
		var changed []string
		for i, now := range f.settings() {
			if now != was.settings()[i] {
				changed = append(changed, now[0])
			}
		}
		if len(changed) == 0 {
			return nil
		}
		// A sync under way reads by the old settings: it loses its lease and with it the right to write.
		n, err := tx.Exec(ctx, `UPDATE feed SET format = $2, fellowship = $3, zone = $4, url = $5, file = $6, every_ms = $7,
			due_at = $8, etag = '', last_modified = '', fetched_hash = '', held_hash = '', refused_hash = '', failures = 0,
			lease_by = '', lease_until = 0
			WHERE id = $1 AND format = $9 AND fellowship = $10 AND zone = $11 AND url = $12 AND file = $13 AND every_ms = $14`,
			was.ID, string(f.Format), f.Fellowship, f.Zone, f.URL, f.File, f.Every.Milliseconds(), db.Millis(s.o.Now()),
			string(was.Format), was.Fellowship, was.Zone, was.URL, was.File, was.Every.Milliseconds())
		if err != nil {
			return err
		}
		if n != 1 {
			return fault.New(fault.Conflict, "Somebody else changed this feed in the meantime. Look at it as it is now, and change it again.")
		}
		if _, err := tx.Exec(ctx, `DELETE FROM feed_held WHERE feed_id = $1`, was.ID); err != nil {
			return err
		}
		if f.Fellowship != was.Fellowship { // is not in the hashes of rows, and types mean something else by it
			if _, err := tx.Exec(ctx, `UPDATE listing SET hash = '' WHERE feed_id = $1`, was.ID); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, actor, "feed.set", was.ID, was.Name+": "+strings.Join(changed, ", "))
	})
	return f, noFeed("set feed", err)
}

// RefuseHeld drops what was kept back of a feed: the old meetings stand, and the same payload is not offered
// again. Errors: NotFound; Conflict when nothing is held.
func (s *Service) RefuseHeld(ctx context.Context, actor, name string) error {
	return noFeed("refuse feed", s.db.WithTx(ctx, func(tx *db.Tx) error {
		f, err := feedByName(ctx, tx, name)
		if err != nil {
			return err
		}
		// Without the validators the server sends the payload again, and so it is known as the refused one.
		n, err := tx.Exec(ctx, `UPDATE feed SET refused_hash = held_hash, held_hash = '', etag = '', last_modified = ''
			WHERE id = $1 AND held_hash <> ''`, f.ID)
		if err != nil {
			return err
		}
		if n != 1 {
			return nothingHeld()
		}
		if _, err := tx.Exec(ctx, `DELETE FROM feed_held WHERE feed_id = $1`, f.ID); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "feed.refuse", f.ID, f.Name)
	}))
}

// errRefused is what a sync says of a payload that a person refused.
func errRefused() error {
	return fault.New(fault.Invalid, "The feed still has what was refused here. Nothing was changed.")
}

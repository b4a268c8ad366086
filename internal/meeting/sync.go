package meeting

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"hearth/internal/db"
	"hearth/internal/fault"
)

// SyncOptions say how a sync is to be done.
type SyncOptions struct {
	AcceptShrink bool         // take the feed as it is, however much is missing
	Progress     func(string) // told in English what is going on; nil: nobody listens
	noWait       bool         // give up at once when another sync of the feed is running
}

// syncVersion changes when the rules here change what a payload becomes, so that feeds are read anew.
const syncVersion = "3"

const (
	// Longer than a process is ever busy without renewing it, apart from the transaction that writes: that
	// one holds the feed's row.
	leaseTime = 15 * time.Second
	leaseWait = 45 * time.Second // long enough for the lease of a killed process to run out
)

// run is one sync under way.
type run struct {
	s        *Service
	feed     feedRow
	lease    string
	settings string
	report   *Sync
	o        SyncOptions
}

// SyncFeed reads a feed and brings the directory in line with it, all or nothing. A failed sync changes
// nothing and is returned both as a report and as an error. Errors: NotFound; Conflict while another sync
// of the feed is running; Unavailable and Invalid when the feed cannot be had or read.
func (s *Service) SyncFeed(ctx context.Context, name string, o SyncOptions) (*Sync, error) {
	r, err := s.begin(ctx, name, o)
	if err != nil {
		return nil, noFeed("sync feed", err)
	}
	return r.during(ctx, r.sync)
}

// AcceptHeld applies the payload of a feed that was held back. Errors: NotFound; Conflict when nothing is
// held.
func (s *Service) AcceptHeld(ctx context.Context, actor, name string) (*Sync, error) {
	return s.acceptHeld(ctx, name, "", func(ctx context.Context, tx *db.Tx, r *run) error {
		return s.record(ctx, tx, actor, "feed.accept", r.feed.ID, r.feed.Name)
	})
}

func nothingHeld() error { return fault.New(fault.Conflict, "Nothing of this feed is waiting.") }

// acceptHeld is AcceptHeld for the payload of that hash, "" for any; last, unless nil, ends its transaction.
func (s *Service) acceptHeld(ctx context.Context, name, want string, last func(context.Context, *db.Tx, *run) error) (*Sync, error) {
	r, err := s.begin(ctx, name, SyncOptions{AcceptShrink: true})
	if err != nil {
		return nil, noFeed("accept feed", err)
	}
	if r.feed.heldHash == "" || want != "" && r.feed.heldHash != want {
		// Nothing was tried, so no report says that it failed.
		return nil, errors.Join(nothingHeld(), dropLease(context.WithoutCancel(ctx), s.db, r.feed.ID, r.lease))
	}
	return r.during(ctx, func(ctx context.Context) error {
		payload, hash, err := heldPayload(ctx, s.db, r.feed.ID)
		if errors.Is(err, db.ErrNone) {
			return nothingHeld()
		}
		if err != nil {
			return err
		}
		return r.apply(ctx, payload, hash, func(ctx context.Context, tx *db.Tx) error {
			if last == nil {
				return nil
			}
			return last(ctx, tx, r)
		})
	})
}

// begin finds the feed and becomes the only one to sync it.
func (s *Service) begin(ctx context.Context, name string, o SyncOptions) (*run, error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	f, err := feedByName(ctx, s.db, name)
	if err != nil {
		return nil, err
	}
	if f.local {
		return nil, db.ErrNone
	}
	r := &run{s: s, lease: db.NewID(), o: o}
	wait, stop := context.WithTimeout(ctx, leaseWait)
	defer stop()
	for tries := 0; ; tries++ {
		now := db.Millis(s.o.Now())
		ok, err := takeLease(ctx, s.db, f.ID, r.lease, now, now+leaseTime.Milliseconds())
		if err != nil {
			return nil, err
		}
		if ok {
			break
		}
		if tries == 0 && !o.noWait {
			o.Progress("waiting for another sync of " + name)
		}
		if o.noWait || !pause(wait, 200*time.Millisecond) {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, fault.New(fault.Conflict, "Another sync of this feed is running.")
		}
	}
	// What the one before us stored.
	if r.feed, err = feedByName(ctx, s.db, name); err != nil {
		return nil, err
	}
	r.o.Progress = func(what string) {
		s.progress.Store(name, what)
		o.Progress(what)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s\x00%s\x00%s", syncVersion, s.o.Release, s.o.Instance, f.Format, f.Fellowship, f.Zone))
	r.settings = hex.EncodeToString(sum[:8])
	r.report = &Sync{
		ID: db.NewID(), Feed: f.Name, StartedAt: s.o.Now(), Skipped: []RowIssue{}, Warnings: []RowIssue{},
	}
	return r, nil
}

// during keeps the lease while do works, and stores the report of a failure.
func (r *run) during(ctx context.Context, do func(context.Context) error) (*Sync, error) {
	renewing, stop := context.WithCancel(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		for pause(renewing, leaseTime/3) {
			now := db.Millis(r.s.o.Now())
			// A failure is noticed by holdLease, before anything is written.
			_, _ = takeLease(renewing, r.s.db, r.feed.ID, r.lease, now, now+leaseTime.Milliseconds())
		}
	}()
	err := do(ctx)
	r.s.progress.Delete(r.feed.Name)
	stop()
	<-renewed
	done := context.WithoutCancel(ctx) // also after an interruption
	if err != nil {
		if failed := r.fail(done, err); failed != nil && !errors.Is(failed, errLeaseLost) {
			err = errors.Join(err, failed)
		}
	}
	if dropped := dropLease(done, r.s.db, r.feed.ID, r.lease); dropped != nil && err == nil {
		err = dropped
	}
	if err != nil {
		return r.report, fmt.Errorf("sync feed: %w", err)
	}
	return r.report, nil
}

// sync fetches and applies.
func (r *run) sync(ctx context.Context) error {
	got, err := r.get(ctx)
	if err != nil {
		return err
	}
	if got.unchanged {
		if r.feed.heldHash != "" && r.o.AcceptShrink {
			payload, hash, err := heldPayload(ctx, r.s.db, r.feed.ID)
			if err != nil {
				return err
			}
			return r.apply(ctx, payload, hash, nil)
		}
		return r.repeat(ctx, got)
	}
	sum := sha256.Sum256(got.payload)
	hash := r.settings + hex.EncodeToString(sum[:16])
	switch {
	case hash == r.feed.refusedHash && !r.o.AcceptShrink:
		return errRefused()
	case hash == r.feed.payloadHash && r.feed.heldHash == "",
		hash == r.feed.heldHash && !r.o.AcceptShrink:
		return r.repeat(ctx, got)
	}
	return r.apply(ctx, got.payload, hash, func(ctx context.Context, tx *db.Tx) error {
		return r.keepValidators(ctx, tx, got)
	})
}

func (r *run) get(ctx context.Context) (*fetched, error) {
	if r.feed.File != "" {
		return r.s.fetchFile(r.feed.File, r.o.Progress)
	}
	var known validators
	if r.feed.fetchedHash == r.settings && (r.feed.payloadHash != "" || r.feed.heldHash != "") {
		known = r.feed.validators
	}
	return r.s.fetch(ctx, r.feed.URL, known, r.o.Progress)
}

func (r *run) keepValidators(ctx context.Context, tx *db.Tx, got *fetched) error {
	_, err := tx.Exec(ctx, `UPDATE feed SET etag = $2, last_modified = $3, fetched_hash = $4 WHERE id = $1`,
		r.feed.ID, got.validators.etag, got.validators.lastModified, r.settings)
	return err
}

// repeat reports that nothing is new: the feed is as it was when it was last applied, or held.
func (r *run) repeat(ctx context.Context, got *fetched) error {
	return r.s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := holdLease(ctx, tx, r.feed.ID, r.lease); err != nil {
			return err
		}
		before, state := r.feed.lastGoodSync, SyncSame
		if r.feed.heldHash != "" {
			before, state = r.feed.lastSync, SyncHeld
		}
		y := r.report
		old, err := syncByID(ctx, tx, before)
		switch {
		case errors.Is(err, db.ErrNone):
		case err != nil:
			return err
		default:
			y.Rows, y.Occurrences, y.Skipped, y.Warnings = old.Rows, old.Occurrences, old.Skipped, old.Warnings
			y.Unchanged, y.Error = old.Occurrences, old.Error
		}
		if state == SyncHeld {
			y.Unchanged = 0
		}
		if err := r.keepValidators(ctx, tx, got); err != nil {
			return err
		}
		return r.finish(ctx, tx, state, nil)
	})
}

// apply decodes a payload and brings the directory in line with it in one transaction; last is what must
// come last in it.
func (r *run) apply(ctx context.Context, payload []byte, hash string, last func(context.Context, *db.Tx) error) error {
	r.o.Progress("reading " + bytesText(int64(len(payload))))
	p, err := r.s.decode(r.feed, payload)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r.o.Progress("comparing " + strconv.Itoa(len(p.occurrences)) + " meetings")
	blank := *r.report
	return r.s.db.WithTx(ctx, func(tx *db.Tx) error {
		*r.report = blank // a transaction may run twice
		y := r.report
		y.Rows, y.Occurrences = p.rows, len(p.occurrences)
		y.Skipped, y.Warnings = append(y.Skipped, p.skipped...), append(y.Warnings, p.warnings...)
		if err := holdLease(ctx, tx, r.feed.ID, r.lease); err != nil {
			return err
		}
		d, err := r.s.newDiff(ctx, tx, r.feed, db.Millis(r.s.o.Now()))
		if err != nil {
			return err
		}
		if reason := shrunk(d.countActive(), len(p.occurrences)); reason != "" && !r.o.AcceptShrink {
			y.Error = reason
			if err := r.hold(ctx, tx, payload, hash); err != nil {
				return err
			}
			return r.finish(ctx, tx, SyncHeld, last)
		}
		r.take(d, p)
		r.o.Progress("writing " + strconv.Itoa(y.Added+y.Changed+y.Gone) + " changes")
		changes, err := d.compare(ctx, tx)
		if err != nil {
			return err
		}
		for _, l := range d.changed {
			y.Changes = append(y.Changes, changes[l]...)
		}
		y.Added += d.newRepeats()
		if err := d.apply(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE feed SET payload_hash = $2, held_hash = '', refused_hash = '', active = $3, last_good_sync = $4
			WHERE id = $1`, r.feed.ID, hash, int64(len(p.occurrences)), y.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM feed_held WHERE feed_id = $1`, r.feed.ID); err != nil {
			return err
		}
		return r.finish(ctx, tx, SyncApplied, func(ctx context.Context, tx *db.Tx) error {
			if err := writeChanges(ctx, tx, y.ID, changes); err != nil || last == nil {
				return err
			}
			return last(ctx, tx)
		})
	})
}

// take puts every occurrence into the diff, retires the listings that are no longer there, and counts. It
// counts by the ids that the feed gives, so that somebody can compare the numbers with the feed.
func (r *run) take(d *diff, p *prepared) {
	y := r.report
	there := make(map[string]bool, len(p.occurrences))
	repeats := map[string]*listing{} // of an id that says the same as another: that one's
	taken := make(map[string]bool, len(p.occurrences))
	for i := range p.occurrences {
		taken[p.occurrences[i].Key] = true
	}
	sum := contentSum{}
	for i := range p.occurrences {
		o, hash := &p.occurrences[i], p.hashes[i]
		if settled := d.settle(o, taken); settled != nil {
			o, hash = settled, sum.of(settled)
		}
		there[o.Key] = true
		switch d.put(o, r.feed.Fellowship, hash) {
		case wasAdded:
			y.Added++
		case wasChanged:
			y.Changed++
		default:
			y.Unchanged++
		}
		for _, id := range o.Repeats {
			repeats[id] = d.own[o.Key]
		}
	}
	before := y.Changed + y.Unchanged
	for key, l := range d.own {
		switch {
		case there[key] || l.State != listingActive:
		case repeats[key] != nil:
			d.retireRepeat(l, repeats[key])
			y.Changed++
		default:
			d.retire(l, listingGone)
			y.Gone++
		}
	}
	// Only where about as many came: a feed that shrank has kept its ids.
	if y.Gone > before && y.Gone >= 10 && 2*y.Added >= y.Gone {
		y.Warnings = append(y.Warnings, RowIssue{0, fmt.Sprintf("%d of %d meetings have gone since the last sync and others came: has the feed changed its ids?", y.Gone, y.Gone+before)})
	}
}

// shrunk says why a feed must not be believed without a person, "" when it may.
func shrunk(before, now int) string {
	switch {
	case before > 0 && now == 0:
		return fmt.Sprintf("The feed has no meetings now; it had %d. Nothing was changed.", before)
	case before >= 10 && now*2 < before:
		return fmt.Sprintf("The feed has %d meetings now; it had %d. Nothing was changed.", now, before)
	}
	return ""
}

// hold keeps the payload for a person and changes nothing.
func (r *run) hold(ctx context.Context, tx *db.Tx, payload []byte, hash string) error {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(payload); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO feed_held (feed_id, hash, payload, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (feed_id) DO UPDATE SET hash = excluded.hash, payload = excluded.payload, at = excluded.at`,
		r.feed.ID, hash, packed.Bytes(), db.Millis(r.s.o.Now()))
	if err != nil {
		return fmt.Errorf("keep the payload: %w", err)
	}
	_, err = tx.Exec(ctx, `UPDATE feed SET held_hash = $2 WHERE id = $1`, r.feed.ID, hash)
	return err
}

func heldPayload(ctx context.Context, q db.Querier, feedID string) (payload []byte, hash string, err error) {
	type row struct {
		packed []byte
		hash   string
	}
	held, err := db.One(ctx, q, func(scan db.Scan) (h row, err error) {
		err = scan(&h.packed, &h.hash)
		return h, err
	}, `SELECT payload, hash FROM feed_held WHERE feed_id = $1`, feedID)
	if err != nil {
		return nil, "", err
	}
	z, err := gzip.NewReader(bytes.NewReader(held.packed))
	if err != nil {
		return nil, "", err
	}
	payload, err = io.ReadAll(z)
	return payload, held.hash, err
}

// finish stores the report and when the feed is due again; last is what must come last.
func (r *run) finish(ctx context.Context, tx *db.Tx, state SyncState, last func(context.Context, *db.Tx) error) error {
	y := r.report
	y.State, y.FinishedAt = state, r.s.o.Now()
	if _, err := tx.Exec(ctx, `UPDATE feed SET last_sync = $2, due_at = $3 WHERE id = $1`,
		r.feed.ID, y.ID, db.Millis(y.FinishedAt.Add(r.feed.Every))); err != nil {
		return err
	}
	if state != SyncHeld {
		if _, err := tx.Exec(ctx, `UPDATE feed SET failures = 0, last_good_at = $2 WHERE id = $1`,
			r.feed.ID, db.Millis(y.FinishedAt)); err != nil {
			return err
		}
	}
	if err := writeSync(ctx, tx, r.feed.ID, y); err != nil || last == nil {
		return err
	}
	return last(ctx, tx)
}

// How long a feed that fails is left alone: longer each time, never longer than it would be anyway.
const firstRetry = 10 * time.Minute

func retryAfter(failures int64, every time.Duration, asked time.Duration) time.Duration {
	wait := firstRetry << min(max(failures-1, 0), 16)
	if every > 0 {
		wait = min(wait, every)
	}
	return max(wait, asked)
}

// fail stores the report of a sync that changed nothing.
func (r *run) fail(ctx context.Context, cause error) error {
	y := r.report
	y.State, y.FinishedAt = SyncFailed, r.s.o.Now()
	y.Added, y.Changed, y.Unchanged, y.Gone, y.Changes = 0, 0, 0, 0, nil
	y.Error = "Something here went wrong; the old data stands."
	if f := fault.As(cause); f != nil {
		y.Error = f.Text()
	} else if errors.Is(cause, context.Canceled) {
		y.Error = "The sync was interrupted; the old data stands."
	}
	var later retryLater
	errors.As(cause, &later)
	return r.s.db.WithTx(ctx, func(tx *db.Tx) error {
		if err := holdLease(ctx, tx, r.feed.ID, r.lease); err != nil {
			return err
		}
		due := y.FinishedAt.Add(retryAfter(r.feed.failures+1, r.feed.Every, later.after))
		if _, err := tx.Exec(ctx, `UPDATE feed SET last_sync = $2, failures = failures + 1, due_at = $3 WHERE id = $1`,
			r.feed.ID, y.ID, db.Millis(due)); err != nil {
			return err
		}
		return writeSync(ctx, tx, r.feed.ID, y)
	})
}

// pause waits and tells whether it was let.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

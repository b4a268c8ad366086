package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"time"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/app"
	"hearth/internal/audit"
	"hearth/internal/community"
	"hearth/internal/config"
	"hearth/internal/db"
	"hearth/internal/vault"
)

// What a page of fifty names may take among so many participants, and how much dearer a record may be for
// being written down.
const (
	participants  = 100_000
	namesWithin   = 15 * time.Millisecond
	writtenFactor = 1.3
)

// benchPeople opens lists and records among many participants, through the whole site over SQLite.
func benchPeople(ctx context.Context, o *options, r *report) (err error) {
	c, err := config.Load(func(string) (string, bool) { return "", false }, func(name string) (string, bool) {
		return filepath.Join(o.dir, "people"), name == "HEARTH_DATA"
	})
	if err != nil {
		return err
	}
	h, err := app.Open(ctx, c, app.Outside{Stderr: io.Discard})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	program, err := h.Community.SetUpProgram(ctx, community.Program{Name: "House", Kind: community.RecoveryCommunity, Contact: "House", Part2: true, AdultAt: 18})
	if err != nil {
		return err
	}
	in := func(role access.Role) (account.Opened, error) {
		link, _, err := h.Accounts.InviteAs(ctx, account.CommandLine, account.Invitation{Grants: []access.Grant{{Role: role, Program: program.ID}}})
		if err != nil {
			return account.Opened{}, err
		}
		return h.Accounts.Claim(ctx, link, account.Joining{Name: string(role)})
	}
	peer, err := in(access.Peer)
	if err != nil {
		return err
	}
	supervisor, err := in(access.Supervisor)
	if err != nil {
		return err
	}
	say("  %d participants", participants)
	first, err := fillPeople(ctx, h, program.ID, peer.Account.ID)
	if err != nil {
		return err
	}
	site := h.Handler()
	ask := func(path, token string) func() error {
		return func() error {
			req := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
			req.RemoteAddr = "127.0.0.1:1"
			req.AddCookie(&http.Cookie{Name: "hearth_session", Value: token})
			w := httptest.NewRecorder()
			site.ServeHTTP(w, req)
			if w.Code == http.StatusTooManyRequests {
				time.Sleep(50 * time.Millisecond)
				return nil
			}
			if w.Code != http.StatusOK {
				return fmt.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
			return nil
		}
	}
	entry := func() error {
		return h.DB.WithTx(ctx, func(tx *db.Tx) error {
			return audit.Record(ctx, tx, audit.Entry{At: time.Now(), Actor: peer.Account.ID, Action: "record.read", Subject: "participant:" + first, Person: first})
		})
	}
	empty := func() error {
		return h.DB.WithTx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE program SET revision = revision + 1 WHERE id = $1`, program.ID)
			return err
		})
	}
	median := map[string]time.Duration{}
	for name, do := range map[string]func() error{
		"a page of 50 names, as a supervisor of all": ask("/people", supervisor.Token),
		"the 50 people that a peer walks with":       ask("/people", peer.Token),
		"one person's record":                        ask("/people/"+first, peer.Token),
		"entry":                                      entry,
		"empty":                                      empty,
	} {
		var took []time.Duration
		for began := time.Now(); time.Since(began) < o.long(); {
			start := time.Now()
			if err := do(); err != nil {
				return err
			}
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		median[name] = took[len(took)/2]
	}
	t := r.table("People", fmt.Sprintf("Pages through the whole site over SQLite with %d participants, each with a key of their own; one asker. A record's page is compared with itself less what its entry costs: "+
		"a transaction with one entry less a transaction that writes one other row.", participants), "page", "to reach", "median", "reached")
	for _, name := range []string{"a page of 50 names, as a supervisor of all", "the 50 people that a peer walks with"} {
		t.row(name, "≤ "+short(namesWithin), short(median[name]), r.verdict(median[name] <= namesWithin))
	}
	one := median["one person's record"]
	without := one - max(0, median["entry"]-median["empty"])
	factor := float64(one) / float64(without)
	t.row("one person's record, and its entry", fmt.Sprintf("≤ %.1f × without the entry", writtenFactor), fmt.Sprintf("%s, %.2f ×", short(one), factor), r.verdict(factor <= writtenFactor))
	return nil
}

// fillPeople writes participants with keys and sealed names, fifty of them paired with the peer, and gives one
// of these.
func fillPeople(ctx context.Context, h *app.House, program, peer string) (first string, err error) {
	const chunk = 2000
	for done := 0; done < participants; done += chunk {
		err := h.DB.WithTx(ctx, func(tx *db.Tx) error {
			ids := make([]string, chunk)
			for i := range ids {
				ids[i] = db.NewID()
				if err := h.Vault.AddPerson(ctx, tx, ids[i]); err != nil {
					return err
				}
			}
			ring, err := h.Vault.Ring(ctx, tx, ids)
			if err != nil {
				return err
			}
			rows := make([][]any, chunk)
			for i, id := range ids {
				called, err := ring.Seal(vault.Place{Person: id, Table: "participant", Column: "called", Row: id}, fmt.Sprintf("Person %d", done+i))
				if err != nil {
					return err
				}
				rows[i] = []any{id, program, "", 1, called, id, id, "en", "open", int64(done + i), peer}
			}
			if err := db.Insert(ctx, tx, "participant", []string{"id", "program", "account", "revision", "called", "name_index", "called_index", "language", "state", "opened_at", "opened_by"}, rows, ""); err != nil {
				return err
			}
			if done > 0 {
				return nil
			}
			first = ids[0]
			pairs := make([][]any, 50)
			for i := range pairs {
				pairs[i] = []any{db.NewID(), ids[i], peer, "", "primary", "2026-01-01", "", peer}
			}
			return db.Insert(ctx, tx, "pairing", []string{"id", "participant", "peer", "supervisor", "role", "from_day", "until_day", "made_by"}, pairs, "")
		})
		if err != nil {
			return "", err
		}
	}
	return first, nil
}

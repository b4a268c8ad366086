package audit_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"hearth/internal/audit"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

func signing(t testing.TB, name string) (note.Signer, note.Verifier) {
	t.Helper()
	s, v, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(s)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(v)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

func sign(ctx context.Context, d *db.DB, s note.Signer, v note.Verifier) (c audit.Checkpoint, err error) {
	err = d.WithTx(ctx, func(tx *db.Tx) error {
		c, err = audit.Sign(ctx, tx, s, v, at)
		return err
	})
	return c, err
}

func entry(i int) audit.Entry {
	return audit.Entry{At: at.Add(time.Duration(i) * time.Second), Actor: "ana", Action: "record.read", Subject: fmt.Sprint("thing:", i), Person: "p1", Basis: "paired"}
}

func entries(n int) (all []audit.Entry) {
	for i := range n {
		all = append(all, entry(i))
	}
	return all
}

// undone runs f in a transaction that is taken back.
func undone(t *testing.T, d *db.DB, f func(tx *db.Tx)) {
	t.Helper()
	stop := errors.New("put it back")
	if err := d.WithTx(t.Context(), func(tx *db.Tx) error { f(tx); return stop }); !errors.Is(err, stop) {
		t.Fatal(err)
	}
}

func exec(t *testing.T, tx *db.Tx, sql string, args ...any) {
	t.Helper()
	if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyShowsEveryChange that is made by hand in the database, without any checkpoint.
func TestVerifyShowsEveryChange(t *testing.T) {
	const insert = `INSERT INTO audit_entry (seq, at, actor, action, subject, detail, hash) VALUES `
	changes := map[string][]string{
		"entry 3 is not what": {
			`UPDATE audit_entry SET actor = 'somebody else' WHERE seq = 3`, `UPDATE audit_entry SET person = '' WHERE seq = 3`,
			`UPDATE audit_entry SET basis = 'emergency' WHERE seq = 3`, `UPDATE audit_entry SET at = at + 1 WHERE seq = 3`,
			`UPDATE audit_entry SET leaf = NULL WHERE seq = 3`,
			`UPDATE audit_entry SET actor = 'an', action = 'arecord.read' WHERE seq = 3`,
			`UPDATE audit_entry SET subject = 'thing:3' WHERE seq = 3; UPDATE audit_entry SET subject = 'thing:2' WHERE seq = 4`,
		},
		"entry 1 is missing":    {`DELETE FROM audit_entry WHERE seq = 1`, `DELETE FROM audit_entry`},
		"entry 3 is missing":    {`DELETE FROM audit_entry WHERE seq = 3`},
		"entry 600 is missing":  {`DELETE FROM audit_entry WHERE seq = 600`, `UPDATE audit_end SET seq = seq + 1; DELETE FROM audit_entry WHERE seq = 600`},
		"entry 513 is missing":  {`DELETE FROM audit_entry WHERE seq > 512`},
		"does not end":          {`UPDATE audit_end SET seq = seq - 1`},
		"entry 601 is not what": {insert + `(601, 0, '', '', '', '', '')`},
		"the end of its tree":   {`DELETE FROM audit_end`, `UPDATE audit_end SET edge = NULL`, `UPDATE audit_end SET tree = tree - 1`},
		"the hashes inside":     {`UPDATE audit_tile SET hash = (SELECT hash FROM audit_tile WHERE n = 1) WHERE n = 0`, `INSERT INTO audit_tile (level, n, hash) SELECT 16, 0, hash FROM audit_tile WHERE n = 0`, `DELETE FROM audit_tile WHERE n = 1`},
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		if err := record(t.Context(), d, entries(600)...); err != nil {
			t.Fatal(err)
		}
		if n, err := audit.Verify(t.Context(), d); n != 600 || err != nil {
			t.Fatalf("got %d entries, %v; want 600", n, err)
		}
		for want, ways := range changes {
			for _, change := range ways {
				undone(t, d, func(tx *db.Tx) {
					for one := range strings.SplitSeq(change, ";") {
						exec(t, tx, one)
					}
					if _, err := audit.VerifyIn(t.Context(), tx); err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("%s: got %v, want %q", change, err, want)
					}
				})
			}
		}
	}, audit.Migrations)
}

// forge makes the whole record anew, as somebody would who has the program and the database, but not the keys.
func forge(t *testing.T, tx *db.Tx, all []audit.Entry) {
	t.Helper()
	for _, table := range []string{"audit_entry", "audit_tile"} {
		exec(t, tx, `DELETE FROM `+table)
	}
	exec(t, tx, `UPDATE audit_end SET seq = 0, tree = 0, edge = NULL`)
	if err := audit.Record(t.Context(), tx, all...); err != nil {
		t.Fatal(err)
	}
}

// TestAKeptCheckpointShowsAForgery that holds together in itself, at whatever sizes.
func TestAKeptCheckpointShowsAForgery(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		signer, verifier := signing(t, "hearth-1")
		var kept []audit.Checkpoint
		const n, each = 300, 50
		for i := 0; i <= n; i += each {
			c, err := sign(ctx, d, signer, verifier)
			if err != nil || c.Entries != int64(i) {
				t.Fatalf("%+v, %v", c, err)
			}
			kept = append(kept, c)
			if i < n {
				if err := record(ctx, d, entries(n)[i:i+each]...); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got, err := audit.Verify(ctx, d, kept...); got != n || err != nil {
			t.Fatalf("%d, %v", got, err)
		}
		if err := record(ctx, d, entries(17)...); err != nil {
			t.Fatal(err)
		}
		all := append(entries(n), entries(17)...)
		if got, err := audit.Verify(ctx, d, kept...); got != n+17 || err != nil {
			t.Fatalf("after more entries: %d, %v", got, err)
		}
		rapid.Check(t, func(r *rapid.T) {
			forged := append([]audit.Entry(nil), all...)
			i := rapid.IntRange(0, n-1).Draw(r, "entry")
			switch rapid.SampledFrom([]string{"change", "remove", "swap", "put in", "cut"}).Draw(r, "forgery") {
			case "change":
				forged[i].Actor = "nobody"
			case "remove":
				forged = append(forged[:i:i], forged[i+1:]...)
			case "swap":
				j := (i + 1) % n
				forged[i], forged[j] = forged[j], forged[i]
			case "put in":
				forged = append(forged[:i:i], append([]audit.Entry{{At: at, Action: "invented"}}, forged[i:]...)...)
			case "cut":
				forged = forged[:i]
			}
			undone(t, d, func(tx *db.Tx) {
				forge(t, tx, forged)
				// It holds together in itself …
				if _, err := audit.VerifyIn(ctx, tx); err != nil {
					r.Fatalf("the forgery is a bad one: %v", err)
				}
				// … but not with what was kept.
				if _, err := audit.VerifyIn(ctx, tx, kept...); err == nil {
					r.Fatal("the checkpoints fit a forged record")
				}
				if _, err := audit.VerifyIn(ctx, tx, kept[len(kept)-1]); err == nil {
					r.Fatal("the last checkpoint fits a forged record")
				}
				// The next periodic checkpoint finds it too, from a few hashes.
				if c, err := audit.Sign(ctx, tx, signer, verifier, at); err == nil {
					r.Fatalf("a forged record was signed: %d", c.Entries)
				}
			})
		})
	}, audit.Migrations)
}

// TestCheckpointsAreSigned: text that somebody wrote themselves is none.
func TestCheckpointsAreSigned(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		signer, verifier := signing(t, "hearth-1")
		_, other := signing(t, "hearth-1")
		if err := record(ctx, d, entries(5)...); err != nil {
			t.Fatal(err)
		}
		c, err := sign(ctx, d, signer, verifier)
		if err != nil {
			t.Fatal(err)
		}
		got, err := audit.ReadCheckpoint([]byte(c.Note), verifier)
		if err != nil || got != c {
			t.Fatalf("%+v, %v; want %+v", got, err, c)
		}
		if _, err := audit.ReadCheckpoint([]byte(c.Note), other); err == nil {
			t.Error("signed by others")
		}
		for _, text := range []string{"", strings.Replace(c.Note, "\n5\n", "\n4\n", 1), strings.SplitAfter(c.Note, "\n\n")[0]} {
			if _, err := audit.ReadCheckpoint([]byte(text), verifier); err == nil {
				t.Errorf("read as a checkpoint: %q", text)
			}
		}
		if all, err := audit.Checkpoints(ctx, d, verifier); err != nil || len(all) != 1 || all[0] != c {
			t.Errorf("%v, %v", all, err)
		}
		undone(t, d, func(tx *db.Tx) {
			exec(t, tx, `UPDATE audit_checkpoint SET seq = 3`)
			if _, err := audit.Checkpoints(ctx, tx, verifier); err == nil {
				t.Error("a checkpoint in another's place")
			}
		})
	}, audit.Migrations)
}

// TestTheTreeIsTheTree of RFC 6962 as x/mod makes it, at every size.
func TestTheTreeIsTheTree(t *testing.T) {
	d := dbtest.SQLite(t, audit.Migrations)
	signer, verifier := signing(t, "hearth-1")
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
		for _, i := range at {
			out = append(out, hashes[i])
		}
		return out, nil
	})
	for i := range 530 {
		e := entry(i)
		if err := record(t.Context(), d, e); err != nil {
			t.Fatal(err)
		}
		e.Seq = int64(i + 1)
		more, err := tlog.StoredHashesForRecordHash(int64(i), tlog.Hash(audit.LeafOf(e)), read)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, more...)
		want, err := tlog.TreeHash(int64(i+1), read)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := sign(t.Context(), d, signer, verifier); err != nil || c.Root != want {
			t.Fatalf("%d entries: %v", i+1, err)
		}
	}
}

// before is the package's tables as they were before there was a tree.
func before(t *testing.T) db.Source {
	t.Helper()
	b, err := fs.ReadFile(audit.Migrations.FS, "migrations/001_audit.sql")
	if err != nil {
		t.Fatal(err)
	}
	return db.Source{Name: "audit", FS: fstest.MapFS{"001_audit.sql": {Data: b}}}
}

// TestOldEntriesAreTakenIn: entries that were held together by a chain stand in the tree afterwards, at the start
// or with the next entry, and a chain that was broken is said so.
func TestOldEntriesAreTakenIn(t *testing.T) {
	ways := map[string]func(context.Context, *db.DB) error{
		"at the start":        audit.Adopt,
		"with the next entry": func(ctx context.Context, d *db.DB) error { return record(ctx, d, entry(0)) },
	}
	for way, take := range ways {
		for _, changed := range []bool{false, true} {
			t.Run(fmt.Sprint(way, changed), func(t *testing.T) {
				dbtest.Run(t, func(t *testing.T, d *db.DB) {
					ctx := t.Context()
					const n = 2300
					err := d.WithTx(ctx, func(tx *db.Tx) error {
						chain := ""
						rows := make([][]any, n)
						for i := range rows {
							e := audit.Entry{Seq: int64(i + 1), At: at, Actor: "ana", Action: "feed.add", Subject: fmt.Sprint("feed:", i), Detail: "url"}
							chain = audit.ChainHashOf(e, chain)
							rows[i] = []any{e.Seq, db.Millis(e.At), e.Actor, e.Action, e.Subject, e.Detail, chain}
						}
						if err := db.Insert(ctx, tx, "audit_entry", []string{"seq", "at", "actor", "action", "subject", "detail", "hash"}, rows, ""); err != nil {
							return err
						}
						_, err := tx.Exec(ctx, `UPDATE audit_end SET seq = $1, hash = $2`, n, chain)
						return err
					})
					if err != nil {
						t.Fatal(err)
					}
					if changed {
						if _, err := d.Exec(ctx, `UPDATE audit_entry SET actor = 'bo' WHERE seq = 1234`); err != nil {
							t.Fatal(err)
						}
					}
					if err := db.Migrate(ctx, d, audit.Migrations); err != nil {
						t.Fatal(err)
					}
					if err := take(ctx, d); err != nil {
						t.Fatal(err)
					}
					want := int64(n)
					if changed {
						want++
					}
					if way != "at the start" {
						want++
					}
					if got, err := audit.Verify(ctx, d); err != nil || got != want {
						t.Fatalf("%d entries, %v; want %d", got, err, want)
					}
					all, err := audit.List(ctx, d, n+2)
					if err != nil || all[len(all)-1].Subject != "feed:0" {
						t.Fatalf("%v", err)
					}
					said := 0
					for _, e := range all {
						if e.Action == "audit.chain.broken" && strings.Contains(e.Detail, "entry 1234 ") {
							said++
						}
					}
					if changed != (said == 1) {
						t.Errorf("it was changed: %v; said so %d times", changed, said)
					}
				}, before(t))
			})
		}
	}
}

// TestNoTwoEntriesLookAlike: what somebody types cannot move the borders between the parts of an entry, nor can
// somebody do it in the database.
func TestNoTwoEntriesLookAlike(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		if err := record(t.Context(), d, audit.Entry{At: at, Actor: "a\x1fb", Action: "c", Detail: "\x1f\x1f"}, entry(1)); err != nil {
			t.Fatal(err)
		}
		if n, err := audit.Verify(t.Context(), d); n != 2 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		undone(t, d, func(tx *db.Tx) {
			exec(t, tx, `UPDATE audit_entry SET actor = $1, action = $2 WHERE seq = 2`, "ana\x1frecord.read", "")
			if _, err := audit.VerifyIn(t.Context(), tx); err == nil {
				t.Error("a border was moved")
			}
		})
		word := rapid.SampledFrom([]string{"", "a", "b", "ab", "a b"})
		one := rapid.Custom(func(t *rapid.T) audit.Entry {
			return audit.Entry{Seq: 1, At: at, Actor: word.Draw(t, "actor"), Action: word.Draw(t, "action"), Subject: word.Draw(t, "subject"), Person: word.Draw(t, "person"), Basis: word.Draw(t, "basis"), Detail: word.Draw(t, "detail")}
		})
		rapid.Check(t, func(t *rapid.T) {
			a, b := one.Draw(t, "a"), one.Draw(t, "b")
			if (a == b) != (string(audit.LeafOf(a)) == string(audit.LeafOf(b))) {
				t.Fatal("two entries look alike")
			}
		})
	}, audit.Migrations)
}

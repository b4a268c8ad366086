package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hearth/internal/access"
	"hearth/internal/account"
	"hearth/internal/app"
	"hearth/internal/casework"
	"hearth/internal/config"
	"hearth/internal/db"
	"hearth/internal/db/dbtest"
)

// lines is a log that several goroutines write.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.b.Bytes())
}

// planted is what must show nowhere, in no spelling.
var planted = map[string]string{
	"chosen name":    "Zephyrine Quillfeather",
	"legal name":     "Euphrosyne Vandermolen",
	"month of birth": "1907-11",
	"number":         "+12155550147",
	"quiet words":    "my sister Ottoline answers",
	"note":           "told me about the blue house on Larkspur Lane",
	"account":        "Balthazar Nightingale",
	"password":       "seventeen marmalade lanterns",
}

// shows returns which planted words a file or a log shows, as they are, in hexadecimal (as pg_dump writes
// bytes) or in base64 at any offset.
func shows(b []byte) (found []string) {
	lower := bytes.ToLower(b)
	for what, secret := range planted {
		forms := []string{strings.ToLower(secret), hex.EncodeToString([]byte(secret))}
		for pad := range 3 {
			e := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", pad) + secret))
			forms = append(forms, strings.ToLower(e[4:len(e)-4]))
		}
		for _, form := range forms {
			if bytes.Contains(lower, []byte(form)) {
				found = append(found, what)
				break
			}
		}
	}
	return found
}

// TestPlantedSecretsShowNowhere: names, numbers and words go through the whole house, are changed, erased and
// sealed anew; then the database's files, its log, a dump and the program's own log are searched.
func TestPlantedSecretsShowNowhere(t *testing.T) {
	if len(shows([]byte(`\x`+hex.EncodeToString([]byte("a "+planted["note"]))))) != 1 || len(shows([]byte(base64.StdEncoding.EncodeToString([]byte("x"+planted["account"]+"x"))))) != 1 {
		t.Fatal("the search does not find what it should")
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "hearth.db")
		log := plant(t, db.Config{Path: path}, func(visible string) {
			seen := false
			for _, suffix := range []string{"", "-wal", "-shm"} {
				b, err := os.ReadFile(path + suffix)
				if err != nil && suffix == "" {
					t.Fatal(err)
				}
				seen = seen || bytes.Contains(b, []byte(visible))
				if found := shows(b); found != nil {
					t.Errorf("%s shows: %v", "hearth.db"+suffix, found)
				}
			}
			if !seen {
				t.Error("this test looks at the wrong files: what is not secret is not there either")
			}
		})
		if found := shows(log); found != nil {
			t.Errorf("the log shows %v:\n%s", found, log)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		address := dbtest.PostgresURL(t)
		log := plant(t, db.Config{URL: address}, func(visible string) {
			dump, err := exec.Command(pgDump(t), "--dbname", address).Output()
			if err != nil || !bytes.Contains(dump, []byte(visible)) {
				t.Fatalf("pg_dump: %d bytes, %v", len(dump), err)
			}
			if found := shows(dump); found != nil {
				t.Errorf("the dump shows: %v", found)
			}
		})
		if found := shows(log); found != nil {
			t.Errorf("the log shows %v:\n%s", found, log)
		}
	})
}

func pgDump(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("pg_dump"); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
	if len(found) == 0 {
		t.Fatal("pg_dump is not here; ./check installs it with PostgreSQL")
	}
	return found[len(found)-1]
}

// plant lives through it, calls look while everything is open and once more after the end, and returns the log.
// What is not secret is handed to look.
func plant(t *testing.T, where db.Config, look func(visible string)) []byte {
	t.Helper()
	ctx := t.Context()
	d, err := db.Open(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	c, err := config.Load(func(string) (string, bool) { return "", false }, func(name string) (string, bool) {
		v, ok := map[string]string{"HEARTH_DATA": data, "HEARTH_LOG_LEVEL": "debug"}[name]
		return v, ok
	})
	if err != nil {
		t.Fatal(err)
	}
	log := &lines{}
	h, err := app.On(ctx, d, c, app.Outside{Stderr: log, Now: func() time.Time { return time.Date(2026, 5, 18, 22, 35, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(ctx); err != nil {
		t.Fatal(err)
	}
	const visible = "house-on-the-hill"
	may := []access.Grant{{Role: access.Peer, Program: visible}}
	a, err := h.Accounts.Create(ctx, account.CommandLine, account.NewAccount{Name: planted["account"], Password: planted["password"], Grants: may})
	if err != nil {
		t.Fatal(err)
	}
	peer := access.Actor{ID: a.ID, Grants: may}
	open := func(called string) casework.Participant {
		p, err := h.Casework.OpenRecord(ctx, peer, casework.Participant{Program: visible, Called: called, LegalName: planted["legal name"], BirthMonth: planted["month of birth"]})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Casework.AddNote(ctx, peer, p.ID, "She "+planted["note"]+"."); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Casework.SavePoint(ctx, peer, casework.Point{
			Participant: p.ID, Kind: casework.Phone, Value: planted["number"], Safety: casework.Safety{Call: true, Others: planted["quiet words"]},
		}); err != nil {
			t.Fatal(err)
		}
		return p
	}
	p, gone := open(planted["chosen name"]), open("Perpetua")
	form := url.Values{"name": {planted["account"]}, "password": {planted["password"] + "x"}}
	r := httptest.NewRequest("POST", "/signin", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	h.Handler().ServeHTTP(httptest.NewRecorder(), r)
	if err := d.WithTx(ctx, func(tx *db.Tx) error { return h.Vault.Erase(ctx, tx, gone.ID) }); err != nil {
		t.Fatal(err)
	}
	if err := h.Casework.SaveRecord(ctx, peer, casework.Participant{ID: p.ID, Revision: p.Revision, Program: p.Program, Called: "Z", LegalName: p.LegalName, BirthMonth: p.BirthMonth, Language: "en"}); err != nil {
		t.Fatal(err)
	}
	look(visible)
	if done, err := h.Vault.Rotate(ctx, nil); err != nil || done.Fields == 0 || done.Unreadable == 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	rec, err := h.Casework.ReadRecord(ctx, peer, p.ID)
	if err != nil || rec.LegalName != planted["legal name"] || len(rec.Notes) != 1 || !strings.Contains(rec.Notes[0].Words, planted["note"]) {
		t.Fatalf("after the rotation: %+v, %v", rec, err)
	}
	look(visible)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	look(visible)
	return log.bytes()
}

// TestEveryColumnOfBytesIsKnown: a column of bytes is sealed and declared so, or it stands here with the reason
// why it need not be. A sealed column that nobody declared would be missed by a rotation.
func TestEveryColumnOfBytesIsKnown(t *testing.T) {
	plain := map[string]string{
		"vault_person.wrapped":       "keys, wrapped by the program key",
		"audit_entry.leaf":           "a hash", // of the record's tree
		"audit_tile.hash":            "a hash",
		"audit_end.edge":             "hashes",
		"account_passkey.public_key": "public",
		"feed_held.payload":          "what a feed gave, which is public",
		"network_key.secret":         "the key of one day, destroyed with it",
		"challenge_key.secret":       "signs puzzles for browsers, nothing else",
	}
	known := map[string]bool{}
	for _, c := range app.Sealed() {
		known[c.Table+"."+c.Column] = true
	}
	d := dbtest.SQLite(t, app.Sources...)
	schema, err := db.Schema(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	table := ""
	for line := range strings.Lines(schema) {
		if !strings.HasPrefix(line, " ") {
			table = strings.TrimSpace(line)
			continue
		}
		f := strings.Fields(line)
		if len(f) < 2 || f[1] != "BLOB" {
			continue
		}
		name := table + "." + f[0]
		if !known[name] && plain[name] == "" {
			t.Errorf("%s holds bytes: declare it in its package's Sealed, or say here why it is not sealed", name)
		}
		delete(known, name)
	}
	for name := range known {
		t.Errorf("%s is declared as sealed and is not there as a column of bytes", name)
	}
}

package vault_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"hearth/internal/db"
	"hearth/internal/db/dbtest"
	"hearth/internal/vault"
)

func (w *world) export() []byte {
	w.t.Helper()
	var b bytes.Buffer
	if err := w.d.Read(w.t.Context(), func(tx *db.Tx) error { b.Reset(); return vault.Export(w.t.Context(), tx, &b) }); err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes()
}

func (w *world) load(b []byte) error {
	return w.d.WithTx(w.t.Context(), func(tx *db.Tx) error { return vault.Import(w.t.Context(), tx, bytes.NewReader(b)) })
}

// TestAnOldArchiveBringsNobodyBack: the data of last month and the newest keys give back everybody but those who
// were erased since, also after a rotation.
func TestAnOldArchiveBringsNobodyBack(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newWorld(t, d)
		v := w.process()
		w.write(v, "n1", "p1")
		w.write(v, "n2", "p2")
		data := w.rows() // the archive of the data: everything but what stands in vault.ArchivedApart
		w.write(v, "n3", "p3")
		erase(t, v, d, "p1")
		if _, err := v.Rotate(ctx, nil); err != nil {
			t.Fatal(err)
		}
		keys := w.export()
		for _, secret := range []string{"what p2 said", `"program":{`} {
			if bytes.Contains(keys, []byte(secret)) {
				t.Errorf("the export shows %s", secret)
			}
		}
		// A new machine: the data first, then the keys.
		for _, table := range append([]string{"note", "vault_person"}, vault.ArchivedApart...) {
			if _, err := d.Exec(ctx, `DELETE FROM `+table); err != nil {
				t.Fatal(err)
			}
		}
		for _, n := range data {
			if _, err := d.Exec(ctx, `INSERT INTO note (id, person, body, house) VALUES ($1, $2, $3, $4)`, n.id, n.person, n.body, n.house); err != nil {
				t.Fatal(err)
			}
		}
		k, err := vault.LoadKeys(ctx, w.where)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := vault.Open(ctx, d, k, vault.Options{Now: now}); err == nil || !strings.Contains(err.Error(), "restore the newest archive of the keys") {
			t.Errorf("it opened without people's keys: %v", err)
		}
		for range 2 {
			if err := w.load(keys); err != nil {
				t.Fatal(err)
			}
		}
		v = w.process()
		for i, want := range []error{vault.ErrErased, nil} {
			n := data[i]
			got, err := v.Open(ctx, d, vault.Place{Person: n.person, Table: "note", Column: "body", Row: n.id}, n.body)
			if !errors.Is(err, want) || want == nil && got != w.plain[n.id] {
				t.Errorf("%s: %q, %v", n.id, got, err)
			}
		}
		if done, err := v.Rotate(ctx, nil); err != nil || done.Unreadable != 1 {
			t.Errorf("%+v, %v", done, err)
		}
		w.plain = map[string]string{}
		w.write(v, "n4", "p4")
	}, vault.Migrations, notes)
}

// TestAnOlderExportTakesNothingBack: imported into a living house, it undoes no erasing and no rotation.
func TestAnOlderExportTakesNothingBack(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newWorld(t, d)
		v := w.process()
		w.write(v, "n1", "p1")
		w.write(v, "n2", "p2")
		old := w.export()
		erase(t, v, d, "p1")
		if _, err := v.Rotate(ctx, nil); err != nil {
			t.Fatal(err)
		}
		w.write(v, "n3", "p3")
		newest := w.export()
		if err := w.load(old); err != nil {
			t.Fatal(err)
		}
		v = w.process()
		for _, n := range w.rows() {
			_, err := v.Open(ctx, d, vault.Place{Person: n.person, Table: "note", Column: "body", Row: n.id}, n.body)
			if (n.person == "p1") != errors.Is(err, vault.ErrErased) || n.person != "p1" && err != nil {
				t.Errorf("%s: %v", n.id, err)
			}
		}
		for what, b := range map[string][]byte{"nothing": nil, "half": newest[:len(newest)/2], "without its end": newest[:bytes.LastIndexByte(newest[:len(newest)-1], '\n')+1], "something else": []byte(`{"what":"x"}`)} {
			if err := w.load(b); err == nil {
				t.Errorf("%s was taken for an archive", what)
			}
		}
		other := bytes.Replace(newest, []byte(`"fit":"`), []byte(`"fit":"0`), 1)
		if err := w.load(other); err == nil || !strings.Contains(err.Error(), "another house") {
			t.Errorf("the keys of another house: %v", err)
		}
	}, vault.Migrations, notes)
}

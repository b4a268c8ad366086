package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hearth/internal/app"
	"hearth/internal/config"
	"hearth/internal/db/dbtest"
)

// A balancer must not send anybody to a process that knows no meetings yet.
func TestReadyOnceTheIndexIsBuilt(t *testing.T) {
	data := t.TempDir()
	c, err := config.Load(func(string) (string, bool) { return "", false }, func(name string) (string, bool) { return data, name == "HEARTH_DATA" })
	if err != nil {
		t.Fatal(err)
	}
	h, err := app.On(t.Context(), dbtest.SQLite(t), c, app.Outside{Stderr: &bytes.Buffer{}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "index") {
		t.Errorf("before the start: %v", err)
	}
	if err := h.Meetings.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer h.StopAll()
	if err := h.Ready(t.Context()); err != nil {
		t.Errorf("after the start: %v", err)
	}
}

// A script that syncs must notice when a feed was kept back.
func TestASyncThatIsKeptBackFails(t *testing.T) {
	dir := t.TempDir()
	list := filepath.Join(dir, "list.json")
	write := func(n int) {
		t.Helper()
		rows := make([]string, n)
		for i := range rows {
			rows[i] = fmt.Sprintf(`{"name":"Group %02d","slug":"g%d","day":%d,"time":"19:00","timezone":"America/New_York","formatted_address":"%d Spruce Street, Philadelphia, PA 19104, USA","latitude":39.95,"longitude":-75.19}`, i, i, i%7, 100+i)
		}
		if err := os.WriteFile(list, []byte("["+strings.Join(rows, ",")+"]"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var stdout bytes.Buffer
	hearth := func(args ...string) error {
		stdout.Reset()
		return app.Run(t.Context(), append(args, "--data", filepath.Join(dir, "data")), app.Outside{
			Env: func(string) (string, bool) { return "", false }, Stdin: &bytes.Buffer{}, Stdout: &stdout, Stderr: &bytes.Buffer{},
		})
	}
	write(12)
	if err := hearth("feed", "add", "Town", "--format", "meetingguide", "--fellowship", "na", "--file", list); err != nil {
		t.Fatal(err)
	}
	if err := hearth("feed", "sync", "Town"); err != nil {
		t.Fatal(err)
	}
	write(3)
	for range 2 { // the second time nothing new is read: it is still kept back
		if err := hearth("feed", "sync", "Town"); err == nil || !strings.Contains(err.Error(), "kept back") {
			t.Errorf("kept back: %v", err)
		}
	}
	err := hearth("feed", "sync", "--json", "Town")
	var report struct{ State string }
	if bad := json.Unmarshal(stdout.Bytes(), &report); bad != nil || report.State != "held" || err == nil {
		t.Errorf("as JSON: %s, %v, %v", stdout.String(), bad, err)
	}
	if err := hearth("feed", "sync", "Town", "--accept-shrink"); err != nil {
		t.Errorf("accepted: %v", err)
	}
}

func TestAFeedIsChangedAndRefusedInATerminal(t *testing.T) {
	dir := t.TempDir()
	list := filepath.Join(dir, "list.json")
	var stdout bytes.Buffer
	hearth := func(args ...string) error {
		stdout.Reset()
		return app.Run(t.Context(), append(args, "--data", filepath.Join(dir, "data")), app.Outside{
			Env: func(string) (string, bool) { return "", false }, Stdin: &bytes.Buffer{}, Stdout: &stdout, Stderr: &bytes.Buffer{},
		})
	}
	must := func(args ...string) {
		t.Helper()
		if err := hearth(args...); err != nil {
			t.Fatal(err)
		}
	}
	put := func(s string) {
		t.Helper()
		if err := os.WriteFile(list, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(`[{"name":"Noon","slug":"a","day":1,"time":"12:00"}]`)
	must("feed", "add", "Town", "--format", "meetingguide", "--fellowship", "na", "--zone", "America/New_York", "--file", list)
	must("feed", "sync", "Town")
	if err := hearth("feed", "set", "Town"); err == nil {
		t.Error("nothing to set is no mistake")
	}
	if err := hearth("feed", "set", "Town", "--zone", "Mars"); err == nil {
		t.Error("a zone that is none")
	}
	must("feed", "set", "Town", "--zone", "America/Chicago", "--every", "6h")
	must("feed", "list", "--json")
	for _, want := range []string{`"zone": "America/Chicago"`, `"every": "6h0m0s"`, `"meetings": 1`, `"fellowship": "na"`} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %s in %s", want, stdout.String())
		}
	}
	put(`[]`)
	if err := hearth("feed", "sync", "Town"); err == nil {
		t.Error("a list without meetings is kept back")
	}
	must("feed", "refuse", "Town")
	if err := hearth("feed", "refuse", "Town"); err == nil {
		t.Error("nothing is kept back any more")
	}
	must("feed", "list", "--json")
	if !strings.Contains(stdout.String(), `"held": false`) || !strings.Contains(stdout.String(), `"meetings": 1`) {
		t.Error(stdout.String())
	}
}

package app

import (
	"bytes"
	"testing"

	"hearth/internal/meeting"
)

// Rows count from 1; 0 stands for the feed as a whole and is no row to look for.
func TestTheReportOfASyncNamesNoRowZero(t *testing.T) {
	var out bytes.Buffer
	printSync(&program{out: Outside{Stdout: &out}}, &meeting.Sync{
		Feed: "town", Rows: 2, Occurrences: 1, Skipped: []meeting.RowIssue{{Row: 2, Reason: "no name"}},
		Warnings: []meeting.RowIssue{{Reason: "the table is in UTF-16: read as such"}},
	})
	const want = "town: 2 rows, 1 meetings; 0 added, 0 changed, 0 unchanged, 0 gone\n  skipped row 2: no name\n" +
		"  warning: the table is in UTF-16: read as such\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// Numbers of a sync that failed would read like a success.
func TestASyncThatFailedSaysNoNumbers(t *testing.T) {
	var out bytes.Buffer
	printSync(&program{out: Outside{Stdout: &out}}, &meeting.Sync{Feed: "town", State: meeting.SyncFailed, Error: "Line 1: this is not JSON."})
	if out.String() != "town: nothing was changed\n" {
		t.Errorf("%q", out.String())
	}
}

// Whoever calls a command wrongly is told how it is called; a switch needs no value.
func TestCommandsSayHowTheyAreCalled(t *testing.T) {
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := Run(t.Context(), args, Outside{Env: func(string) (string, bool) { return "", false }, Stdout: &out, Stderr: &out})
		return out.String(), err
	}
	if _, err := run("feed", "add"); err == nil || err.Error() != "this is how it is called: hearth feed add NAME [flags]" {
		t.Error(err)
	}
	data := t.TempDir()
	if out, err := run("feed", "list", "--data", data, "--allow-private-feeds"); err != nil {
		t.Errorf("a switch without a value: %v\n%s", err, out)
	}
	if _, err := run("feed", "list", "--data", data, "--allow-private-feeds=perhaps"); err == nil {
		t.Error("a switch that is neither on nor off is taken")
	}
}

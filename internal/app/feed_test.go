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

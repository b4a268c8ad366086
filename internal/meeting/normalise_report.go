package meeting

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// What an Intake says about the rows, worded like a good import report: which row, what, what was done.

// issuesOfKind is how many rows are listed with the same kind of issue before the rest is only counted.
const issuesOfKind = 100

// Warn notes something odd that was kept. After many of a kind the rest is only counted.
func (n *Intake) Warn(row int, kind, reason string) {
	n.kinds[kind]++
	if n.kinds[kind] <= issuesOfKind {
		n.batch.Warnings = append(n.batch.Warnings, RowIssue{Row: row, Reason: reason})
		return
	}
	n.last[kind] = row
}

// WarnRepeated notes that a row has a field more than once; "" is none.
func (n *Intake) WarnRepeated(row int, key string) {
	if key != "" {
		key, _ = CleanLine(WithholdContacts(key), 40)
		n.Warn(row, "repeated", fmt.Sprintf("the field %q is there more than once: its last value is taken", key))
	}
}

// Skip notes a row that gives no occurrence.
func (n *Intake) Skip(row int, reason string) {
	n.batch.Skipped = append(n.batch.Skipped, RowIssue{Row: row, Reason: reason})
}

// Batch is the result. rows is how many the payload held.
func (n *Intake) Batch(rows int) *Batch {
	n.batch.Rows = rows
	n.tellElsewhere()
	for _, kind := range slices.Sorted(mapKeys(n.last)) {
		n.batch.Warnings = append(n.batch.Warnings, RowIssue{
			Reason: fmt.Sprintf("%d more rows like row %d", n.kinds[kind]-issuesOfKind, n.last[kind]),
		})
	}
	return &n.batch
}

func mapKeys(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// KeepTypes says whether unknown types are no news in this payload, because its codes are local anyway.
func (n *Intake) KeepTypes(quiet bool) { n.quietTypes = quiet }

// line takes the contacts of persons out of a text, apart from the numbers in keep, and makes it one line.
func (n *Intake) line(row int, what, said string, limit int, keep ...string) string {
	if said == "" {
		return ""
	}
	line, cut := CleanLine(WithholdContacts(said, keep...), limit)
	n.judge(row, what, said, cut, limit)
	return line
}

// text is line for notes.
func (n *Intake) text(row int, what, said string, keep ...string) string {
	if said == "" {
		return ""
	}
	text, cut := CleanText(WithholdContacts(said, keep...), MaxNotes)
	n.judge(row, what, said, cut, MaxNotes)
	return text
}

// joining is text for notes on joining, in which numbers are those of the meeting.
func (n *Intake) joining(row int, said string) string {
	if said == "" {
		return ""
	}
	text, cut := CleanText(WithholdEmails(said), MaxNotes)
	n.judge(row, "conference notes", said, cut, MaxNotes)
	return text
}

// judge warns of what cleaning took away that a writer would miss or should know.
func (n *Intake) judge(row int, what, said string, cut bool, limit int) {
	if cut {
		n.Warn(row, what+" long", fmt.Sprintf("%s is longer than %d bytes: cut", what, limit))
	}
	if strings.IndexByte(said, 0) >= 0 {
		n.Warn(row, what+" nul", what+" holds a NUL character: taken out")
	}
	if !utf8.ValidString(said) || strings.Contains(said, "\uFFFD") {
		n.Warn(row, what+" unreadable", what+" holds what is no character in UTF-8: taken out")
	}
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// cleanEmail keeps the public address of a service body when it is one.
func cleanEmail(s string) string {
	s = strings.TrimSpace(s)
	user, host, ok := strings.Cut(s, "@")
	if !ok || user == "" || len(s) > 254 || strings.ContainsAny(s, " \t\r\n<>\"'(),;:\\") || !looksHost(host) || strings.ContainsAny(host, "/?#") {
		return ""
	}
	for _, r := range s {
		if !keepRune(r) {
			return ""
		}
	}
	return s
}

// handle keeps the name of an account for contributions. One that is an e-mail address is a person's.
func handle(s string) string {
	line, _ := CleanLine(s, 100)
	if HasContact(line) {
		return ""
	}
	return line
}

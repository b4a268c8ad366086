// Package sheet owns tables of meetings: CSV as spreadsheets write it, with a heading for each column of
// the Meeting Guide's keys ("Conference URL"), and the values of the Google Sheets API.
//
// It is a codec: bytes to meeting's own types and back. It must never read a file, a network or a clock,
// and never write a cell that a spreadsheet would run as a formula.
package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/wire/meetingguide"
	"hearth/internal/wire/private"
	"hearth/internal/wire/rowjson"
)

// Decode reads a table. It is a meeting.Decoder.
func Decode(payload []byte, feed meeting.FeedContext) (*meeting.Batch, error) {
	return Table(payload, feed, nil)
}

// Table is Decode with a last word on every cell, for programs whose tables have habits of their own.
func Table(payload []byte, feed meeting.FeedContext, amend func(key, cell string) string) (*meeting.Batch, error) {
	text, odd, err := toUTF8(payload)
	if err != nil {
		return nil, err
	}
	t := table{feed: feed, amend: amend, in: meeting.NewIntake(feed, 1+bytes.Count(text, []byte("\n")))}
	if odd != "" {
		t.in.Warn(0, "encoding", odd)
	}
	switch first := bytes.TrimLeft(text, " \t\r\n"); {
	case len(first) == 0:
		return nil, fault.New(fault.Invalid, "The table is empty: not a single character came.")
	case first[0] == '<':
		return nil, fault.New(fault.Invalid, "Line 1: this is a web page, not a table of meetings.")
	case payload[0] >= 0xfe && (first[0] == '{' || first[0] == '['):
		return nil, fault.New(fault.Invalid, "Line 1: this list is in UTF-16. Save it as UTF-8.")
	case first[0] == '[':
		return nil, fault.New(fault.Invalid, "Line 1: this is JSON, not a table of meetings. Is the format of this feed right?")
	case first[0] == '{':
		err = t.values(first)
	default:
		err = t.csv(text)
	}
	if err != nil {
		return nil, err
	}
	b := t.in.Batch(t.rows)
	if t.rows > 0 && len(b.Occurrences) == 0 {
		return nil, fault.New(fault.Invalid, "None of the %d rows is a meeting. Is the format of this feed right?", t.rows)
	}
	return b, nil
}

type table struct {
	feed  meeting.FeedContext
	amend func(key, cell string) string
	in    *meeting.Intake
	head  []string // headings as written
	keys  []string
	row   meetingguide.Row
	rows  int
}

// toUTF8 takes the byte order mark away and turns what older spreadsheets write into UTF-8.
func toUTF8(payload []byte) (text []byte, odd string, err error) {
	switch {
	case bytes.HasPrefix(payload, []byte("\xff\xfe")), bytes.HasPrefix(payload, []byte("\xfe\xff")):
		text, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(payload)
		odd = "the table is in UTF-16: read as such"
	case len(payload) > 1 && (payload[0] == 0) != (payload[1] == 0): // every other byte of plain text is a zero
		return nil, "", fault.New(fault.Invalid, "Line 1: this file is in UTF-16. Save it as UTF-8.")
	case utf8.Valid(payload):
		text = bytes.TrimPrefix(payload, []byte("\xef\xbb\xbf"))
	default:
		text, err = charmap.Windows1252.NewDecoder().Bytes(payload)
		odd = "the table is not in UTF-8: read as Windows-1252"
	}
	if err != nil {
		return nil, "", fault.New(fault.Invalid, "The table is in no encoding that we can read. Save it as CSV in UTF-8.").Because(err)
	}
	if at := bytes.IndexByte(text, 0); at >= 0 {
		return nil, "", fault.New(fault.Invalid, "Line %d holds a NUL character: this is not a table.", 1+bytes.Count(text[:at], []byte("\n")))
	}
	return text, odd, nil
}

// csv reads line by line. A stray quote inside a cell is taken as it stands; one that is never closed means
// that the table broke off.
func (t *table) csv(text []byte) error {
	r := newReader(text, false)
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			if r.InputOffset() >= int64(len(text)) {
				return fault.New(fault.Invalid, "Line %d: a quote is opened and never closed. The table breaks off.", bad.StartLine)
			}
			t.in.Warn(0, "quote", fmt.Sprintf("line %d: a quote stands inside a cell: taken as it is", bad.Line))
			return t.lazy(text)
		}
		if err != nil {
			return fault.New(fault.Invalid, "The table cannot be read.").Because(err)
		}
		if err := t.record(record); err != nil {
			return err
		}
	}
	return t.end()
}

// lazy goes on behind the rows that were read, with stray quotes allowed.
func (t *table) lazy(text []byte) error {
	r := newReader(text, true)
	done := t.rows
	head := t.head != nil
	for seen := 0; ; {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t.end()
		}
		if err != nil {
			return fault.New(fault.Invalid, "The table cannot be read: %s.", err.Error())
		}
		if blank(record) {
			continue
		}
		if head { // the headings and the rows before were taken already
			if seen++; seen <= done+1 {
				continue
			}
		}
		if err := t.record(record); err != nil {
			return err
		}
	}
}

func newReader(text []byte, lazy bool) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, lazy, true
	r.Comma = separator(text)
	return r
}

// separator is what stands most often between the headings.
func separator(text []byte) rune {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	best, most := ',', bytes.Count(line, []byte(","))
	for _, c := range []rune{';', '\t'} {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

func (t *table) end() error {
	if t.head == nil {
		return fault.New(fault.Invalid, "The table has no line of headings.")
	}
	return nil
}

// values reads what the API of Google Sheets gives: {"values": [[headings], [cells]]}.
func (t *table) values(text []byte) error {
	doc, err := rowjson.Parse(text)
	if err != nil {
		return err
	}
	list := doc.Get("values")
	if list.Kind() != '[' {
		return fault.New(fault.Invalid, "Line 1: this is JSON, but not a table of values.")
	}
	for v := range list.Elements() {
		var record []string
		for cell := range v.Elements() {
			record = append(record, cell.Text())
		}
		if err := t.record(record); err != nil {
			return err
		}
	}
	return t.end()
}

func blank(record []string) bool {
	for _, cell := range record {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// record takes one line: the first that is not blank is the headings.
func (t *table) record(record []string) error {
	if blank(record) {
		return nil
	}
	if t.head == nil {
		return t.headings(record)
	}
	t.rows++
	t.row.Reset(t.rows)
	for i, cell := range record {
		if i >= len(t.keys) {
			if strings.TrimSpace(cell) != "" {
				t.in.Warn(t.rows, "columns", fmt.Sprintf("the row has %d cells and the table %d columns: the rest is left out", len(record), len(t.keys)))
			}
			break
		}
		if cell = unescape(strings.TrimSpace(cell)); cell == "" {
			continue
		}
		if t.amend != nil {
			cell = t.amend(t.keys[i], cell)
		}
		t.row.Set(t.keys[i], cell)
	}
	t.row.SetRaw(private.Columns(t.head, record, t.row.ConferencePhone()))
	t.row.Into(t.in)
	return nil
}

func (t *table) headings(record []string) error {
	names := 0
	for _, h := range record {
		key := meetingguide.Slug(h)
		t.head = append(t.head, strings.Clone(strings.TrimSpace(h)))
		t.keys = append(t.keys, key)
		switch key {
		case "name", "meeting", "meeting_name":
			names++
		}
	}
	if names == 0 {
		return fault.New(fault.Invalid, "Line 1: no column is called Name. The first line of a table of meetings holds its headings.")
	}
	return nil
}

// unescape takes away the apostrophe that keeps a spreadsheet from running a cell.
func unescape(cell string) string {
	rest := strings.TrimLeft(cell, "'")
	if rest != "" && len(rest) < len(cell) && strings.IndexByte("=+-@", rest[0]) >= 0 {
		return cell[1:]
	}
	return cell
}

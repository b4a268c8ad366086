package meeting

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"hearth/internal/fault"
)

// prepared is a payload made ready for a transaction.
type prepared struct {
	occurrences []Occurrence
	hashes      []string // of each occurrence: content, colon, the feed's own date of change
	rows        int
	skipped     []RowIssue
	warnings    []RowIssue
}

// decode reads a payload. Its errors may be shown and say where.
func (s *Service) decode(feed feedRow, payload []byte) (*prepared, error) {
	if err := checkPage(payload); err != nil {
		return nil, err
	}
	batch, err := s.callDecoder(feed, payload)
	if err != nil {
		return nil, decodeFault(payload, err)
	}
	p := &prepared{
		rows: batch.Rows, occurrences: batch.Occurrences[:0],
		skipped: slices.Clone(batch.Skipped), warnings: slices.Clone(batch.Warnings),
		hashes: make([]string, 0, len(batch.Occurrences)),
	}
	sum := contentSum{}
	for i := range batch.Occurrences {
		o := &batch.Occurrences[i]
		if s.o.Instance != "" && slices.Contains(o.Via, s.o.Instance) {
			p.skipped = append(p.skipped, RowIssue{o.Row, "this row came from our own list: a loop"})
			continue
		}
		p.occurrences = append(p.occurrences, *o)
		p.hashes = append(p.hashes, sum.of(o))
	}
	return p, nil
}

// contentSum makes the hashes by which a sync sees that a row is as it was. It is written out because it
// runs over every row of every sync; a test holds it against the fields of Occurrence.
type contentSum struct {
	h   xxhash.Digest
	num []byte
}

// of hashes what o says and, after a colon, its own date of change.
func (c *contentSum) of(o *Occurrence) string {
	c.h.Reset()
	c.text(
		o.SourceID, o.Name, o.Zone, string(o.Attendance), o.Location, o.Address, o.City, o.State, o.PostalCode,
		o.Country, o.LocationNotes, o.ConferenceURL, o.ConferenceURLNotes, o.ConferencePhone, o.ConferencePhoneNotes,
		o.Notes, o.Group, o.GroupNotes, o.URL, o.Website, o.Entity, o.EntityURL, o.EntityPhone, o.EntityEmail,
		o.Venmo, o.Square, o.Paypal, o.HomegroupURL, o.DataSource,
	)
	for _, list := range [...][]string{o.Regions, o.Types, o.Languages, o.Via, o.Repeats} {
		c.numbers(uint64(len(list)))
		c.text(list...)
	}
	flags := uint64(0)
	for i, set := range [...]bool{o.Stated, o.HasPoint, o.Approximate} {
		if set {
			flags |= 1 << i
		}
	}
	c.numbers(uint64(o.Day), uint64(o.Start), uint64(o.End), flags, math.Float64bits(o.Lat), math.Float64bits(o.Lng))
	return strconv.FormatUint(c.h.Sum64(), 36) + ":" + strconv.FormatInt(o.Updated, 36)
}

func (c *contentSum) text(texts ...string) {
	for _, s := range texts {
		c.numbers(uint64(len(s)))
		_, _ = c.h.WriteString(s) // never fails
	}
}

func (c *contentSum) numbers(ns ...uint64) {
	c.num = c.num[:0]
	for _, n := range ns {
		c.num = binary.LittleEndian.AppendUint64(c.num, n)
	}
	_, _ = c.h.Write(c.num) // never fails
}

// contentHash is the part of a row's hash that its date does not change.
func contentHash(hash string) string {
	content, _, _ := strings.Cut(hash, ":")
	return content
}

// callDecoder turns a codec's panic into an error: a hostile payload must not take the process down.
func (s *Service) callDecoder(feed feedRow, payload []byte) (batch *Batch, err error) {
	decode := s.o.Decoders[feed.Format]
	if decode == nil {
		return nil, fault.New(fault.Invalid, "This release cannot read the format %s.", string(feed.Format))
	}
	defer func() {
		if r := recover(); r != nil {
			err = fault.New(fault.Invalid, "The feed cannot be read.").Because(fmt.Errorf("codec %s: %v", feed.Format, r))
		}
	}()
	batch, err = decode(payload, FeedContext{Fellowship: feed.Fellowship, Zone: feed.Zone, Today: s.day(), ZoneAt: s.o.Zone})
	if err == nil && batch == nil {
		err = errors.New("the codec gave nothing")
	}
	return batch, err
}

// decodeFault says what is wrong with a payload, and for JSON where.
func decodeFault(payload []byte, err error) error {
	if f := fault.As(err); f != nil {
		return f
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	offset := int64(-1)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	reason := shorten(err.Error(), 300)
	if offset < 0 || strings.Contains(reason, "line ") {
		return fault.New(fault.Invalid, "The feed cannot be read: %s.", reason)
	}
	line, column := position(payload, offset)
	return fault.New(fault.Invalid, "The feed cannot be read: line %d, column %d: %s.", line, column, reason)
}

// position counts lines and columns from 1, up to the byte before offset.
func position(payload []byte, offset int64) (line, column int) {
	before := string(payload[:min(max(offset-1, 0), int64(len(payload)))])
	last := strings.LastIndexByte(before, '\n')
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[last+1:])
}

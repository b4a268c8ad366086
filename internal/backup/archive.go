package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"hearth/internal/db"
	"hearth/internal/vault"
)

// An archive begins with a line of JSON in the clear, its head, which is bound into what follows: encrypted
// segments, each of which proves itself and its place. Of the data these hold a line of JSON, the contents, and
// the packed database file; of people's keys, what vault.Export wrote.
type head struct {
	What   string          `json:"what"`
	Form   int             `json:"form"`
	Keys   string          `json:"keys"`             // the number of the key file that opens it
	At     int64           `json:"at"`               // Unix milliseconds
	Locked json.RawMessage `json:"locked,omitempty"` // that key file, under a passphrase
}

const (
	whatData = "hearth backup: data"
	whatKeys = "hearth backup: people's keys"
	form     = 1
	headMost = 64 << 10
)

// contents says what an archive of data must give when it is unpacked.
type contents struct {
	Bytes  int64            `json:"bytes"` // of the database file
	Tables map[string]int64 `json:"tables"`
}

// errNoArchive means that a file is something else.
var errNoArchive = errors.New("it is no archive of a Hearth, or its beginning is damaged")

// write writes an archive; fill writes what is in it.
func write(w io.Writer, keys *vault.Keys, h head, fill func(io.Writer) error) error {
	line, err := json.Marshal(h)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if _, err := w.Write(line); err != nil {
		return err
	}
	sealed, err := keys.Archive(w, string(line))
	if err != nil {
		return err
	}
	if err := fill(sealed); err != nil {
		return err
	}
	return sealed.Close()
}

func writeData(ctx context.Context, w io.Writer, keys *vault.Keys, h head, c contents, database string, progress Progress) error {
	f, err := os.Open(database)
	if err != nil {
		return err
	}
	defer f.Close()
	return write(w, keys, h, func(w io.Writer) error {
		line, err := json.Marshal(c)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
		packed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
		if err != nil {
			return err
		}
		if _, err := io.Copy(packed, &counted{ctx: ctx, r: f, step: StepWrite, of: c.Bytes, progress: progress}); err != nil {
			return err
		}
		return packed.Close()
	})
}

// readData writes the database of an archive into a new file.
func readData(ctx context.Context, archive string, keys *vault.Keys, into string, progress Progress) (h head, c contents, err error) {
	h, err = open(archive, keys, whatData, func(r io.Reader) error {
		b := bufio.NewReader(r)
		line, err := b.ReadBytes('\n')
		if err != nil {
			return err
		}
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		packed, err := gzip.NewReader(b)
		if err != nil {
			return err
		}
		packed.Multistream(false)
		f, err := os.OpenFile(into, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return &ourFault{err}
		}
		n, err := io.Copy(mine{f}, &counted{ctx: ctx, r: packed, step: StepUnpack, of: c.Bytes, progress: progress})
		if err == nil && n != c.Bytes {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return errors.Join(err, f.Close())
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return &ourFault{err}
		}
		_, err = io.Copy(io.Discard, b) // the proof of the last segment
		return err
	})
	return h, c, err
}

// open reads an archive. An error of read that is not ourFault is the archive's.
func open(path string, keys *vault.Keys, what string, read func(io.Reader) error) (head, error) {
	f, err := os.Open(path)
	if err != nil {
		return head{}, err
	}
	defer f.Close()
	h, line, rest, err := begin(f)
	if err != nil {
		return h, fmt.Errorf("%s: %w", path, err)
	}
	if h.What != what {
		return h, fmt.Errorf("%s is of another kind: it holds %q", path, h.What)
	}
	if h.Form != form {
		return h, fmt.Errorf("%s was written by another version of Hearth (form %d, this program knows %d)", path, h.Form, form)
	}
	if h.Keys != keys.ID {
		return h, fmt.Errorf("the keys do not fit: %s was made with the key file %s, and this is %s", path, h.Keys, keys.ID)
	}
	r, err := keys.ReadArchive(rest, line)
	if err != nil {
		return h, err
	}
	var ours *ourFault
	switch err := read(r); {
	case err == nil:
		return h, nil
	case errors.As(err, &ours), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return h, err
	default:
		return h, fmt.Errorf("%s was changed or cut off after it was made, and cannot be used (%w)", path, err)
	}
}

// begin reads the head, and returns it as it stands and a reader of the rest.
func begin(r io.Reader) (h head, line string, rest io.Reader, err error) {
	b := bufio.NewReaderSize(r, headMost)
	text, err := b.ReadSlice('\n')
	if err != nil {
		return h, "", nil, errNoArchive
	}
	line = string(text)
	d := json.NewDecoder(bytes.NewReader(text))
	if d.Decode(&h) != nil || h.What != whatData && h.What != whatKeys || h.Keys == "" {
		return h, "", nil, errNoArchive
	}
	return h, line, b, nil
}

func readHead(path string) (head, error) {
	f, err := os.Open(path)
	if err != nil {
		return head{}, err
	}
	defer f.Close()
	h, _, _, err := begin(f)
	return h, err
}

// ourFault is an error on this side of the archive, such as a full disk.
type ourFault struct{ error }

func (e *ourFault) Unwrap() error { return e.error }

// mine writes, and says of an error whose it is.
type mine struct{ f *os.File }

// Write writes to the file.
func (m mine) Write(b []byte) (int, error) {
	n, err := m.f.Write(b)
	if err != nil {
		err = &ourFault{err}
	}
	return n, err
}

// counted tells how much of something was read, and stops when ctx ends.
type counted struct {
	ctx      context.Context
	r        io.Reader
	step     string
	n, of    int64
	told     int64
	progress Progress
}

// Read reads.
func (c *counted) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(b)
	c.n += int64(n)
	if c.n-c.told >= 16<<20 || errors.Is(err, io.EOF) {
		c.told = c.n
		c.progress(c.step, c.n, c.of)
	}
	return n, err
}

// Kind of a file that somebody gives.
type Kind int

// What a file may be.
const (
	Foreign Kind = iota // no archive
	Data
	People       // people's keys, without a key file
	LockedPeople // with the key file, under a passphrase
)

// Look says what a file is and of when, without any key.
func Look(path string) (Kind, time.Time, error) {
	h, err := readHead(path)
	switch {
	case errors.Is(err, errNoArchive):
		return Foreign, time.Time{}, nil
	case err != nil:
		return Foreign, time.Time{}, err
	case h.What == whatData:
		return Data, db.Time(h.At), nil
	case len(h.Locked) > 0:
		return LockedPeople, db.Time(h.At), nil
	}
	return People, db.Time(h.At), nil
}

// Unlock opens the key file in an archive of keys.
func Unlock(path, passphrase string) (*vault.Keys, error) {
	h, err := readHead(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	k, err := vault.Unlock(h.Locked, passphrase)
	if err == nil && k.ID != h.Keys {
		err = errors.New("it was put together from two archives")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}

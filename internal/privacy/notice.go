package privacy

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"hearth/internal/access"
	"hearth/internal/civil"
	"hearth/internal/db"
)

//go:embed notices/*.txt
var notices embed.FS

// NoticeLimit is the most letters of a notice in one language.
const NoticeLimit = 20000

// Notice is the notice to patients of 42 CFR 2.22, before names are put in. A line that begins with "# " is a
// heading and one that begins with "- " an item; {program}, {address} and {contact} stand for the program's.
type Notice struct {
	Version          int64 // 0: Hearth's own, which nobody has put into force
	Effective        civil.Date
	English, Spanish string
	Hash             string // SHA-256 of both texts, hex
	PublishedBy      string
	PublishedAt      time.Time
}

// In gives the words of a language with a program's names put in.
func (n Notice) In(language, program, address, contact string) string {
	text := n.English
	if language == "es" {
		text = n.Spanish
	}
	return strings.NewReplacer("{program}", program, "{address}", address, "{contact}", contact).Replace(text)
}

// OwnNotice is the notice that Hearth brings along, for a keeper to read, change and put into force.
func OwnNotice() Notice {
	en, _ := notices.ReadFile("notices/notice.en.txt") // embedded: a test reads both
	es, _ := notices.ReadFile("notices/notice.es.txt")
	return Notice{English: string(en), Spanish: string(es)}
}

// Notices lists every version that was put into force, the newest first. Everybody may read them.
func (s *Service) Notices(ctx context.Context) ([]Notice, error) {
	all, err := db.All(ctx, s.db, func(scan db.Scan) (n Notice, err error) {
		var at int64
		var day string
		if err = scan(&n.Version, &day, &n.English, &n.Spanish, &n.Hash, &n.PublishedBy, &at); err != nil {
			return n, err
		}
		n.PublishedAt = db.Time(at)
		n.Effective, err = civil.ParseDate(day)
		return n, err
	}, `SELECT version, effective, english, spanish, hash, published_by, published_at FROM privacy_notice ORDER BY version DESC`)
	if err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	return all, nil
}

// Current is the notice in force today: the newest version whose day has come, or Hearth's own.
func (s *Service) Current(ctx context.Context) (Notice, error) {
	all, err := s.Notices(ctx)
	if err != nil {
		return Notice{}, err
	}
	today := s.o.Today()
	for _, n := range all {
		if !today.Before(n.Effective) {
			return n, nil
		}
	}
	return OwnNotice(), nil
}

// Publish puts a notice into force from a day on, as a new version. No version is changed afterwards.
func (s *Service) Publish(ctx context.Context, actor access.Actor, n Notice) (Notice, error) {
	if err := s.o.Policies.May(actor, access.ConsentTexts, access.TheHouse); err != nil {
		return Notice{}, err
	}
	bad := wrong()
	for _, x := range []struct {
		field string
		text  *string
	}{{"english", &n.English}, {"spanish", &n.Spanish}} {
		*x.text = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(*x.text, "\r\n", "\n"), ""))
		if c := utf8.RuneCountInString(*x.text); c == 0 || c > NoticeLimit {
			bad = bad.With(x.field, "Please write between 1 and %d letters.", NoticeLimit)
		}
	}
	if n.Effective.IsZero() || n.Effective.Before(s.o.Today()) {
		bad = bad.With("effective", "Please write the day from which it holds: today or later.")
	}
	if len(bad.Fields) > 0 {
		return Notice{}, bad
	}
	sum := sha256.Sum256([]byte(n.English + "\x00" + n.Spanish))
	n.Hash, n.PublishedBy, n.PublishedAt = hex.EncodeToString(sum[:]), actor.ID, s.o.Now()
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		var err error
		if n.Version, err = db.One(ctx, tx, db.Column[int64], `SELECT coalesce(max(version), 0) + 1 FROM privacy_notice`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO privacy_notice (version, effective, english, spanish, hash, published_by, published_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			n.Version, n.Effective.String(), n.English, n.Spanish, n.Hash, n.PublishedBy, db.Millis(n.PublishedAt)); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "notice.publish", fmt.Sprintf("notice:%d", n.Version), "", n.Hash)
	})
	if err != nil {
		return Notice{}, fmt.Errorf("publish a notice: %w", err)
	}
	return n, nil
}

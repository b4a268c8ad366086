package meeting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/meeting/welcome"
)

// Statement is a group's own word on what people on medication may do there. It may answer reports. It
// says who spoke for the group by role, never by name.
type Statement struct {
	ID        string
	MeetingID string
	Answers   welcome.Answers
	Voice     welcome.Voice
	Speaker   string // the role of the person who told us: "secretary", "two members after the group decided"
	On        civil.Date
	Link      string
	Words     string // the group's own, published as they are
	AddedBy   string
	AddedAt   time.Time
}

// Limits of a statement.
const (
	WordsLimit   = 280 // letters
	SpeakerLimit = 80
)

// Until is the first day on which the statement no longer holds.
func (s Statement) Until() civil.Date { return s.On.AddDays(s.Voice.Days()) }

func (s *Statement) check(today civil.Date) error {
	var wrong fault.Fields
	s.Words, s.Speaker, s.Link = tidyNote(s.Words), tidyNote(s.Speaker), strings.TrimSpace(s.Link)
	if !s.Answers.Any() && s.Words == "" {
		wrong.Add("answers", "Please give at least one answer, or the group's words.")
	}
	if !s.Voice.Valid() {
		wrong.Add("voice", "Please say who spoke: the group as a whole, or its secretary.")
	}
	if s.Speaker == "" {
		wrong.Add("speaker", "Please say by role, not by name, who may speak for the group.")
	} else if n := utf8.RuneCountInString(s.Speaker); n > SpeakerLimit {
		wrong.Add("speaker", "Please use at most %d letters. There are %d now.", SpeakerLimit, n)
	}
	switch {
	case s.On.IsZero():
		wrong.Add("on", "Please give the date on which the group said it.")
	case s.On.String() > today.AddDays(1).String(): // somewhere it is tomorrow already
		wrong.Add("on", "That date is still to come. Please give the date on which the group said it.")
	case s.On.Year < 1990:
		wrong.Add("on", "Please check the year.")
	}
	if s.Link != "" {
		u, err := url.Parse(s.Link)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || len(s.Link) > 500 {
			wrong.Add("link", "Please give a full address that begins with https://, or leave it empty.")
		}
	}
	if n := utf8.RuneCountInString(s.Words); n > WordsLimit {
		wrong.Add("words", "Please use at most %d letters. There are %d now.", WordsLimit, n)
	}
	return wrong.Err()
}

// AddStatement takes down a group's word. An editor does it, who knows who may speak for the group.
func (s *Service) AddStatement(ctx context.Context, actor string, st Statement) (Statement, error) {
	now := s.o.Now()
	if err := st.check(s.day()); err != nil {
		return Statement{}, err
	}
	answers, err := jsonText(st.Answers)
	if err != nil {
		return Statement{}, fmt.Errorf("add a statement: %w", err)
	}
	st.ID, st.AddedBy, st.AddedAt = db.NewID(), actor, now
	err = s.changeEvidence(ctx, st.MeetingID, func(tx *db.Tx, p place) error {
		if _, err := tx.Exec(ctx, `INSERT INTO group_statement (id, meeting_id, answers, voice, speaker, said_on, link, words, added_by, added_at, withdrawn_by, withdrawn_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 0)`,
			st.ID, p.ID, answers, string(st.Voice), st.Speaker, st.On.String(), st.Link, st.Words, actor, db.Millis(now)); err != nil {
			return err
		}
		return s.record(ctx, tx, actor, "statement.add", "statement:"+st.ID, "meeting:"+p.ID)
	})
	if err != nil {
		return Statement{}, fmt.Errorf("add a statement: %w", err)
	}
	return st, nil
}

// Statements lists what a group has said and not taken back, newest first, those that no longer hold too.
func (s *Service) Statements(ctx context.Context, meetingID string) ([]Statement, error) {
	all, err := loadStatements(ctx, s.db, `AND `+isOrBecame, meetingID)
	if err != nil {
		return nil, fmt.Errorf("list statements: %w", err)
	}
	for i := range all {
		all[i].MeetingID = meetingID
	}
	return all, nil
}

// WithdrawStatement takes a statement back, because the group did, or because it was taken down wrongly.
func (s *Service) WithdrawStatement(ctx context.Context, actor, id string) error {
	gone := fault.New(fault.NotFound, "We do not have this statement.")
	meetingID, err := db.One(ctx, s.db, db.Column[string], `SELECT meeting_id FROM group_statement WHERE id = $1`, id)
	if errors.Is(err, db.ErrNone) {
		err = gone
	}
	if err == nil {
		err = s.changeEvidence(ctx, meetingID, func(tx *db.Tx, p place) error {
			n, err := tx.Exec(ctx, `UPDATE group_statement SET withdrawn_by = $2, withdrawn_at = $3 WHERE id = $1 AND withdrawn_at = 0`,
				id, actor, db.Millis(s.o.Now()))
			if err != nil {
				return err
			}
			if n == 0 {
				return gone
			}
			return s.record(ctx, tx, actor, "statement.withdraw", "statement:"+id, "meeting:"+p.ID)
		})
	}
	if err != nil {
		return fmt.Errorf("withdraw a statement: %w", err)
	}
	return nil
}

// loadStatements reads statements that stand, newest first; where begins with AND. MeetingID is that of
// the meeting for which they count.
func loadStatements(ctx context.Context, q db.Querier, where string, args ...any) ([]Statement, error) {
	return db.All(ctx, q, func(scan db.Scan) (Statement, error) {
		var st Statement
		var answers, voice, on string
		var added int64
		if err := scan(&st.ID, &st.MeetingID, &answers, &voice, &st.Speaker, &on, &st.Link, &st.Words, &st.AddedBy, &added); err != nil {
			return st, err
		}
		st.Voice, st.AddedAt = welcome.Voice(voice), db.Time(added)
		var err error
		if st.On, err = civil.ParseDate(on); err != nil {
			return st, err
		}
		return st, json.Unmarshal([]byte(answers), &st.Answers)
	}, `SELECT s.id, `+countsFor+`, s.answers, s.voice, s.speaker, s.said_on, s.link, s.words, s.added_by, s.added_at
		FROM group_statement s JOIN meeting m ON m.id = s.meeting_id WHERE s.withdrawn_at = 0 `+where+`
		ORDER BY s.said_on DESC, s.added_at DESC, s.id DESC`, args...)
}

// wordOf is what the group says about one right on a day: of the words that hold on that day the newest,
// whoever gave it. A decision holds longer than a secretary's word but does not outrank a newer one (the
// evidence rules give each its time and no rank): a secretary tells how a room has changed since, and a
// visitor must hear of a change for the worse before a year is over. If that was a mistake, the decision
// answers again after half a year. Where no word holds it is the newest all the same, which Judge leaves
// out and an explanation names. statements are newest first.
func wordOf(statements []Statement, r welcome.Right, day civil.Date) welcome.Word {
	var newest welcome.Word
	for _, st := range statements {
		word := welcome.Word{Answer: st.Answers[r], Voice: st.Voice, On: st.On}
		if word.ValidOn(day) {
			return word
		}
		if newest.Answer == welcome.Unknown {
			newest = word
		}
	}
	return newest
}

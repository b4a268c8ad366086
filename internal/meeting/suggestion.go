package meeting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"hearth/internal/db"
	"hearth/internal/fault"
)

// Suggestion is what somebody without an account says is wrong with a meeting. An editor decides.
type Suggestion struct {
	ID        string
	MeetingID string
	Closed    bool              // it does not meet any more
	Fields    map[string]string // what fields should say, by the names of EditableFields
	Note      string            // for editors only, never published
	Remote    string            // address of the sender, counted against floods, never stored

	// Filled when it comes back.
	MeetingName string
	Changes     []Change // against what the public saw when it was sent
	Stale       []string // fields that say something else by now
	At          time.Time
	State       SuggestionState
	DecidedBy   string
	DecidedAt   time.Time
	Answer      string // the editor's note, for other editors
}

// SuggestionState says whether somebody has decided.
type SuggestionState string

// A suggestion waits (open) until an editor accepts or declines it.
const (
	SuggestionOpen     SuggestionState = "open"
	SuggestionAccepted SuggestionState = "accepted"
	SuggestionDeclined SuggestionState = "declined"
)

// At most this many suggestions wait for one meeting, and come from one network on one meeting in a day;
// more would tell an editor nothing new.
const (
	openPerMeeting        = 20
	suggestionsPerNetwork = 5
)

// CheckSuggestion says whether SuggestChange would take x, without storing anything: a form uses it before
// it shows what would change. Errors as SuggestChange.
func (s *Service) CheckSuggestion(ctx context.Context, x Suggestion) error {
	return noMeeting("check suggestion", s.db.Read(ctx, func(tx *db.Tx) error {
		_, err := readSuggestion(ctx, tx, x)
		return err
	}))
}

// SuggestChange puts a suggestion before the editors. Errors: Invalid with a message for each wrong field;
// NotFound; TooMany from a network that has sent much today, or when enough waits for the meeting.
func (s *Service) SuggestChange(ctx context.Context, x Suggestion) (Suggestion, error) {
	var taken Suggestion
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		var err error
		if taken, err = readSuggestion(ctx, tx, x); err != nil {
			return err
		}
		if err := s.refuseFlood(ctx, tx, taken); err != nil {
			return err
		}
		changes, err := json.Marshal(taken.Changes)
		if err != nil {
			return err
		}
		taken.ID, taken.At, taken.State = db.NewID(), s.o.Now(), SuggestionOpen
		_, err = tx.Exec(ctx, `INSERT INTO suggestion (id, meeting_id, kind, changes, note, state, at, decided_by, decided_at, answer)
			VALUES ($1, $2, $3, $4, $5, 'open', $6, '', 0, '')`,
			taken.ID, taken.MeetingID, taken.kind(), string(changes), taken.Note, db.Millis(taken.At))
		return err
	})
	return taken, noMeeting("suggest change", err)
}

// refuseFlood refuses more than editors could use.
func (s *Service) refuseFlood(ctx context.Context, tx *db.Tx, x Suggestion) error {
	n, err := db.One(ctx, tx, db.Column[int64], `SELECT count(*) FROM suggestion WHERE meeting_id = $1 AND state = 'open'`, x.MeetingID)
	if err != nil {
		return err
	}
	if n >= openPerMeeting {
		return fault.New(fault.TooMany, "Several people have written about this meeting already. An editor looks at it.")
	}
	if x.Remote == "" {
		return nil // not from a network
	}
	all, here, err := countNetwork(ctx, tx, countSuggestions, x.Remote, x.MeetingID, s.o.Now())
	if err != nil {
		return err
	}
	if all > queuedPerNetwork || here > suggestionsPerNetwork {
		return fault.New(fault.TooMany, "Much has come from your network today. Please come back tomorrow.")
	}
	return nil
}

func (x *Suggestion) kind() string {
	switch {
	case x.Closed:
		return "closed"
	case len(x.Changes) > 0:
		return "change"
	}
	return "not_found"
}

// readSuggestion checks what was sent against the meeting as it stands.
func readSuggestion(ctx context.Context, q db.Querier, x Suggestion) (Suggestion, error) {
	id, o, err := currentMeeting(ctx, q, x.MeetingID)
	if err != nil {
		return x, err
	}
	x.MeetingID, x.MeetingName, x.Note = id, o.Name, tidy(x.Note)
	changes, err := proposed(o, x.Fields)
	bad := fault.As(err)
	if err != nil && bad == nil {
		return x, err
	}
	x.Changes = changes
	switch {
	case tooLong(x.Note):
		bad = withField(bad, "note", "Use at most %d characters.", maxFieldText)
	case bad == nil && !x.Closed && len(changes) == 0 && x.Note == "":
		bad = withField(bad, "note", "Say in a few words what is wrong.")
	}
	if bad != nil {
		return x, bad
	}
	return x, nil
}

func withField(e *fault.Error, name, message string, args ...any) *fault.Error {
	if e == nil {
		var none fault.Fields
		none.Add(name, message, args...)
		return fault.As(none.Err())
	}
	return e.With(name, message, args...)
}

// Suggestions lists what waits for an editor, oldest first.
func (s *Service) Suggestions(ctx context.Context) ([]Suggestion, error) {
	var xs []Suggestion
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		xs, err = suggestionsWhere(ctx, tx, `s.state = 'open' ORDER BY s.at, s.id LIMIT 500`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list suggestions: %w", err)
	}
	return xs, nil
}

func noSuggestion(operation string, err error) error {
	if errors.Is(err, db.ErrNone) {
		return fault.New(fault.NotFound, "This suggestion is not there.")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return nil
}

// suggestionsWhere reads suggestions and marks the fields that have changed since.
func suggestionsWhere(ctx context.Context, q db.Querier, where string, args ...any) ([]Suggestion, error) {
	xs, err := db.All(ctx, q, func(scan db.Scan) (Suggestion, error) {
		var x Suggestion
		var kind, changes, doc string
		var at, decided int64
		if err := scan(&x.ID, &x.MeetingID, &kind, &changes, &x.Note, &x.State, &at, &x.DecidedBy, &decided, &x.Answer, &doc); err != nil {
			return x, err
		}
		var o Occurrence
		if err := errors.Join(json.Unmarshal([]byte(changes), &x.Changes), json.Unmarshal([]byte(doc), &o)); err != nil {
			return x, fmt.Errorf("read suggestion %s: %w", x.ID, err)
		}
		x.MeetingName, x.Closed = o.Name, kind == "closed"
		x.At, x.DecidedAt = db.Time(at), db.Time(decided)
		for _, c := range x.Changes {
			if FieldText(&o, c.Field) != c.From {
				x.Stale = append(x.Stale, c.Field)
			}
		}
		return x, nil
	}, `SELECT s.id, s.meeting_id, s.kind, s.changes, s.note, s.state, s.at, s.decided_by, s.decided_at, s.answer, m.doc
		FROM suggestion s JOIN meeting m ON m.id = s.meeting_id WHERE `+where, args...)
	return xs, err
}

// DecideSuggestion accepts or declines a suggestion. Accepted changes are written over what the feeds say,
// field by field; a meeting that is closed is hidden. The note is the editor's, for other editors. Errors:
// NotFound; Conflict when somebody decided already; Invalid.
func (s *Service) DecideSuggestion(ctx context.Context, actor, id string, accept bool, note string) error {
	return s.DecideSuggestionInPart(ctx, actor, id, accept, nil, note)
}

// DecideSuggestionInPart is DecideSuggestion for some of the changed fields; nil means all.
func (s *Service) DecideSuggestionInPart(ctx context.Context, actor, id string, accept bool, fields []string, note string) error {
	note = tidy(note)
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		xs, err := suggestionsWhere(ctx, tx, `s.id = $1`, id)
		if err != nil {
			return err
		}
		if len(xs) == 0 {
			return db.ErrNone
		}
		x := xs[0]
		state, action := SuggestionDeclined, "suggestion.decline"
		if accept {
			state, action = SuggestionAccepted, "suggestion.accept"
		}
		if tooLong(note) {
			return withField(nil, "note", "Use at most %d characters.", maxFieldText)
		}
		n, err := tx.Exec(ctx, `UPDATE suggestion SET state = $2, decided_by = $3, decided_at = $4, answer = $5
			WHERE id = $1 AND state = 'open'`, id, string(state), actor, db.Millis(s.o.Now()), note)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "Somebody has decided this already.")
		}
		if accept {
			if err := s.carryOut(ctx, tx, actor, x, fields); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, actor, action, id, strings.Join(fields, " "))
	})
	return noSuggestion("decide suggestion", err)
}

// forgetSuggestions erases the words of suggestions that are half a year old, decided or not: they may say
// more about who wrote them than anybody needs. One on which nobody has decided by then is declined,
// because it says nothing any more.
func (s *Service) forgetSuggestions(ctx context.Context) error {
	now := s.o.Now()
	_, err := s.db.Exec(ctx, `UPDATE suggestion SET note = '', changes = '[]', answer = '',
		decided_at = CASE WHEN state = 'open' THEN $2 ELSE decided_at END,
		state = CASE WHEN state = 'open' THEN 'declined' ELSE state END
		WHERE at < $1 AND (state = 'open' OR note <> '' OR changes <> '[]' OR answer <> '')`,
		db.Millis(now.Add(-notesKept)), db.Millis(now))
	if err != nil {
		return fmt.Errorf("erase old suggestions: %w", err)
	}
	return nil
}

// carryOut does what an accepted suggestion says.
func (s *Service) carryOut(ctx context.Context, tx *db.Tx, actor string, x Suggestion, fields []string) error {
	if err := lockDirectory(ctx, tx); err != nil {
		return err
	}
	meetingID, o, err := currentMeeting(ctx, tx, x.MeetingID)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, f := range fields {
		wanted[f] = true
	}
	values := map[string]string{}
	for _, c := range x.Changes {
		if fields == nil || wanted[c.Field] {
			values[c.Field] = c.To
		}
	}
	if err := s.override(ctx, tx, actor, meetingID, o, values); err != nil {
		return err
	}
	if x.Closed {
		return s.hide(ctx, tx, actor, meetingID, "")
	}
	return nil
}

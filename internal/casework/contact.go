package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hearth/internal/access"
	"hearth/internal/civil"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/vault"
)

// Point is one number or address of a participant, with what may happen there.
type Point struct {
	ID          string
	Participant string
	Kind        PointKind
	Value       string // +12155550100, ana@example.org, or an address on one line
	Safety      Safety
}

// PointKind says what a contact point is.
type PointKind string

// The kinds of contact points.
const (
	Phone   PointKind = "phone"
	Email   PointKind = "email"
	Address PointKind = "address"
)

// Safety is what a participant said about one contact point. The zero value allows nothing: silence is no
// permission.
type Safety struct {
	Call     bool   // may we call
	Text     bool   // may we send a text message, or an e-mail
	Message  bool   // may we leave a voice message
	Post     bool   // may we write a letter
	Others   string // who else sees or hears what comes there
	AskFor   string // the name to use when somebody else answers
	SayWeAre string // what we say we are
	// Quiet hours in the community's zone: nothing is sent from QuietFrom until QuietUntil, which may lie on
	// the next morning. Equal: no quiet hours.
	QuietFrom, QuietUntil civil.Clock
	Best                  bool // try here first
}

// Channel is how something is sent.
type Channel string

// The channels.
const (
	BySMS     Channel = "sms"
	ByVoice   Channel = "voice"
	Voicemail Channel = "voicemail"
	ByMail    Channel = "email"
	ByLetter  Channel = "letter"
)

func (p *Point) check() error {
	var wrong fault.Fields
	p.Value = tidy(p.Value)
	p.Safety.Others, p.Safety.AskFor, p.Safety.SayWeAre = tidy(p.Safety.Others), tidy(p.Safety.AskFor), tidy(p.Safety.SayWeAre)
	switch p.Kind {
	case Phone:
		number, ok := phone(p.Value)
		if !ok {
			wrong.Add("value", "Please write the number with its area code, such as (215) 555-0100.")
		}
		p.Value = number
	case Email:
		a, err := mail.ParseAddress(p.Value)
		if err != nil || a.Address != p.Value || strings.ContainsAny(p.Value, "\r\n") || len(p.Value) > 254 {
			wrong.Add("value", "Please write an e-mail address, such as ana@example.org.")
		}
	case Address:
		if n := utf8.RuneCountInString(p.Value); n == 0 || n > 300 {
			wrong.Add("value", "Please write an address of at most %d letters.", 300)
		}
	default:
		wrong.Add("kind", "Please say whether it is a phone, an e-mail or an address.")
	}
	for field, words := range map[string]string{"others": p.Safety.Others, "ask_for": p.Safety.AskFor, "say_we_are": p.Safety.SayWeAre} {
		if utf8.RuneCountInString(words) > NameLimit {
			wrong.Add(field, "Please use at most %d letters.", NameLimit)
		}
	}
	if !p.Safety.QuietFrom.Valid() || !p.Safety.QuietUntil.Valid() {
		wrong.Add("quiet", "Please write times as 22:00.")
	}
	return wrong.Err()
}

// phone brings a number into the form +COUNTRY…; ten digits are taken as a number of the United States.
func phone(s string) (string, bool) {
	plus := strings.HasPrefix(s, "+")
	digits := strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9':
			return c
		case strings.ContainsRune(" -().+", c):
			return -1
		}
		return 'x'
	}, s)
	switch {
	case strings.Contains(digits, "x"):
		return s, false
	case plus && len(digits) >= 8 && len(digits) <= 15:
		return "+" + digits, true
	case !plus && len(digits) == 10:
		return "+1" + digits, true
	case !plus && len(digits) == 11 && digits[0] == '1':
		return "+" + digits, true
	}
	return s, false
}

// SavePoint adds a contact point, or changes one when it has an ID.
func (s *Service) SavePoint(ctx context.Context, actor access.Actor, p Point) (Point, error) {
	if err := p.check(); err != nil {
		return Point{}, err
	}
	isNew := p.ID == ""
	if isNew {
		p.ID = db.NewID()
	}
	safety, err := json.Marshal(p.Safety)
	if err != nil {
		return Point{}, fmt.Errorf("save a contact point: %w", err)
	}
	err = s.db.WithTx(ctx, func(tx *db.Tx) error {
		who, t, err := s.may(ctx, tx, actor, access.RecordCorrect, p.Participant, tx.ForUpdate())
		if err != nil {
			return err
		}
		if who.State == Erased {
			return changedMeanwhile()
		}
		ring, err := s.o.Vault.Ring(ctx, tx, []string{p.Participant})
		if err != nil {
			return err
		}
		value, err := ring.Seal(vault.Place{Person: p.Participant, Table: "contact_point", Column: "value", Row: p.ID}, p.Value)
		if err != nil {
			return err
		}
		sealed, err := ring.Seal(vault.Place{Person: p.Participant, Table: "contact_point", Column: "safety", Row: p.ID}, string(safety))
		if err != nil {
			return err
		}
		index := s.o.Vault.Index("contact_point.value", strings.ToLower(p.Value))
		if isNew {
			_, err = tx.Exec(ctx, `INSERT INTO contact_point (id, participant, kind, value, value_index, safety, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				p.ID, p.Participant, string(p.Kind), value, index, sealed, db.Millis(s.o.Now()))
			if err != nil {
				return err
			}
			return s.record(ctx, tx, actor, "contact.add", p.Participant, basis(actor, t), "contact:"+p.ID)
		}
		n, err := tx.Exec(ctx, `UPDATE contact_point SET kind = $3, value = $4, value_index = $5, safety = $6 WHERE id = $1 AND participant = $2`,
			p.ID, p.Participant, string(p.Kind), value, index, sealed)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "This number or address is not here any more.")
		}
		return s.record(ctx, tx, actor, "contact.change", p.Participant, basis(actor, t), "contact:"+p.ID)
	})
	if err != nil {
		return Point{}, fmt.Errorf("save a contact point: %w", err)
	}
	return p, nil
}

// RemovePoint forgets a contact point.
func (s *Service) RemovePoint(ctx context.Context, actor access.Actor, participant, id string) error {
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		_, t, err := s.may(ctx, tx, actor, access.RecordCorrect, participant, "")
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `DELETE FROM contact_point WHERE id = $1 AND participant = $2`, id, participant)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "This number or address is not here any more.")
		}
		return s.record(ctx, tx, actor, "contact.remove", participant, basis(actor, t), "contact:"+id)
	})
	if err != nil {
		return fmt.Errorf("remove a contact point: %w", err)
	}
	return nil
}

// Unsafe says why nothing may go to a contact point now. Its words are for whoever wanted to send.
type Unsafe struct{ Message string }

func (u Unsafe) Error() string { return u.Message }

// The reasons not to send.
var (
	UnsafeGone    = Unsafe{"This number or address is not here any more."}
	UnsafeChannel = Unsafe{"The person did not allow to be reached in this way there."}
	UnsafeQuiet   = Unsafe{"These are the person's quiet hours."}
	UnsafeLeft    = Unsafe{"The person left, and does not want to be reached."}
)

// MaySend is asked at the moment of sending, in the sender's transaction: it gives where to send, or an Unsafe.
// What was safe when a message was written may not be so any more when it goes.
func (s *Service) MaySend(ctx context.Context, tx *db.Tx, participant, id string, by Channel, now time.Time) (Point, error) {
	p, err := s.participant(ctx, tx, participant, "")
	if err != nil {
		return Point{}, err
	}
	if p.State != Open {
		return Point{}, UnsafeLeft
	}
	ring, err := s.o.Vault.Ring(ctx, tx, []string{participant})
	if err != nil {
		return Point{}, err
	}
	all, err := s.points(ctx, tx, ring, participant)
	if err != nil {
		return Point{}, err
	}
	i := slices.IndexFunc(all, func(x Point) bool { return x.ID == id })
	if i < 0 {
		return Point{}, UnsafeGone
	}
	return all[i], all[i].allows(by, civil.ClockOf(now))
}

// allows tells whether something may go there by a channel at a time of day in the community's zone.
func (p Point) allows(by Channel, at civil.Clock) error {
	x := p.Safety
	ok := by == BySMS && p.Kind == Phone && x.Text || by == ByMail && p.Kind == Email && x.Text ||
		by == ByVoice && p.Kind == Phone && x.Call || by == Voicemail && p.Kind == Phone && x.Message ||
		by == ByLetter && p.Kind == Address && x.Post
	if !ok {
		return UnsafeChannel
	}
	quiet := x.QuietFrom < x.QuietUntil && at >= x.QuietFrom && at < x.QuietUntil ||
		x.QuietFrom > x.QuietUntil && (at >= x.QuietFrom || at < x.QuietUntil)
	if quiet && by != ByLetter {
		return UnsafeQuiet
	}
	return nil
}

func (s *Service) points(ctx context.Context, q db.Querier, ring *vault.Ring, participant string) ([]Point, error) {
	type row struct {
		Point
		value, safety []byte
	}
	rows, err := db.All(ctx, q, func(scan db.Scan) (r row, err error) {
		var kind string
		err = scan(&r.ID, &r.Participant, &kind, &r.value, &r.safety)
		r.Kind = PointKind(kind)
		return r, err
	}, `SELECT id, participant, kind, value, safety FROM contact_point WHERE participant = $1 ORDER BY added_at, id`, participant)
	if err != nil {
		return nil, err
	}
	all := make([]Point, len(rows))
	for i, r := range rows {
		all[i] = r.Point
		if all[i].Value, err = open(ring, vault.Place{Person: participant, Table: "contact_point", Column: "value", Row: r.ID}, r.value); err != nil {
			return nil, err
		}
		safety, err := open(ring, vault.Place{Person: participant, Table: "contact_point", Column: "safety", Row: r.ID}, r.safety)
		if err != nil {
			return nil, err
		}
		if safety != "" {
			if err := json.Unmarshal([]byte(safety), &all[i].Safety); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

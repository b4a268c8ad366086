package casework

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"hearth/internal/casework"
	"hearth/internal/consent"
	"hearth/internal/db"
	"hearth/internal/fault"
	"hearth/internal/web/page"
)

// shareForm is what somebody wants to give out, to whom, for what, and because of what.
type shareForm struct {
	ID         string
	What       []consent.Category
	To         string
	Purpose    consent.Purpose
	Basis      consent.BasisKind
	Consent    string
	Describe   string
	Evidence   map[string]string
	Consents   []consent.Consent // signed ones
	Recipients []consent.Recipient
	Err        *fault.Error
}

// held are the categories of which a record holds something today.
var held = []consent.Category{consent.TakingPart, consent.Contact, consent.Notes}

// ShareForm asks what, to whom, for what and because of what.
func (p Pages) ShareForm(w http.ResponseWriter, r *http.Request) error {
	f := shareForm{ID: r.PathValue("id"), Basis: consent.BasisKind(r.URL.Query().Get("basis"))}
	if !slices.Contains(consent.BasisKinds, f.Basis) || f.Basis == consent.OwnCopy {
		f.Basis = consent.ByConsent
	}
	return p.share(w, r, f, nil)
}

func (p Pages) share(w http.ResponseWriter, r *http.Request, f shareForm, problem error) error {
	code := 0
	err := p.Consents.MayAsk(r.Context(), actor(r), f.ID)
	if err != nil {
		return err
	}
	if problem != nil {
		if f.Err, code, err = failed(problem); err != nil {
			return err
		}
	}
	all, err := p.Consents.Of(r.Context(), actor(r), f.ID)
	if err != nil {
		return err
	}
	f.Consents = slices.DeleteFunc(all, func(c consent.Consent) bool { return c.State != consent.Signed || c.Kind == consent.Messages })
	if f.Recipients, err = p.Consents.Recipients(r.Context(), actor(r), f.ID); err != nil {
		return err
	}
	return page.Render(w, r, status(code), sharePage(shell(r, "people"), f))
}

// Share asks the gate, and shows what may leave as a page to print, with the notice and the permission.
func (p Pages) Share(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	field := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	f := shareForm{
		ID: r.PathValue("id"), What: codes[consent.Category](r.PostForm["what"]), To: field("to"), Purpose: consent.Purpose(field("purpose")),
		Basis: consent.BasisKind(field("basis")), Consent: field("consent"), Describe: field("describe"), Evidence: map[string]string{},
	}
	for _, q := range f.Basis.Questions() {
		f.Evidence[q.Code] = field("evidence_" + q.Code)
	}
	if p := f.Basis.Purposes(); len(p) == 1 {
		f.Purpose = p[0] // the ground says what for
	}
	if f.Basis == consent.HandedOver {
		f.To = ""
	}
	if f.Basis == consent.ByConsent {
		f.Evidence["narrowed"] = field("narrowed")
	}
	if slices.ContainsFunc(f.What, func(c consent.Category) bool { return !slices.Contains(held, c) }) {
		return p.share(w, r, f, fault.New(fault.Invalid, "Nothing of this is kept here."))
	}
	packet, err := p.Consents.Release(r.Context(), consent.Request{
		Actor: actor(r), Participant: f.ID, What: f.What, To: f.To, Purpose: f.Purpose, Way: consent.Print, Describe: f.Describe,
		Basis: consent.Basis{Kind: f.Basis, Consent: f.Consent, Evidence: f.Evidence},
	}, p.letter(r, f))
	if err != nil {
		return p.share(w, r, f, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	return p.Consents.Send(r.Context(), packet, w)
}

// letter builds the page that leaves: what it is about, the notice of 2.32 and the permission it rests on.
func (p Pages) letter(r *http.Request, f shareForm) consent.Build {
	return func(ctx context.Context, tx *db.Tx, cover *consent.Cover, out io.Writer) error {
		content, err := p.Cases.ContentOf(ctx, tx, f.ID, f.What)
		if err != nil {
			return err
		}
		l := letterView{Content: content, What: f.What, Notice: cover.Notice(), Disclosure: cover.Disclosure}
		if content.Program != "" {
			program, err := p.Community.Program(ctx, tx, content.Program)
			if err != nil {
				return err
			}
			l.Program = program.Name
		}
		if l.Document, l.Signature, l.Signed = cover.Consent(); l.Signed {
			l.Called = cover.Patient() // the name that the person allowed, and no other
		}
		var b bytes.Buffer
		if err := letterPage(shell(r, "people"), p, l).Render(ctx, &b); err != nil {
			return err
		}
		_, err = b.WriteTo(out)
		return err
	}
}

// letterView is what leaves on paper.
type letterView struct {
	casework.Content
	What       []consent.Category
	Program    string
	Notice     string
	Disclosure string
	Document   consent.Document
	Signature  consent.Signature
	Signed     bool
}

// Shared lists what was given to others about a person.
func (p Pages) Shared(w http.ResponseWriter, r *http.Request) error {
	who := id(r)
	since := p.Community.Today().AddDays(-366 * consent.AccountingYears)
	given, err := p.Consents.Accounting(r.Context(), actor(r), who, time.Date(since.Year, since.Month, since.Day, 0, 0, 0, 0, p.Community.Location()))
	if err != nil {
		return err
	}
	ids := make([]string, len(given))
	for i, d := range given {
		ids[i] = d.Actor
	}
	names, err := p.names(r.Context(), ids...)
	if err != nil {
		return err
	}
	mine := actor(r).Participant == who
	nav := "people"
	if mine {
		nav = "mine"
	}
	return page.Render(w, r, http.StatusOK, sharedPage(shell(r, nav), p, who, mine, given, names))
}

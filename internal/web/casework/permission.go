package casework

import (
	"net/http"
	"strings"

	"hearth/internal/civil"
	"hearth/internal/consent"
	"hearth/internal/fault"
	"hearth/internal/web/page"
)

// permissionForm is what somebody filled in for a new permission or a draft.
type permissionForm struct {
	consent.Consent
	Mine       bool
	Recipients []consent.Recipient
	NewName    string // of a person or place that is not in the list yet
	NewAddress string
	NewKind    string
	Err        *fault.Error
}

// NewPermission asks what a permission is for.
func (p Pages) NewPermission(w http.ResponseWriter, r *http.Request) error {
	return p.permission(w, r, permissionForm{Consent: consent.Consent{
		Participant: r.PathValue("id"), Kind: consent.Kind(r.URL.Query().Get("kind")), Language: page.T(r).Lang(),
		Expires: p.Community.Today().AddDays(180),
	}}, nil)
}

// EditPermission shows a draft for changing.
func (p Pages) EditPermission(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Consents.Read(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if c.State != consent.Draft {
		return page.Redirect(w, r, "/permissions/"+c.ID)
	}
	return p.permission(w, r, permissionForm{Consent: c}, nil)
}

func (p Pages) permission(w http.ResponseWriter, r *http.Request, f permissionForm, problem error) error {
	code := 0
	var err error
	if problem != nil {
		if f.Err, code, err = failed(problem); err != nil {
			return err
		}
	}
	f.Mine = actor(r).Participant == f.Participant
	if f.Recipients, err = p.Consents.Recipients(r.Context(), actor(r), f.Participant); err != nil {
		return err
	}
	nav := "people"
	if f.Mine {
		nav = "mine"
	}
	return page.Render(w, r, status(code), permissionPage(shell(r, nav), f))
}

// PreparePermission saves what was filled in, and leads to the words to read and sign.
func (p Pages) PreparePermission(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	field := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	f := permissionForm{NewName: field("new_name"), NewAddress: field("new_address"), NewKind: field("new_kind")}
	f.Consent = consent.Consent{
		ID: field("permission"), Participant: r.PathValue("id"), Kind: consent.Kind(field("kind")), Revision: number(field("revision")), Language: field("language"),
		Patient: field("patient"), What: codes[consent.Category](r.PostForm["what"]), WhatElse: field("what_else"), To: r.PostForm["to"],
		Purposes: codes[consent.Purpose](r.PostForm["purposes"]), PurposeElse: field("purpose_else"), Channel: field("channel"), Ending: consent.Ending(field("ending")),
	}
	if f.Ending == "day" {
		f.Ending = consent.OnDate
	}
	fixed(&f.Consent, field("class") != "")
	var err error
	if day := field("expires"); day != "" && f.Ending == consent.OnDate {
		if f.Expires, err = civil.ParseDate(day); err != nil {
			err = fault.New(fault.Invalid, "Something here needs another look.").With("expires", "Please write the day as 2026-12-31.")
		}
	}
	if day := field("revocable_on"); day != "" && err == nil {
		if f.RevocableOn, err = civil.ParseDate(day); err != nil {
			err = fault.New(fault.Invalid, "Something here needs another look.").With("revocable_on", "Please write the day as 2026-12-31.")
		}
	}
	if err == nil && f.NewName != "" {
		var made consent.Recipient
		made, err = p.Consents.AddRecipient(r.Context(), actor(r), consent.Recipient{
			Participant: f.Participant, Kind: consent.RecipientKind(f.NewKind), Name: f.NewName, Address: f.NewAddress, Covered: field("covered") != "",
		})
		if err == nil {
			f.To, f.NewName, f.NewAddress = append(f.To, made.ID), "", ""
		}
	}
	if err == nil {
		f.Consent, err = p.Consents.Prepare(r.Context(), actor(r), f.Consent)
	}
	if err != nil {
		return p.permission(w, r, f, err)
	}
	return page.Redirect(w, r, "/permissions/"+f.ID)
}

// fixed fills in what a kind of permission leaves no choice about, so that nobody has to tick it.
func fixed(c *consent.Consent, class bool) {
	switch c.Kind {
	case consent.Treatment:
		c.Purposes = []consent.Purpose{consent.ForTreatment, consent.ForPayment, consent.Operations}
		if class {
			c.Class = consent.TreatingProviders
		}
	case consent.Counseling:
		c.What = []consent.Category{consent.Counselled}
		if len(c.Purposes) == 0 {
			c.Purposes = []consent.Purpose{consent.AtRequest}
		}
	case consent.Proceedings, consent.Justice:
		c.Purposes = []consent.Purpose{consent.Legal}
	case consent.Story:
		c.Purposes = []consent.Purpose{consent.ForStory}
	case consent.Messages:
		c.Purposes, c.What, c.To = []consent.Purpose{consent.Reaching}, nil, nil
	}
	if c.Kind != consent.Messages {
		c.Channel = ""
	}
}

func codes[C ~string](list []string) []C {
	var out []C
	for _, s := range list {
		out = append(out, C(s))
	}
	return out
}

// signForm is what somebody wrote under a permission.
type signForm struct {
	Name, Capable, Drawn string
	Signer               string
	Err                  *fault.Error
}

// Permission shows a permission: to read and sign, or as it was signed.
func (p Pages) Permission(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, signForm{}, nil)
}

func (p Pages) show(w http.ResponseWriter, r *http.Request, f signForm, problem error) error {
	code := 0
	var err error
	if problem != nil {
		if f.Err, code, err = failed(problem); err != nil {
			return err
		}
	}
	c, err := p.Consents.Read(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	names, err := p.names(r.Context(), c.Signature.Witness, c.Signature.By, c.RevokedBy)
	if err != nil {
		return err
	}
	var told []consent.Told
	if c.State == consent.Revoked {
		if told, err = p.Consents.ToTell(r.Context(), actor(r), c.ID); err != nil {
			return err
		}
	}
	mine := actor(r).Participant == c.Participant
	nav := "people"
	if mine {
		nav = "mine"
	}
	return page.Render(w, r, status(code), showPage(shell(r, nav), p, c, mine, f, names, told))
}

// Sign signs a permission: the person on their own device, or in person before whoever walks with them.
func (p Pages) Sign(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	f := signForm{Name: strings.TrimSpace(r.PostFormValue("name")), Capable: strings.TrimSpace(r.PostFormValue("capable")), Drawn: r.PostFormValue("drawn"), Signer: r.PostFormValue("signer")}
	sig := consent.Signature{Name: f.Name, Drawn: f.Drawn, Signer: consent.Signer(f.Signer), Capable: f.Capable, How: consent.Typed}
	if f.Drawn != "" {
		sig.How = consent.Finger
	}
	switch r.PostFormValue("how") {
	case "witnessed":
		sig.How = consent.Witnessed
	case "paper":
		sig.How, sig.Drawn = consent.Paper, ""
	}
	_, err := p.Consents.Sign(r.Context(), actor(r), r.PathValue("id"), number(r.PostFormValue("revision")), r.PostFormValue("hash"), sig)
	if err != nil {
		return p.show(w, r, f, err)
	}
	return page.Redirect(w, r, "/permissions/"+r.PathValue("id"))
}

// Revoke takes a permission back: the second of two taps.
func (p Pages) Revoke(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	c, err := p.Consents.Read(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	how := "told"
	if c.Participant == actor(r).Participant {
		how = "page"
	}
	if _, err := p.Consents.Revoke(r.Context(), actor(r), r.PathValue("id"), how); err != nil {
		return p.show(w, r, signForm{}, err)
	}
	return page.Redirect(w, r, "/permissions/"+r.PathValue("id"))
}

// Discard throws an unsigned permission away.
func (p Pages) Discard(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Consents.Read(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := p.Consents.Discard(r.Context(), actor(r), c.ID); err != nil {
		return err
	}
	if actor(r).Participant == c.Participant {
		return page.Redirect(w, r, "/mine#permissions")
	}
	return page.Redirect(w, r, "/people/"+c.Participant+"#permissions")
}

// MarkTold records that somebody was told that a permission was taken back.
func (p Pages) MarkTold(w http.ResponseWriter, r *http.Request) error {
	if err := page.Form(w, r); err != nil {
		return err
	}
	if err := p.Consents.MarkTold(r.Context(), actor(r), r.PathValue("id"), r.PostFormValue("recipient")); err != nil {
		return err
	}
	return page.Redirect(w, r, "/permissions/"+r.PathValue("id"))
}

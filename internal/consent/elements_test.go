package consent

import (
	"strings"
	"testing"

	"hearth/internal/civil"
	"hearth/internal/fault"
)

func draft() Consent {
	c := signed()
	c.State, c.Signature = Draft, Signature{}
	return c
}

func TestEveryElementIsAskedFor(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*Consent)
		field  string // "" when nothing is wrong
	}{
		"nothing wrong":                {func(*Consent) {}, ""},
		"no name":                      {func(c *Consent) { c.Patient = "" }, "patient"},
		"no kind":                      {func(c *Consent) { c.Kind = "general" }, "kind"},
		"nothing shared":               {func(c *Consent) { c.What = nil }, "what"},
		"everything":                   {func(c *Consent) { c.What = []Category{"everything"} }, "what"},
		"nobody":                       {func(c *Consent) { c.To = nil }, "to"},
		"a class where a name is due":  {func(c *Consent) { c.To, c.Class = nil, TreatingProviders }, "to"},
		"no purpose":                   {func(c *Consent) { c.Purposes = nil }, "purposes"},
		"a legal purpose among others": {func(c *Consent) { c.Purposes = []Purpose{Housing, Legal} }, "purposes"},
		"no end":                       {func(c *Consent) { c.Expires = civil.Date{} }, "expires"},
		"an end in the past":           {func(c *Consent) { c.Expires = today.AddDays(-1) }, "expires"},
		"two ends":                     {func(c *Consent) { c.Ending = EndOfTreatment }, "expires"},
		"no end, for a place":          {func(c *Consent) { c.Ending, c.Expires = NoEnding, civil.Date{} }, "ending"},
		"no end, for treatment": {func(c *Consent) {
			c.Kind, c.Purposes, c.Ending, c.Expires = Treatment, []Purpose{ForTreatment}, NoEnding, civil.Date{}
		}, ""},
		"a class, for treatment": {func(c *Consent) {
			c.Kind, c.Purposes, c.To, c.Class = Treatment, []Purpose{ForPayment}, nil, TreatingProviders
		}, ""},
		"counseling notes with something else": {func(c *Consent) { c.What = []Category{Plan, Counselled} }, "what"},
		"counseling notes by themselves": {func(c *Consent) {
			c.Kind, c.What, c.Purposes = Counseling, []Category{Counselled}, []Purpose{AtRequest}
		}, ""},
		"a proceeding by itself":           {func(c *Consent) { c.Kind, c.Purposes = Proceedings, []Purpose{Legal} }, ""},
		"a proceeding with something else": {func(c *Consent) { c.Kind, c.Purposes = Proceedings, []Purpose{Legal, Housing} }, "purposes"},
		"research until the study ends": {func(c *Consent) {
			c.Kind, c.Purposes, c.Ending, c.Expires = Research, []Purpose{ForResearch}, EndOfStudy, civil.Date{}
		}, ""},
		"a story for two years": {func(c *Consent) { c.Kind, c.Purposes, c.Expires = Story, []Purpose{ForStory}, today.AddDays(730) }, "expires"},
		"messages by text": {func(c *Consent) {
			c.Kind, c.What, c.To, c.Purposes, c.Channel = Messages, nil, nil, []Purpose{Reaching}, "sms"
		}, ""},
		"messages by pigeon": {func(c *Consent) {
			c.Kind, c.What, c.To, c.Purposes, c.Channel = Messages, nil, nil, []Purpose{Reaching}, "pigeon"
		}, "channel"},
		"messages that share":   {func(c *Consent) { c.Kind, c.To, c.Purposes, c.Channel = Messages, nil, []Purpose{Reaching}, "sms" }, "what"},
		"justice without a day": {func(c *Consent) { c.Kind, c.Purposes = Justice, []Purpose{Legal} }, "revocable_on"},
		"justice for ever":      {func(c *Consent) { c.Kind, c.Purposes, c.RevocableOn = Justice, []Purpose{Legal}, today.AddDays(4000) }, "revocable_on"},
		"justice with a day":    {func(c *Consent) { c.Kind, c.Purposes, c.RevocableOn = Justice, []Purpose{Legal}, today.AddDays(20) }, ""},
		"not revocable":         {func(c *Consent) { c.RevocableOn = today }, "revocable_on"},
		"too many words":        {func(c *Consent) { c.WhatElse = strings.Repeat("x", WordsLimit+1) }, "what_else"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := draft()
			test.change(&c)
			err := c.check(today)
			if test.field == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !fault.Is(err, fault.Invalid) || fault.As(err).Fields[0].Name != test.field {
				t.Errorf("got %v, want it wrong at %s", err, test.field)
			}
		})
	}
}

func TestWhoMaySign(t *testing.T) {
	t.Parallel()
	program := Program{AdultAt: 18}
	born := func(y, m int) Profile {
		return Profile{BirthMonth: civil.Date{Year: y, Month: 5, Day: 1}.AddDays(30 * (m - 5))}
	}
	typed := Signature{How: Typed, Name: "Rosa", Signer: Self}
	tests := map[string]struct {
		s     Signature
		p     Profile
		alone int
		field string
	}{
		"grown up":                  {typed, born(1990, 5), 0, ""},
		"age not known":             {typed, Profile{}, 0, ""},
		"eighteen this month":       {typed, born(2008, 5), 0, "signer"},
		"eighteen last month":       {typed, born(2008, 4), 0, ""},
		"fifteen":                   {typed, born(2011, 1), 0, "signer"},
		"fifteen, may sign alone":   {typed, born(2011, 1), 14, ""},
		"a guardian":                {Signature{How: Paper, Witness: "w", Name: "Luz", Signer: Guardian, Capable: "mother"}, born(2011, 1), 0, ""},
		"a guardian without reason": {Signature{How: Paper, Witness: "w", Name: "Luz", Signer: Guardian}, born(2011, 1), 0, "capable"},
		"a guardian by a word":      {Signature{How: Typed, Name: "Luz", Signer: Guardian, Capable: "mother"}, born(2011, 1), 0, "signer"},
		"a guardian of an adult":    {Signature{How: Paper, Witness: "w", Name: "Luz", Signer: Guardian, Capable: "mother"}, born(1990, 5), 0, "signer"},
		"seen, nothing drawn":       {Signature{How: Witnessed, Witness: "w", Name: "Rosa", Signer: Self}, Profile{}, 0, "drawn"},
		"seen, something else":      {Signature{How: Witnessed, Witness: "w", Name: "Rosa", Signer: Self, Drawn: strings.Repeat("z", 2000)}, Profile{}, 0, "drawn"},
		"no name":                   {Signature{How: Typed, Signer: Self}, Profile{}, 0, "name"},
		"nothing drawn":             {Signature{How: Finger, Name: "Rosa", Signer: Self}, Profile{}, 0, "drawn"},
		"drawn":                     {Signature{How: Finger, Name: "Rosa", Signer: Self, Drawn: "M 10 10 L 20 20"}, Profile{}, 0, ""},
		"a script drawn":            {Signature{How: Finger, Name: "Rosa", Signer: Self, Drawn: `M 1 1"/><script>`}, Profile{}, 0, "drawn"},
		"witnessed by nobody":       {Signature{How: Witnessed, Name: "Rosa", Signer: Self, Drawn: "M 1 1 L 9 9"}, Profile{}, 0, "witness"},
		"how?":                      {Signature{Name: "Rosa", Signer: Self}, Profile{}, 0, "how"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program := program
			program.AloneAt = test.alone
			err := test.s.check(test.p, program, today)
			if test.field == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !fault.Is(err, fault.Invalid) || fault.As(err).Fields[0].Name != test.field {
				t.Errorf("got %v, want it wrong at %s", err, test.field)
			}
		})
	}
}

func TestDocumentSaysEveryElement(t *testing.T) {
	t.Parallel()
	program := Program{Name: "Green House", Address: "1 Main Street, Erie", Contact: "Green House, 1 Main Street, Erie"}
	named := []Recipient{{ID: "r1", Name: "County Housing", Address: "2 Main Street"}}
	for _, language := range []string{"en", "es"} {
		for _, kind := range Kinds {
			c := draft()
			c.Language, c.Kind, c.WhatElse, c.Channel = language, kind, "only the goals\n## of this year", "sms"
			c.What = Categories
			d, err := compose(c, program, named)
			if err != nil {
				t.Fatalf("%s %s: %v", language, kind, err)
			}
			text := d.Text()
			wants := []string{"Rosa", "Green House, 1 Main Street, Erie", "2026"}
			if kind != Messages {
				wants = append(wants, "County Housing, 2 Main Street", "42 CFR", "only the goals ## of this year")
			}
			for _, want := range wants {
				if !strings.Contains(text, want) {
					t.Errorf("%s %s does not say %q:\n%s", language, kind, want, text)
				}
			}
			for _, never := range []string{"<no value>", "%!", "\n\n", "[", "\n## of"} {
				if strings.Contains(text, never) {
					t.Errorf("%s %s says %q:\n%s", language, kind, never, text)
				}
			}
			if len(d.Parts) < 6 || d.Title == "" {
				t.Errorf("%s %s has %d parts and the title %q", language, kind, len(d.Parts), d.Title)
			}
			if again := ParseDocument(text); again.Hash() != d.Hash() || len(again.Parts) != len(d.Parts) {
				t.Errorf("%s %s does not survive being kept", language, kind)
			}
		}
	}
	// What only some consents say.
	c := draft()
	c.Language, c.Kind, c.Class, c.To, c.Purposes, c.Ending, c.Expires = "en", Treatment, TreatingProviders, nil, []Purpose{ForTreatment, ForPayment, Operations}, NoEnding, civil.Date{}
	d, err := compose(c, program, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"my treating providers, health plans, third-party payers, and people helping to operate this program", "may be shared again", "If I do not sign", "holds until I take it back"} {
		if !strings.Contains(strings.ToLower(d.Text()), strings.ToLower(want)) {
			t.Errorf("the single consent does not say %q:\n%s", want, d.Text())
		}
	}
}

package consent

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"text/template"

	"hearth/internal/civil"
	"hearth/internal/db"
)

// Form is the version of the words that new consents are made with. An older one is never changed: what
// somebody signed stays what it was, and consent_form keeps the words.
const Form = "1"

//go:embed forms/*.txt
var formFiles embed.FS

// Document is a text to read, print or sign: a title and parts with a heading.
type Document struct {
	Title string
	Parts []Part
	text  string
}

// Part is a heading and what stands under it.
type Part struct {
	Heading string
	Lines   []Line
}

// Line is a sentence, or an item of a list.
type Line struct {
	Text string
	Item bool
}

// Text is the whole document as plain text: what the hash is taken over and what is kept.
func (d Document) Text() string { return d.text }

// Hash is the SHA-256 of the text, in hex.
func (d Document) Hash() string {
	sum := sha256.Sum256([]byte(d.text))
	return hex.EncodeToString(sum[:])
}

// ParseDocument reads a text as Text gave it. It never fails: what it does not know is a sentence.
func ParseDocument(text string) Document {
	d := Document{text: text}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "# "):
			d.Title = line[2:]
		case strings.HasPrefix(line, "## "):
			d.Parts = append(d.Parts, Part{Heading: line[3:]})
		default:
			if len(d.Parts) == 0 {
				d.Parts = append(d.Parts, Part{})
			}
			p := &d.Parts[len(d.Parts)-1]
			text, item := strings.CutPrefix(line, "- ")
			p.Lines = append(p.Lines, Line{Text: text, Item: item})
		}
	}
	return d
}

// facts are what the words of a form are filled with.
type facts struct {
	Consent
	From, Contact    string
	To               []string // shadows the ids: names and addresses
	CoveredRecipient bool
	Expires          *civil.Date
	RevocableOn      *civil.Date
}

// spokenDate is a date with the name of its month.
type spokenDate struct {
	Year, Day int
	Month     string
}

// forms are the words of one version in each language. They are part of the program: a broken one is a bug
// that every test finds.
var forms = sync.OnceValue(func() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, language := range []string{"en", "es"} {
		t := template.New(language)
		phrase := func(name string, data any) (string, error) {
			var b strings.Builder
			err := t.ExecuteTemplate(&b, name, data)
			return b.String(), err
		}
		t.Funcs(template.FuncMap{
			"list": func(words ...string) []string { return words },
			"say":  func(kind string, code any) (string, error) { return phrase(fmt.Sprintf("%s:%v", kind, code), nil) },
			"date": func(d *civil.Date) (string, error) {
				month, err := phrase("month", int(d.Month)-1)
				if err != nil {
					return "", err
				}
				return phrase("date", spokenDate{Year: d.Year, Day: d.Day, Month: month})
			},
		})
		words, err := formFiles.ReadFile("forms/" + Form + "." + language + ".txt")
		if err == nil {
			_, err = t.Parse(string(words))
		}
		if err != nil {
			panic(fmt.Sprintf("the words of consents in %s: %v", language, err))
		}
		all[language] = t
	}
	return all
})

// compose writes the document that somebody reads before they sign. Line breaks in what people wrote become
// spaces: nobody adds a heading of their own.
func compose(c Consent, p Program, recipients []Recipient) (Document, error) {
	t := forms()[c.Language]
	if t == nil {
		return Document{}, fmt.Errorf("there are no words in %q", c.Language)
	}
	f := facts{Consent: c, From: oneLine(joined(", ", p.Name, p.Address)), Contact: oneLine(p.Contact)}
	f.Patient, f.WhatElse, f.PurposeElse = oneLine(c.Patient), oneLine(c.WhatElse), oneLine(c.PurposeElse)
	if !c.Expires.IsZero() {
		f.Expires = &c.Expires
	}
	if !c.RevocableOn.IsZero() {
		f.RevocableOn = &c.RevocableOn
	}
	for _, r := range recipients {
		f.To = append(f.To, oneLine(joined(", ", r.Name, r.Address)))
		f.CoveredRecipient = f.CoveredRecipient || r.Covered
	}
	f.CoveredRecipient = f.CoveredRecipient || c.Kind == Treatment
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "form", f); err != nil {
		return Document{}, fmt.Errorf("write a consent: %w", err)
	}
	return ParseDocument(strings.TrimSpace(b.String()) + "\n"), nil
}

// oneLine puts what somebody wrote on one line that is no heading and no item.
func oneLine(s string) string { return strings.TrimLeft(strings.Join(strings.Fields(s), " "), "#- ") }

// joined joins those that are not empty.
func joined(by string, parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, by)
}

// keepForm keeps the words of a version when they are signed for the first time.
func keepForm(ctx context.Context, tx *db.Tx, language string, at int64) error {
	words, err := formFiles.ReadFile("forms/" + Form + "." + language + ".txt")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(words)
	_, err = tx.Exec(ctx, `INSERT INTO consent_form (version, language, words, hash, used_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (version, language) DO NOTHING`, Form, language, string(words), hex.EncodeToString(sum[:]), at)
	return err
}

package setup

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"hearth/internal/civil"
	"hearth/internal/community"
	"hearth/internal/fault"
	"hearth/internal/web/house"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// form is everything that a page of settings shows, whichever part of it.
type form struct {
	Settings community.Settings
	Program  community.Program
	Numbers  []community.Number // as they were typed, with empty ones to fill
	AdultAt  string
	AloneAt  string
	Zone     string // "" where nobody has chosen one yet
	Named    bool   // the name was given at the start and cannot be changed here
	Copied   bool
	KeyFile  string
	More     bool // only more lines for numbers were asked for
	Err      *fault.Error
}

// emptyNumbers is how many lines are left for new numbers.
const emptyNumbers = 2

// form is what stands.
func (p Pages) form(ctx context.Context, now community.Settings) (form, error) {
	f := form{Settings: now, Zone: now.Zone, Named: p.Community.Named(), Copied: p.copied(now), KeyFile: p.KeyFile}
	if now.Revision == 0 && !f.Named {
		f.Settings.Name = "" // nobody has said it yet: what stands there is the program's own name
	}
	if now.Step == community.StepName && now.Zone == "UTC" {
		f.Zone = ""
	}
	f.Numbers = append(append(f.Numbers, now.Help...), make([]community.Number, emptyNumbers)...)
	all, err := p.Community.Programs(ctx)
	if err != nil {
		return f, err
	}
	if len(all) > 0 {
		return f.of(all[0]), nil
	}
	return f.of(newProgram(now)), nil
}

// newProgram is how a program begins: protected by Part 2 until somebody decides otherwise.
func newProgram(now community.Settings) community.Program {
	return community.Program{Contact: now.Contact, Part2: true, AdultAt: 18}
}

// of is the form with a program in it.
func (f form) of(p community.Program) form {
	f.Program, f.AdultAt, f.AloneAt = p, strconv.Itoa(p.AdultAt), ""
	if p.AloneAt > 0 {
		f.AloneAt = strconv.Itoa(p.AloneAt)
	}
	return f
}

// read takes what was sent for a step into the form. fault.Invalid: something in it makes no sense here; the
// rest is checked by the community.
func (p Pages) read(r *http.Request, here community.Step, f form) (form, error) {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	f.Settings.Revision = number(value("revision"), -1)
	switch here {
	case community.StepName:
		if !f.Named {
			f.Settings.Name = value("name")
		}
		f.Settings.Region, f.Settings.Contact, f.Settings.Languages = value("region"), value("contact"), r.PostForm["languages"]
		if f.Zone = value("zone_other"); f.Zone == "" {
			f.Zone = value("zone")
		}
		f.Settings.Zone = f.Zone
		if f.Zone == "" {
			if guess := p.ZoneOf(f.Settings.Region); guess != "" {
				f.Zone, f.Settings.Zone = guess, guess
				return f, fault.New(fault.Invalid, "Something here needs another look.").With("zone", "Is this your time zone? We took it from the region.")
			}
		}
	case community.StepProgram:
		return f.readProgram(value)
	case community.StepHelp:
		return f.readNumbers(r)
	case community.StepKeys:
		f.Settings.BackupTo = value("backup_to")
		if f.Copied = value("copied") != ""; !f.Copied {
			f.Settings.KeysCopied = ""
		} else if f.Settings.KeysCopied != p.KeyMark() {
			f.Settings.KeysCopied, f.Settings.KeysCopiedAt = p.KeyMark(), p.Now()
		}
		if f.Settings.BackupTo != "" {
			return f, p.Folder(f.Settings.BackupTo)
		}
	}
	return f, nil
}

func (f form) readProgram(value func(string) string) (form, error) {
	var wrong fault.Fields
	age := func(field string, empty int) int {
		if value(field) == "" {
			return empty
		}
		n := number(value(field), -1)
		if n < 0 || n > 150 {
			wrong.Add(field, "Please write an age in years, in digits.")
			return empty
		}
		return int(n)
	}
	f.AdultAt, f.AloneAt = value("adult_at"), value("alone_at")
	f.Program = community.Program{
		Revision: number(value("program_revision"), -1), Name: value("name"), Kind: community.Kind(value("kind")),
		Address: value("address"), Contact: value("contact"), Part2: value("part2") != "no", Part2Why: value("part2_why"), Covered: value("covered") != "",
		AdultAt: age("adult_at", 0), AloneAt: age("alone_at", 0), AloneLaw: value("alone_law"),
	}
	if f.Program.Part2 {
		f.Program.Part2Why = ""
	}
	return f, wrong.Err()
}

// readNumbers takes the lines in their order; a line with nothing in it is no number.
func (f form) readNumbers(r *http.Request) (form, error) {
	f.Settings.Help, f.Numbers = nil, nil
	for i := 0; r.PostForm.Has(field(i, "name")); i++ {
		n := community.Number{Name: r.PostFormValue(field(i, "name")), More: r.PostFormValue(field(i, "more")), Call: r.PostFormValue(field(i, "call")), Text: r.PostFormValue(field(i, "text"))}
		if strings.TrimSpace(n.Name+n.More+n.Call+n.Text) != "" {
			f.Settings.Help = append(f.Settings.Help, n)
		}
	}
	f.More = r.PostFormValue("more") != ""
	f.Numbers = append(append(f.Numbers, f.Settings.Help...), make([]community.Number, emptyNumbers)...)
	return f, nil
}

// field names a part of the i-th number.
func field(i int, part string) string { return fmt.Sprintf("help%d_%s", i, part) }

func number(s string, otherwise int64) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

// spoken is a number as it is said; what was typed wrong stays as it was typed.
func spoken(n string) string { return house.Spoken(n) }

func copiedOn(t ui.T, s community.Settings) string { return t.DateYear(civil.DateOf(s.KeysCopiedAt)) }

func languages(t ui.T, f form) []ui.Choice {
	var out []ui.Choice
	for _, l := range []struct{ code, name string }{{"en", t.S("English")}, {"es", t.S("Spanish")}} {
		on := false
		for _, set := range f.Settings.Languages {
			on = on || set == l.code
		}
		out = append(out, ui.Choice{Value: l.code, Label: l.name, Checked: on})
	}
	return out
}

func kinds(t ui.T, f form) []ui.Choice {
	var out []ui.Choice
	for _, k := range community.Kinds {
		label, hint := kindWord(t, k)
		out = append(out, ui.Choice{Value: string(k), Label: label, Hint: hint, Checked: f.Program.Kind == k})
	}
	return out
}

func kindWord(t ui.T, k community.Kind) (label, hint string) {
	switch k {
	case community.RecoveryCommunity:
		return t.S("Recovery community"), t.S("Run by people in recovery: peers, groups, a recovery house or center.")
	case community.Treatment:
		return t.S("Treatment program"), t.S("A clinic or a program that treats.")
	case community.Hospital:
		return t.S("Hospital program"), t.S("Peers at the bedside, in an emergency department or on a ward.")
	}
	return t.S("Independent group"), t.S("A group that belongs to nobody.")
}

// part of the settings that a request names; "?" for what is none.
func part(r *http.Request) community.Step {
	switch s := fromPath(r.PathValue("part")); s {
	case community.StepName, community.StepHelp, community.StepKeys:
		return s
	}
	return "?"
}

func me(r *http.Request) *page.Who { return page.SignedIn(r) }

package open

import (
	_ "embed"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	pages "hearth/internal/web/meeting"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// embedded is how many meetings the finder shows on another site; the rest is one press away.
const embedded = 12

// Another site may frame the slim finder, and nothing else of ours. Inside there is no script at all.
const embedPolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors *"

//go:embed embed.js
var embedScript []byte

// EmbedScript serves the one script that another site takes: it puts the frame where it stands.
func (p *Pages) EmbedScript(w http.ResponseWriter, r *http.Request) error {
	share(w)
	return send(w, r, "text/javascript; charset=utf-8", embedScript)
}

// embedView is the slim finder, in words.
type embedView struct {
	t       ui.T
	title   string
	field   string
	hidden  []ui.Hidden
	chips   []ui.ChipData
	problem string
	count   string
	groups  []embedGroup
	all     string // address of the whole list here
	help    string
	home    string
	name    string
}

type embedGroup struct {
	Heading string
	Rows    []embedRow
}

type embedRow struct {
	Said pages.Said
	Href string
	Name string
}

// Embed answers GET /embed: the finder inside another site's page. It works without a script, keeps nothing
// and opens what it leads to in the whole window.
func (p *Pages) Embed(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Security-Policy", embedPolicy)
	t, q := page.T(r), r.URL.Query()
	f, err := p.o.Meetings.Directory().ParseForm(q, p.o.Places)
	problem := fault.As(err)
	if err != nil && problem == nil {
		return err
	}
	status := http.StatusOK
	v := &embedView{t: t, name: p.o.Community(), title: t.S("Meetings"), home: p.o.BaseURL + "/", help: p.o.BaseURL + "/help"}
	if problem != nil {
		status = http.StatusUnprocessableEntity
		v.problem = t.S(problem.Message, problem.Args...)
		for _, field := range problem.Fields {
			v.problem = t.S(field.Message, field.Args...)
		}
	}
	v.field = strings.TrimSpace(q.Get("q"))
	if v.field == "" && f.Near != nil {
		v.field = f.Near.Label
	}
	if v.field == "" {
		v.field = f.Text
	}
	if problem == nil {
		p.fillEmbed(v, f)
	}
	return page.Render(w, r, status, frame(v))
}

func (p *Pages) fillEmbed(v *embedView, f meeting.Filter) {
	t, now := v.t, p.o.Now()
	f.Offset = 0
	if f.Limit == 0 || f.Limit > embedded {
		f.Limit = embedded
	}
	found := p.o.Meetings.Directory().Find(f, now)
	say := p.o.Words.Sayer(t, f, found.Hits, now)
	v.count = t.S("%d meetings", found.Total)
	if what := pages.FilterWords(t, f); len(what) > 0 {
		v.count += ": " + strings.Join(what, "; ")
	}
	for i := range found.Hits {
		h := &found.Hits[i]
		heading := t.S("By appointment")
		if !h.Date.IsZero() {
			heading = ui.Capital(t.Date(h.Date))
		}
		if len(v.groups) == 0 || v.groups[len(v.groups)-1].Heading != heading {
			v.groups = append(v.groups, embedGroup{Heading: heading})
		}
		g := &v.groups[len(v.groups)-1]
		g.Rows = append(g.Rows, embedRow{Said: say(h), Href: p.o.BaseURL + "/m/" + h.ID, Name: h.Name})
	}
	f.Limit = 0
	values := f.Values()
	v.all = p.o.BaseURL + listPath("/", f)
	for _, name := range slices.Sorted(keysOf(values)) {
		switch name {
		case "place", "near", "within", "text":
		default:
			v.hidden = append(v.hidden, ui.Hidden{Name: name, Value: values.Get(name)})
		}
	}
	if t.Lang() != "en" {
		v.hidden = append(v.hidden, ui.Hidden{Name: "lang", Value: t.Lang()})
	}
	for _, c := range []struct{ label, name, value string }{
		{t.S("Now"), "when", "now"},
		{t.S("Tonight"), "when", "tonight"},
		{t.S("I may speak"), "may", "speak"},
		{t.S("In person"), "attendance", "hybrid,in_person"},
		{t.S("Online"), "attendance", "hybrid,online"},
	} {
		v.chips = append(v.chips, embedChip(values, t.Lang(), c.label, c.name, c.value))
	}
}

// embedChip sets a parameter to one value, or takes it out where it has that already.
func embedChip(values url.Values, lang, label, name, value string) ui.ChipData {
	next := url.Values{}
	for k, v := range values {
		next[k] = v
	}
	on := values.Get(name) == value
	if on {
		next.Del(name)
	} else {
		next.Set(name, value)
	}
	if lang != "en" {
		next.Set("lang", lang)
	}
	return ui.ChipData{Label: label, Href: "/embed?" + strings.ReplaceAll(next.Encode(), "%2C", ","), On: on}
}

func keysOf(v url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range v {
			if !yield(k) {
				return
			}
		}
	}
}

// howView is the page that shows what to copy.
type howView struct {
	page    ui.Page
	t       ui.T
	what    string
	script  string
	frame   string
	preview string
	list    string
	options [][2]string
}

// EmbedHow answers GET /embed/how: the lines to copy into another site.
func (p *Pages) EmbedHow(w http.ResponseWriter, r *http.Request) error {
	shell := page.Shell(r)
	t := shell.T
	f, err := p.o.Meetings.Directory().ParseFilter(r.URL.Query(), p.o.Places)
	if err != nil {
		return err
	}
	f.Limit, f.Offset = 0, 0
	base := p.o.BaseURL
	values := f.Values()
	if t.Lang() == "es" {
		values.Set("lang", "es")
	}
	var data strings.Builder
	for _, name := range slices.Sorted(keysOf(values)) {
		data.WriteString(" data-" + name + `="` + html.EscapeString(values.Get(name)) + `"`)
	}
	src := "/embed"
	if len(values) > 0 {
		src += "?" + strings.ReplaceAll(values.Encode(), "%2C", ",")
	}
	v := &howView{
		page: ui.Page{Shell: shell, Title: t.S("On your own site"), Wide: true, NoIndex: len(values) > 0, Styles: []string{"open.css"}},
		t:    t, what: strings.Join(pages.FilterWords(t, f), "; "), list: listPath("/print", f), preview: src,
		script: `<script src="` + base + `/embed.js"` + data.String() + ` async></script>`,
		frame:  `<iframe src="` + html.EscapeString(base+src) + `" title="` + html.EscapeString(t.S("Meetings")) + `" width="100%" height="640" style="border:0" loading="lazy"></iframe>`,
		options: [][2]string{
			{`data-place="Salem, OR"`, t.S("a town or a ZIP code")},
			{`data-within="10mi"`, t.S("how far around it")},
			{`data-day="mon,wed"`, t.S("days of the week")},
			{`data-may="speak"`, t.S("only meetings where one may speak")},
			{`data-fellowship="mara"`, t.S("only these fellowships, by their codes")},
			{`data-lang="es"`, t.S("the language of its words")},
			{`data-height="480"`, t.S("how high the frame is, in pixels")},
		},
	}
	// The preview is a frame of our own.
	w.Header().Set("Content-Security-Policy", w.Header().Get("Content-Security-Policy")+"; frame-src 'self'")
	return page.Render(w, r, http.StatusOK, embedHow(v))
}

package open

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hearth/internal/civil"
	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	pages "hearth/internal/web/meeting"
	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// mostPrinted is how many meetings a printed list holds: some sixty pages.
const mostPrinted = 2000

// dayList is one day of a printed list.
type dayList struct {
	Heading string
	Rows    []printed
}

// printed is one meeting of it.
type printed struct {
	Hit  meeting.Hit
	Said pages.Said
	Type string // what it is like, in a few words
}

// week reads a list in the order of paper: Sunday to Saturday, each by the clock, then what has no day.
// Of a list longer than mostPrinted it holds the beginning; wanted is how many there would be.
func (p *Pages) week(r *http.Request, t ui.T) (f meeting.Filter, days []dayList, wanted int, today civil.Date, err error) {
	f, err = p.o.Meetings.Directory().ParseFilter(r.URL.Query(), p.o.Places)
	if err != nil {
		return f, nil, 0, today, err
	}
	now := p.o.Now()
	asked := f
	if f.Limit == 0 || f.Limit > mostPrinted {
		f.Limit = mostPrinted
	}
	found := p.o.Meetings.Directory().Find(f, now)
	if wanted = max(found.Total-asked.Offset, 0); asked.Limit > 0 {
		wanted = min(wanted, asked.Limit)
	}
	say := p.o.Words.Sayer(t, f, found.Hits, now)
	var week [8]dayList
	for i := range found.Hits {
		h := &found.Hits[i]
		d := 7
		if h.Day >= 0 {
			d = int(h.Day)
		}
		said := say(h)
		said.Start = h.Start.String()
		if said.Start == "" {
			said.Start = "–"
		}
		week[d].Rows = append(week[d].Rows, printed{Hit: *h, Said: said, Type: typeWords(t, h, said.Notes)})
	}
	for d := range week {
		if len(week[d].Rows) == 0 {
			continue
		}
		week[d].Heading = t.S("By appointment")
		if d < 7 {
			week[d].Heading = t.Weekday(d)
		}
		slices.SortStableFunc(week[d].Rows, func(a, b printed) int {
			if a.Hit.Start != b.Hit.Start {
				return int(a.Hit.Start) - int(b.Hit.Start)
			}
			return strings.Compare(a.Hit.Name, b.Hit.Name)
		})
		days = append(days, week[d])
	}
	return asked, days, wanted, p.o.Words.Today(f, found.Hits, now), nil
}

// saidElsewhere are types that a printed list has said in other words.
var saidElsewhere = map[string]bool{"ONL": true, "VM": true, "HY": true, "TC": true, "EN": true}

// typeWords spells out the types of a meeting that notes do not say, the first five. Codes without a word are
// not for paper.
func typeWords(t ui.T, h *meeting.Hit, notes []string) string {
	var out []string
	for _, code := range h.Types {
		label := meeting.TypeLabel(h.Fellowship, code, t.Lang())
		if saidElsewhere[code] || !meeting.TypeKnown(h.Fellowship, code) || label == "" || slices.Contains(out, label) || slices.Contains(notes, label) {
			continue
		}
		if out = append(out, label); len(out) == 5 {
			break
		}
	}
	return strings.Join(out, ", ")
}

// rights are those that a printed list tells, each with its word.
func printedSigns(t ui.T, h *meeting.Hit) []Sign {
	var out []Sign
	known := false
	for _, r := range []struct {
		right welcome.Right
		word  string
	}{{welcome.Speak, t.S("speak")}, {welcome.Lead, t.S("lead")}, {welcome.Serve, t.S("serve")}, {welcome.TimeCounts, t.S("time counts")}} {
		answer := h.Welcome[r.right].Answer
		known = known || answer != welcome.Unknown
		out = append(out, Sign{answer, r.word})
	}
	if !known {
		return nil
	}
	return out
}

var zoomID = regexp.MustCompile(`^/j/(\d{9,11})$`)

// joinWords says how to join a meeting from paper: the host, and the number where the link has one.
func joinWords(t ui.T, link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	host := strings.TrimPrefix(u.Hostname(), "www.")
	if m := zoomID.FindStringSubmatch(u.Path); m != nil && (host == "zoom.us" || strings.HasSuffix(host, ".zoom.us")) {
		// As Zoom itself writes it: 123 456 789, 123 456 7890, 123 4567 8901. The spaces do not break.
		id, middle := m[1], 3+len(m[1][3:])/2
		return t.S("Online at %s, meeting %s", host, id[:3]+"\u00a0"+id[3:middle]+"\u00a0"+id[middle:])
	}
	return t.S("Online at %s", host)
}

// BookletPDF answers GET /booklet.pdf: a list as a PDF to print.
func (p *Pages) BookletPDF(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	paper, fold, err := sheetOf(q)
	if err != nil {
		return err
	}
	t := words(r) // it may be kept on the way to the next reader, so its address alone says the language
	f, err := p.o.Meetings.Directory().ParseFilter(q, p.o.Places)
	if err != nil {
		return err
	}
	patient(w)
	key := fmt.Sprintf("booklet %s %t %s?%s", paper.Name, fold, t.Lang(), f.Values().Encode())
	e, err := p.shelf.get(r.Context(), key, p.edition(f), func(_ context.Context, w io.Writer) error {
		b, err := p.booklet(r, t, paper, fold)
		if err != nil {
			return err
		}
		_, _, err = b.Write(w)
		return err
	})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Disposition", `inline; filename="meetings.pdf"`)
	h.Set("Content-Language", t.Lang())
	return e.send(w, r, "application/pdf")
}

// sheetOf reads which paper, and whether to fold it.
func sheetOf(q url.Values) (Paper, bool, error) {
	paper, fold := Letter, q.Get("fold") == "1"
	switch q.Get("paper") {
	case "", "letter":
	case "a4":
		paper = A4
	default:
		return paper, fold, fault.New(fault.Invalid, "That paper is not one we know.").With("paper", "Please use letter or a4.")
	}
	if s := q.Get("fold"); s != "" && s != "0" && s != "1" {
		return paper, fold, fault.New(fault.Invalid, "That paper is not one we know.").With("fold", "Please use 0 or 1.")
	}
	return paper, fold, nil
}

func (p *Pages) booklet(r *http.Request, t ui.T, paper Paper, fold bool) (*Booklet, error) {
	f, days, wanted, today, err := p.week(r, t)
	if err != nil {
		return nil, err
	}
	b := &Booklet{
		Paper: paper, Fold: fold, Lang: t.Lang(), Community: p.o.Community(), Title: t.S("Meetings"), Printed: time.Date(today.Year, today.Month, today.Day, 0, 0, 0, 0, time.UTC),
		Words: BookletWords{
			Page: t.S("Page %d"), Continued: t.S("%s, continued"), Own: t.S("Your own notes"), HowToRead: t.S("How to read this list"),
			Today: t.S("This list as it is today"), Empty: t.S("There is no meeting on this list."),
		},
	}
	if f.Near != nil && f.Near.Label != "" {
		b.Title = t.S("Meetings near %s", f.Near.LabelIn(t.Lang()))
	}
	for _, d := range days {
		day := BookletDay{Heading: ui.Capital(d.Heading)}
		for i := range d.Rows {
			day.Items = append(day.Items, bookletItem(t, &d.Rows[i]))
		}
		b.Days = append(b.Days, day)
	}
	b.Lines = p.bookletLines(t, f, rowsOf(days), wanted, today)
	if p.o.BaseURL != "" {
		b.Link = p.o.BaseURL + listPath("/", f)
	}
	fillLegend(t, b)
	return b, nil
}

// listPath is the address of a list under path.
func listPath(path string, f meeting.Filter) string {
	if q := f.Values().Encode(); q != "" {
		return path + "?" + strings.ReplaceAll(q, "%2C", ",")
	}
	return path
}

func rowsOf(days []dayList) int {
	n := 0
	for i := range days {
		n += len(days[i].Rows)
	}
	return n
}

// bookletLines say what is listed: n meetings of as many as were wanted.
func (p *Pages) bookletLines(t ui.T, f meeting.Filter, n, wanted int, today civil.Date) []string {
	what := pages.FilterWords(t, f)
	lines := []string{t.S("%d meetings", n)}
	switch {
	case n == 0:
		lines[0] = t.S("No meetings")
	case n < wanted:
		lines[0] = t.S("The first %s of %s meetings, from now on", t.Number(n), t.Number(wanted))
	}
	if len(what) > 0 {
		lines[0] += ": " + strings.Join(what, "; ")
	}
	if n < wanted {
		lines = append(lines, t.S("More do not fit into print. Choose a town or a day for a list that is whole."))
	}
	return append(lines, t.S("As of %s", t.DateYear(today)))
}

func bookletItem(t ui.T, m *printed) BookletItem {
	i := BookletItem{Time: m.Said.Start, Name: m.Hit.Name, Where: m.Said.Place, Signs: printedSigns(t, &m.Hit)}
	if len(i.Signs) > 0 {
		i.How = m.Said.How
	}
	if m.Hit.Attendance != meeting.InPerson && m.Hit.ConferenceURL != "" {
		i.Where = joined(i.Where, joinWords(t, m.Hit.ConferenceURL))
	}
	details := m.Said.Notes
	if m.Type != "" {
		details = append(slices.Clone(details), m.Type)
	}
	i.Details = strings.Join(details, " · ")
	return i
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ". ")
}

func fillLegend(t ui.T, b *Booklet) {
	b.Signs = []Sign{
		{welcome.Yes, t.S("Usually open to people on medication")},
		{welcome.Depends, t.S("It depends on the day, or people found different things")},
		{welcome.No, t.S("Usually not open to people on medication")},
		{welcome.Unknown, t.S("Not known yet")},
	}
	b.Notes = []Note{
		{"", t.S("A meeting without these signs is one that nobody has told us about. You can go to it too; we just cannot tell you what you will find.")},
		{t.S("How we know"), t.S("From visitors’ own reports, counted from three on, and from what groups have decided and written down. No list of meetings knows how you will be received.")},
		{t.S("Times"), t.S("Times are by the clock of the place. Where its zone is another, it stands beside it. Meetings move: look at the list of today before a long way.")},
		{t.S("Something wrong?"), t.S("Open the meeting’s page and press “Report a problem”. No account is needed.")},
	}
	b.Back = []Note{
		{t.S("If you need somebody now"), t.S("Call or text 988, day and night, for anybody in distress. Call 911 when a life is in danger.")},
		{t.S("Been to one of these?"), t.S("Tell the next person what you found: open the meeting’s page and press “Report a visit”. It takes a minute and needs no account.")},
		{t.S("Pass it on"), t.S("Leave this where somebody may need it. Nobody has to say who they are to use the list.")},
	}
}

// printPage answers GET /print: a list made for paper, and what else can be made of it.
func (p *Pages) PrintPage(w http.ResponseWriter, r *http.Request) error {
	shell := page.Shell(r)
	t := shell.T
	f, days, wanted, today, err := p.week(r, t)
	if err != nil {
		return err
	}
	shell.Nav = "find"
	whole := f // a feed is
	whole.Limit, whole.Offset = 0, 0
	v := &printView{
		page: ui.Page{Shell: shell, Title: t.S("Print this list"), Wide: true, NoIndex: true, Styles: []string{"open.css"}},
		t:    t, days: days, back: listPath("/", f), calendar: listPath("/feeds/meetings.ics", whole), how: listPath("/embed/how", f),
		guide: listPath("/feeds/meetings.json", whole), table: listPath("/feeds/meetings.csv", whole), hsds: listPath("/feeds/hsds.json", whole),
	}
	n := rowsOf(days)
	v.lines = p.bookletLines(t, f, n, wanted, today)
	if f.Near != nil && f.Near.Label != "" {
		v.title = t.S("Meetings near %s", f.Near.LabelIn(t.Lang()))
	} else {
		v.title = t.S("Meetings")
	}
	if v.sheets, err = p.sheets(r, t, f, n); err != nil {
		return err
	}
	v.calendar = withParam(v.calendar, "lang", t.Lang())
	return page.Render(w, r, http.StatusOK, printList(v))
}

// counted is up to how many meetings the pages of a booklet are counted before it is asked for.
const counted = 300

// sheets offers the papers, with how many pages each takes. Counting is laying out, so it is done once for
// each state of the directory.
func (p *Pages) sheets(r *http.Request, t ui.T, f meeting.Filter, n int) ([]sheetView, error) {
	kinds := []struct {
		paper Paper
		fold  string
		label string
	}{
		{Letter, "1", t.S("Booklet to fold, Letter")},
		{Letter, "0", t.S("Flat, Letter")},
		{A4, "1", t.S("Booklet to fold, A4")},
		{A4, "0", t.S("Flat, A4")},
	}
	var counts []int
	if n <= counted {
		e, err := p.shelf.get(r.Context(), "sheets "+t.Lang()+"?"+f.Values().Encode(), p.edition(f), func(_ context.Context, w io.Writer) error {
			for _, k := range kinds {
				b, err := p.booklet(r, t, k.paper, k.fold == "1")
				if err != nil {
					return err
				}
				pages, _, err := b.Write(io.Discard)
				if err != nil {
					return err
				}
				fmt.Fprintln(w, pages)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for s := range strings.FieldsSeq(string(e.body)) {
			pages, err := strconv.Atoi(s)
			if err != nil {
				return nil, fmt.Errorf("count pages: %w", err)
			}
			counts = append(counts, pages)
		}
	}
	var out []sheetView
	for i, k := range kinds {
		v := sheetView{Label: k.label, Href: withParam(withParam(withParam(listPath("/booklet.pdf", f), "lang", t.Lang()), "paper", k.paper.Name), "fold", k.fold)}
		if i < len(counts) {
			v.Pages = t.S("%d pages", counts[i])
			if k.fold == "1" {
				v.Pages += ", " + t.S("%d sheets printed on both sides", counts[i]/4)
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// edition is what a printed list depends on besides its filter and its language.
func (p *Pages) edition(f meeting.Filter) string {
	now := p.o.Now().UTC()
	s := p.o.Community() + " " + strconv.FormatInt(p.o.Meetings.Directory().Seq(), 10) + now.Truncate(30*time.Minute).Format(" 2006-01-02 15:04") // somewhere a new day may have begun
	if f.Now || f.Tonight {
		s += now.Format(" 15:04")
	}
	return s
}

// withParam adds a parameter to an address.
func withParam(path, name, value string) string {
	if strings.Contains(path, "?") {
		return path + "&" + name + "=" + value
	}
	return path + "?" + name + "=" + value
}

package index

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hearth/internal/civil"
	"hearth/internal/geo"
)

// plain answers a query by reading every document and following the words of the documentation.
type plain struct {
	docs []Doc
	refs []uint32
}

func (p plain) find(q *Query) ([]Match, Result) {
	type found struct {
		Match
		low uint16
	}
	var all []found
	var res Result
	for i, d := range p.docs {
		miles := math.Inf(1)
		if q.Near && d.HasPoint && d.Way != Online {
			miles = geo.Miles(geo.Point{Lat: q.Lat, Lng: q.Lng}, geo.Point{Lat: d.Lat, Lng: d.Lng})
		}
		if !wanted(q, &d, miles) {
			continue
		}
		res.Answers[answer(&d, q.Right)]++
		if slices.ContainsFunc(q.Yes, func(r int) bool { return answer(&d, r) != 3 }) || q.Only != 0 && q.Only>>answer(&d, q.Right)&1 == 0 {
			continue
		}
		res.Total++
		l := listedBy(q, &d)
		if d.Day != ByAppointment {
			res.Dates[DatesBefore+l.night]++
		}
		all = append(all, found{Match{p.refs[i], miles, l.starts, l.date}, lowKey(d.Low)})
	}
	slices.SortFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.order(), b.order()), cmp.Compare(b.low, a.low), cmp.Compare(a.Miles, b.Miles), cmp.Compare(a.Ref, b.Ref))
	})
	var out []Match
	for i, f := range all {
		if i < q.Offset || (q.Limit > 0 && i >= q.Offset+q.Limit) {
			continue
		}
		if math.IsInf(f.Miles, 1) {
			f.Miles = -1
		}
		out = append(out, f.Match)
	}
	return out, res
}

// order puts what has no time last of its date.
func (m Match) order() int {
	if m.Starts == NoStart {
		return math.MaxInt
	}
	return int(m.Starts)
}

// listing is the start by which a document is listed.
type listing struct {
	starts, date int32
	night        int // the date to which it counts
}

// listedBy follows the words of Match and Find, by the calendar and the real passing of time.
func listedBy(q *Query, d *Doc) listing {
	if d.Day == ByAppointment {
		return listing{NoStart, NoDate, 0}
	}
	now := local(q, d)
	utc := civil.DateOf(q.Now.UTC())
	days := func(date civil.Date) int {
		n := 0
		for ; utc.AddDays(n).Before(date); n++ {
		}
		for ; date.Before(utc.AddDays(n)); n-- {
		}
		return n
	}
	today := civil.DateOf(now)
	if d.Start < 0 {
		date := days(today.AddDays((d.Day - int(now.Weekday()) + 7) % 7))
		return listing{NoStart, int32(date), date}
	}
	next, last := starts(q, d)
	start, date := next, days(civil.DateOf(next))
	own := date
	if running := now.Sub(last) < time.Duration(lasts(d))*time.Minute; running && (q.Soon || now.Sub(last) <= 15*time.Minute) {
		start, date = last, days(today)
	}
	if now.Sub(last) < time.Duration(lasts(d))*time.Minute && now.Sub(last) <= 15*time.Minute {
		own = days(civil.DateOf(last))
	}
	if night(q, d) != d.Day {
		own--
	}
	return listing{int32(start.Sub(now) / time.Minute), int32(date), own}
}

// starts are the next start and the one before.
func starts(q *Query, d *Doc) (next, last time.Time) {
	now := local(q, d)
	for next = now.AddDate(0, 0, -8); next.Before(now); {
		last = next
		next = civil.NextWeekly(last.Add(time.Minute), time.Weekday(d.Day), civil.Clock(d.Start), now.Location())
	}
	return next, last
}

// chips asks once for each chip.
func (p plain) chips(q *Query) Chips {
	count := func(change func(*Query)) int {
		one := *q
		one.Days, one.Soon, one.Tonight = 0, false, false
		change(&one)
		_, r := p.find(&one)
		return r.Total
	}
	var c Chips
	for day := range c.Days {
		c.Days[day] = count(func(q *Query) { q.Days = 1 << day })
	}
	all := *q
	all.Days, all.Soon, all.Tonight = 0, false, false
	_, r := p.find(&all)
	c.Dates = r.Dates
	c.Soon = count(func(q *Query) { q.Soon = true })
	c.Tonight = count(func(q *Query) { q.Tonight = true })
	return c
}

func answer(d *Doc, right int) int { return int(d.Answers>>(2*right)) & 3 }

func wanted(q *Query, d *Doc, miles float64) bool {
	if d.Flags&q.Flags != q.Flags || (q.Fellowship != nil && !q.Fellowship(d.Fellowship)) {
		return false
	}
	if placed := d.HasPoint && d.Way != Online; q.Points == Placed && !placed || q.Points == Unplaced && placed {
		return false
	}
	asked := q.Ways == 0 || q.Ways>>d.Way&1 != 0
	if q.Near && q.Miles > 0 {
		if d.Way == Online {
			asked = q.Ways>>Online&1 != 0
		} else if !(miles <= q.Miles) {
			asked = false
		}
	}
	if !asked || !inTime(q, d) {
		return false
	}
	for _, l := range q.All {
		if !slices.Contains(d.Labels, l) {
			return false
		}
	}
	if len(q.Any) > 0 && !slices.ContainsFunc(q.Any, func(l string) bool { return slices.Contains(d.Labels, l) }) {
		return false
	}
	for i, w := range q.Words {
		if !slices.ContainsFunc(d.Words, func(have string) bool {
			return have == w || (i == len(q.Words)-1 && strings.HasPrefix(have, w))
		}) {
			return false
		}
	}
	return true
}

func local(q *Query, d *Doc) time.Time {
	loc, err := civil.Zone(d.Zone)
	if err != nil {
		loc = time.UTC
	}
	return q.Now.In(loc)
}

// minutes until the next start, and since the last one, as time passes.
func minutes(q *Query, d *Doc) (until, began int) {
	next, last := starts(q, d)
	return int(next.Sub(q.Now) / time.Minute), int(q.Now.Sub(last) / time.Minute)
}

// onTheClock is until the next start as the clock shows it.
func onTheClock(q *Query, d *Doc) int {
	now := local(q, d)
	at := int(now.Weekday())*1440 + now.Hour()*60 + now.Minute()
	return ((d.Day*1440+d.Start-at)%10080 + 10080) % 10080
}

func lasts(d *Doc) int {
	if d.End > d.Start {
		return d.End - d.Start
	}
	return d.End - d.Start + 1440
}

// night is the day to which a start counts: in a window past midnight its end belongs to the day before.
func night(q *Query, d *Doc) int {
	if q.From >= 0 && q.Until >= 0 && q.Until < q.From && d.Start <= q.Until {
		return (d.Day + 6) % 7
	}
	return d.Day
}

func inTime(q *Query, d *Doc) bool {
	timed := d.Day != ByAppointment && d.Start >= 0
	day := d.Day
	if q.From >= 0 || q.Until >= 0 {
		if !timed {
			return false
		}
		after, before := q.From < 0 || d.Start >= q.From, q.Until < 0 || d.Start <= q.Until
		if q.From >= 0 && q.Until >= 0 && q.Until < q.From {
			if !after && !before {
				return false
			}
		} else if !after || !before {
			return false
		}
		day = night(q, d)
	}
	if q.Days != 0 && q.Days>>day&1 == 0 {
		return false
	}
	if q.Soon {
		if !timed {
			return false
		}
		if until, began := minutes(q, d); until > 60 && began >= lasts(d) {
			return false
		}
	}
	if q.Tonight {
		if !timed {
			return false
		}
		// The night that is, or the one that comes.
		now := local(q, d)
		minute := now.Hour()*60 + now.Minute()
		left := 1440 + 4*60 - minute
		if minute <= 4*60 {
			left = 4*60 - minute
		}
		until := onTheClock(q, d)
		if until > left || (minute > 4*60 && until < 17*60-minute) {
			return false
		}
	}
	return true
}

var someZones = []string{"America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati", "", "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Pago_Pago"}

func genDoc() *rapid.Generator[Doc] {
	return rapid.Custom(func(t *rapid.T) Doc {
		d := Doc{
			Day:        rapid.IntRange(0, 7).Draw(t, "day"),
			Start:      rapid.OneOf(rapid.SampledFrom([]int{-1, 0, 1, 30, 119, 120, 150, 180, 239, 240, 241, 1020, 1140, 1439}), rapid.IntRange(0, 1439)).Draw(t, "start"),
			Zone:       rapid.SampledFrom(someZones).Draw(t, "zone"),
			Way:        rapid.IntRange(0, 2).Draw(t, "way"),
			Fellowship: rapid.SampledFrom([]string{"aa", "na", "sr"}).Draw(t, "fellowship"),
			Flags:      rapid.Uint64Range(0, 7).Draw(t, "flags"),
			Answers:    rapid.Uint16Range(0, 1<<14-1).Draw(t, "answers"),
			Low:        rapid.SampledFrom([]float64{-1, 0, 0.25, 0.5, 1}).Draw(t, "low"),
			HasPoint:   rapid.IntRange(0, 4).Draw(t, "point") > 0,
			Labels:     rapid.SliceOfN(rapid.SampledFrom([]string{"O", "W", "es", "fr"}), 0, 3).Draw(t, "labels"),
			Words:      rapid.SliceOfN(rapid.SampledFrom([]string{"a", "ab", "abc", "b", "serenity", "sunday", "sun", "ñandú"}), 0, 5).Draw(t, "words"),
		}
		d.End = d.Start + rapid.SampledFrom([]int{60, 90, 10, 1440}).Draw(t, "length")
		if d.Start < 0 {
			d.End = -1
		} else {
			d.End %= 1440
		}
		p := genPoint(t)
		if d.HasPoint {
			d.Lat, d.Lng = p.Lat, p.Lng
		}
		return d
	})
}

var centres = []geo.Point{{Lat: 40, Lng: -75}, {Lat: 0, Lng: 179.99}, {Lat: 89.9, Lng: 10}, {Lat: -90, Lng: 0}, {Lat: -17, Lng: -180}}

func genPoint(t *rapid.T) geo.Point {
	c := rapid.SampledFrom(centres).Draw(t, "town")
	c.Lat = max(-90, min(90, c.Lat+rapid.SampledFrom([]float64{0, 0.01, -0.0101, 0.3, -2, 7}).Draw(t, "north")))
	c.Lng += rapid.SampledFrom([]float64{0, 0.013, -0.0101, 0.31, -3, 50}).Draw(t, "east")
	if c.Lng > 180 {
		c.Lng -= 360
	}
	if c.Lng < -180 {
		c.Lng += 360
	}
	return c
}

func genQuery(t *rapid.T) *Query {
	yes := func(name string) bool { return rapid.IntRange(0, 2).Draw(t, name) == 0 }
	q := &Query{From: -1, Until: -1}
	if rapid.Bool().Draw(t, "near") {
		p := genPoint(t)
		q.Near, q.Lat, q.Lng = true, p.Lat, p.Lng
		q.Miles = rapid.SampledFrom([]float64{0, 0.5, 1, 10, 25, 300, 1000, 12451}).Draw(t, "miles")
	}
	if yes("days") {
		q.Days = rapid.Uint8().Draw(t, "which days")
	}
	if yes("from") {
		q.From = rapid.SampledFrom([]int{0, 239, 1020, 1140, 1380}).Draw(t, "from when")
	}
	if yes("until") {
		q.Until = rapid.SampledFrom([]int{0, 239, 1020, 1140, 1439}).Draw(t, "until when")
	}
	q.Soon, q.Tonight = yes("soon"), yes("tonight")
	if yes("ways") {
		q.Ways = rapid.Uint8Range(0, 7).Draw(t, "which ways")
	}
	if yes("fellowship") {
		want := rapid.SampledFrom([]string{"aa", "na", "none"}).Draw(t, "which")
		q.Fellowship = func(code string) bool { return code == want }
	}
	if yes("flags") {
		q.Flags = rapid.Uint64Range(0, 7).Draw(t, "which flags")
	}
	if yes("yes") {
		q.Yes = rapid.SliceOfN(rapid.IntRange(0, 6), 1, 2).Draw(t, "rights")
	}
	q.Right = rapid.IntRange(0, 6).Draw(t, "right")
	if yes("only") {
		q.Only = rapid.Uint8Range(0, 15).Draw(t, "which answers")
	}
	if yes("points") {
		q.Points = Points(rapid.IntRange(0, 2).Draw(t, "which points"))
	}
	if yes("all") {
		q.All = []string{rapid.SampledFrom([]string{"O", "W", "nobody"}).Draw(t, "label")}
	}
	if yes("any") {
		q.Any = []string{"es", rapid.SampledFrom([]string{"fr", "xx"}).Draw(t, "other label")}
	}
	if yes("words") {
		q.Words = rapid.SliceOfN(rapid.SampledFrom([]string{"a", "ab", "s", "sun", "b", "ñ", "zzz"}), 1, 3).Draw(t, "which words")
	}
	q.Limit = rapid.SampledFrom([]int{0, 1, 3, 50}).Draw(t, "limit")
	q.Offset = rapid.SampledFrom([]int{0, 0, 2}).Draw(t, "offset")
	return q
}

// weeks begin on days on which nothing happens to the clocks, and just before they change: in America, in
// Lord Howe, by half an hour, and in the midnight of Beirut.
var weeks = []time.Time{
	time.Date(2026, 5, 6, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 29, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 3, 26, 0, 0, 0, 0, time.UTC),
}

// genNow is any minute of a week, or one around which a meeting changes from coming to running to over.
func genNow(t *rapid.T, docs []Doc) time.Time {
	now := rapid.SampledFrom(weeks).Draw(t, "week").Add(time.Duration(rapid.IntRange(0, 10079).Draw(t, "now")) * time.Minute)
	if len(docs) == 0 || rapid.Bool().Draw(t, "any time") {
		return now
	}
	d := rapid.SampledFrom(docs).Draw(t, "meeting")
	if d.Day == ByAppointment || d.Start < 0 {
		return now
	}
	loc, err := civil.Zone(d.Zone)
	if err != nil {
		loc = time.UTC
	}
	off := rapid.SampledFrom([]int{-61, -60, -1, 0, 1, 15, 16, lasts(&d) - 1, lasts(&d)}).Draw(t, "minutes after its start")
	return civil.NextWeekly(now, time.Weekday(d.Day), civil.Clock(d.Start), loc).Add(time.Duration(off) * time.Minute)
}

func segment(docs []Doc) *Segment {
	b := NewBuilder()
	for _, d := range docs {
		b.Add(d)
	}
	return b.Segment()
}

func TestFindIsAsReadingEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.SliceOfN(genDoc(), 0, 60).Draw(t, "base")
		fresh := rapid.SliceOfN(genDoc(), 0, 10).Draw(t, "fresh")
		p := plain{}
		var gone []uint32
		for i, d := range base {
			if rapid.IntRange(0, 9).Draw(t, "gone") == 0 {
				gone = append(gone, uint32(i))
				continue
			}
			p.docs, p.refs = append(p.docs, d), append(p.refs, uint32(i))
		}
		for i, d := range fresh {
			p.docs, p.refs = append(p.docs, d), append(p.refs, uint32(len(base)+i))
		}
		x := New(segment(base), gone, segment(fresh))
		for range 5 {
			q := genQuery(t)
			q.Now = genNow(t, p.docs)
			want, wantResult := p.find(q)
			got, result := x.Find(q, nil)
			if d := gocmp.Diff(wantResult, result); d != "" {
				t.Fatalf("%+v\n(-plain +index)\n%s", q, d)
			}
			if d := gocmp.Diff(want, got); d != "" {
				t.Fatalf("%+v\n(-plain +index)\n%s", q, d)
			}
			withChips := *q
			withChips.Chips = true
			again, chipped := x.Find(&withChips, nil)
			if d := gocmp.Diff(got, again); d != "" || chipped.Total != result.Total || chipped.Answers != result.Answers {
				t.Fatalf("%+v\n(-without +with chips)\n%s", q, d)
			}
			if want := p.chips(q); chipped.Chips != want {
				t.Fatalf("%+v\nchips %v, want %v", q, chipped.Chips, want)
			}
		}
	})
}

// Searches use memory of earlier ones; none may see another's.
func TestManyAskAtOnce(t *testing.T) {
	var docs []Doc
	for i := range 500 {
		docs = append(docs, genDoc().Example(i))
	}
	x := New(segment(docs), []uint32{3, 77}, segment(docs[:20]))
	queries := make([]*Query, 40)
	want := make([][]Match, len(queries))
	for i := range queries {
		queries[i] = rapid.Custom(genQuery).Example(i)
		queries[i].Now = time.Date(2026, 5, 6, 0, 31*i, 0, 0, time.UTC)
		want[i], _ = x.Find(queries[i], nil)
	}
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range queries {
				n := (i + g*5) % len(queries)
				if got, _ := x.Find(queries[n], nil); !slices.Equal(got, want[n]) {
					t.Errorf("query %d: another answer beside others", n)
				}
			}
		})
	}
	all.Wait()
}

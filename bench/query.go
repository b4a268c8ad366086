package main

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"hearth/bench/world"
	"hearth/internal/geo"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
)

// monday is when the questions are asked: a Monday in May, 18:10 in New York.
var monday = time.Date(2026, 5, 18, 22, 10, 0, 0, time.UTC)

// pageSize is how many results a page or an answer of the API has.
const pageSize = 50

// theQuestion is the one that the numbers are set for, asked from many places: within 10 miles, Monday from
// 17 to 21, where one may speak. More is asked where more meetings are.
func theQuestion(w *world.World, n int) []meeting.Filter {
	rng := rand.New(rand.NewPCG(42, 1))
	out := make([]meeting.Filter, n)
	for i := range out {
		t := w.Pick(rng)
		p := geo.Round(geo.Point{Lat: t.Lat + rng.NormFloat64()*t.Spread/140, Lng: t.Lng + rng.NormFloat64()*t.Spread/140})
		f := meeting.Any()
		f.Near, f.WithinMiles = &meeting.Near{Lat: p.Lat, Lng: p.Lng}, 10
		f.Days, f.From, f.Until = []meeting.Day{1}, 17*60, 21*60
		f.May = []welcome.Right{welcome.Speak}
		f.Limit = pageSize
		out[i] = f
	}
	return out
}

// change makes other questions from theQuestion.
func change(filters []meeting.Filter, f func(i int, f *meeting.Filter)) []meeting.Filter {
	out := slices.Clone(filters)
	for i := range out {
		f(i, &out[i])
	}
	return out
}

// inProcess are the questions asked inside the process; the first is theQuestion.
var inProcess = []struct {
	name string
	make func(w *world.World) []meeting.Filter
}{
	{"within 10 miles, Monday 17–21, may speak", func(w *world.World) []meeting.Filter {
		return theQuestion(w, 400)
	}},
	{"the same in the largest town", func(w *world.World) []meeting.Filter {
		t := w.Towns[0]
		return change(theQuestion(w, 20), func(_ int, f *meeting.Filter) { f.Near = &meeting.Near{Lat: t.Lat, Lng: t.Lng} })
	}},
	{"within 25 miles, any time", func(w *world.World) []meeting.Filter {
		return change(theQuestion(w, 200), func(_ int, f *meeting.Filter) {
			f.WithinMiles, f.Days, f.May = 25, nil, nil
			f.From, f.Until = meeting.Any().From, meeting.Any().Until
		})
	}},
	{"within 10 miles, tonight", func(w *world.World) []meeting.Filter {
		return change(theQuestion(w, 200), func(_ int, f *meeting.Filter) {
			any := meeting.Any()
			any.Near, any.WithinMiles, any.Tonight, any.Limit = f.Near, 10, true, pageSize
			*f = any
		})
	}},
	{"two words", func(*world.World) []meeting.Filter {
		return textQuestions("serenity group", "hope women", "lutheran church", "early ser", "grateful step", "main nooners")
	}},
	{"everything, everywhere", func(*world.World) []meeting.Filter {
		f := meeting.Any()
		f.Limit = pageSize
		return []meeting.Filter{f}
	}},
}

// textQuestion is the place of the text search in inProcess.
const textQuestion = 4

func textQuestions(texts ...string) []meeting.Filter {
	var out []meeting.Filter
	for _, s := range texts {
		f := meeting.Any()
		f.Text, f.Limit = s, pageSize
		out = append(out, f)
	}
	return out
}

// timing is what a question cost.
type timing struct {
	median, p99 time.Duration
	bytes       float64 // allocated for each
	found       float64 // meetings, on average
}

// ask answers questions as the API does, one after the other, for about as long as told.
func ask(ctx context.Context, dir *meeting.Directory, filters []meeting.Filter, long time.Duration) timing {
	var buf []byte
	found := 0
	for _, f := range filters { // warm: pools, caches
		buf = dir.AppendFind(buf[:0], f, monday)
		found += dir.Find(f, monday).Total
	}
	took := make([]time.Duration, 0, 1<<20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for began := time.Now(); time.Since(began) < long && len(took) < cap(took) && ctx.Err() == nil; {
		for _, f := range filters {
			start := time.Now()
			buf = dir.AppendFind(buf[:0], f, monday)
			took = append(took, time.Since(start))
		}
	}
	runtime.ReadMemStats(&after)
	slices.Sort(took)
	return timing{
		median: took[len(took)/2], p99: took[len(took)*99/100],
		bytes: float64(after.TotalAlloc-before.TotalAlloc) / float64(len(took)),
		found: float64(found) / float64(len(filters)),
	}
}

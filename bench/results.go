package main

import (
	"fmt"
	"time"
)

// result is what was measured of one world.
type result struct {
	size      int
	start     *start
	queries   []timing
	json      *versus
	html      *versus // 100 pages, as when many come from a few towns
	firstHTML *versus // each page for the first time
	peers     []peerTime
	syncs     *syncTimes
}

// fill makes the tables: first the numbers that have to be reached, in the largest world.
func (r *report) fill(results []*result) {
	small, large := results[0], results[len(results)-1]
	goals := r.table("Numbers to reach", fmt.Sprintf("At %s meetings.", thousands(large.size)), "what", "to reach", "measured", "reached")
	goal := func(what, to, measured string, ok bool) { goals.row(what, to, measured, r.verdict(ok)) }
	if v := large.json; v != nil {
		goal("“within 10 miles, Monday 17–21, may speak” as JSON through HTTP, against a bare handler", "≥ 0.50 × its requests per second",
			fmt.Sprintf("%.2f × (%.0f/s of %.0f/s)", v.ratio(), v.ours.perSecond(), v.bare.perSecond()), v.ratio() >= 0.5)
	}
	if q := large.queries; q != nil {
		goal("the same inside the process, median", "≤ 150 µs", short(q[0].median), q[0].median <= 150*time.Microsecond)
		goal("the same, allocated", "≤ 4 kB", fmt.Sprintf("%.0f B", q[0].bytes), q[0].bytes <= 4000)
		words := q[textQuestion]
		goal("text search, two words, median", "≤ 1 ms", short(words.median), words.median <= time.Millisecond)
	}
	if v := large.html; v != nil {
		p50, p99 := v.ours.quantile(0.5), v.ours.quantile(0.99)
		goal("finder page as HTML with 50 results, against a bare handler", "≥ 0.20 × its requests per second",
			fmt.Sprintf("%.2f × (%.0f/s of %.0f/s)", v.ratio(), v.ours.perSecond(), v.bare.perSecond()), v.ratio() >= 0.2)
		goal(fmt.Sprintf("its p99 at %d connections", connections), "≤ 20 × its p50",
			fmt.Sprintf("%.1f × (%s, %s)", float64(p99)/float64(p50), short(p99), short(p50)), p99 <= 20*p50)
	}
	if s := large.start; s != nil {
		goal("index built from SQLite at start", "≤ 4 s", fmt.Sprintf("%s (%s of processor time)", short(s.Took), short(s.CPU)), s.Took <= 4*time.Second)
		goal("whole process, resident", "≤ 700 MB", fmt.Sprintf("%d MB (%d MB at most on the way)", s.Resident, s.Peak), s.Resident <= 700)
	}
	if s := large.syncs; s != nil {
		goal(fmt.Sprintf("first sync of a feed of %s rows", thousands(s.rows)), "≤ 20 s", fmt.Sprintf("%s (%s of processor time)", short(s.first), short(s.firstCPU)), s.first <= 20*time.Second)
		goal("the same feed again, nothing changed", "≤ 2 s", fmt.Sprintf("%s (%s of processor time)", short(s.again), short(s.againCPU)), s.again <= 2*time.Second)
	}
	if small != large && small.queries != nil {
		growth := float64(large.queries[0].median) / float64(small.queries[0].median)
		goal(fmt.Sprintf("the question's cost from %s to %s meetings", thousands(small.size), thousands(large.size)), "< 4 ×", fmt.Sprintf("%.1f ×", growth), growth < 4)
	}
	r.details(results)
}

func (r *report) details(results []*result) {
	if results[0].queries != nil {
		t := r.table("Inside the process", "The answer as JSON, as the API gives it; 50 results at most. “Everything” is what everybody sees first and is kept for a minute.",
			"question", "meetings", "found", "median", "p99", "allocated")
		for i, q := range inProcess {
			for _, res := range results {
				x := res.queries[i]
				t.row(q.name, thousands(res.size), fmt.Sprintf("%.0f", x.found), short(x.median), short(x.p99), fmt.Sprintf("%.0f B", x.bytes))
			}
		}
	}
	if results[0].json != nil || results[0].html != nil {
		t := r.table("Through HTTP", "“Alone” is the handler without a network. A page that is asked for twice within a minute is kept until the minute is over.\n“By processor time” is the ratio of requests per second of processor time, which does not mind what else the machine does.", "answer", "meetings", "bytes", "ours", "bare", "ratio", "by processor time", "p50", "p99", "alone")
		for _, res := range results {
			for _, x := range []struct {
				name string
				v    *versus
			}{{"JSON", res.json}, {"HTML, 100 pages asked for by many", res.html}, {"HTML, each page for the first time", res.firstHTML}} {
				if v := x.v; v != nil {
					t.row(x.name, thousands(res.size), fmt.Sprint(v.body), fmt.Sprintf("%.0f/s", v.ours.perSecond()), fmt.Sprintf("%.0f/s", v.bare.perSecond()),
						fmt.Sprintf("%.2f", v.ratio()), fmt.Sprintf("%.2f", v.byProcessor()), short(v.ours.quantile(0.5)), short(v.ours.quantile(0.99)), short(v.alone))
				}
			}
		}
	}
	if results[0].start != nil {
		t := r.table("Starting", "", "meetings", "took", "processor time", "resident", "at most on the way")
		for _, res := range results {
			t.row(thousands(res.size), short(res.start.Took), short(res.start.CPU), fmt.Sprintf("%d MB", res.start.Resident), fmt.Sprintf("%d MB", res.start.Peak))
		}
	}
	if s := results[len(results)-1].syncs; s != nil {
		t := r.table("Syncs of one feed", "", "rows", "first", "again, nothing changed", "one row in a hundred changed")
		t.row(thousands(s.rows), short(s.first), short(s.again), short(s.changed))
	}
	if results[0].peers != nil {
		t := r.table("Peers", "The same question, the same answers (checked), each with an index over place and time of the week, the JSON in a\ncolumn and a prepared statement; median of one asker.",
			"who", "meetings", "median", "times ours")
		for _, res := range results {
			for _, p := range res.peers {
				if p.absent != "" {
					t.row(p.name, thousands(res.size), "not to be had here: "+p.absent, "")
					continue
				}
				t.row(p.name, thousands(res.size), short(p.median), fmt.Sprintf("%.0f ×", float64(p.median)/float64(res.peers[0].median)))
			}
		}
	}
}

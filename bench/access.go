package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"hearth/internal/access"
)

// benchAccess asks the policies, all of them, as pages do: may this actor do this to that?
func benchAccess(ctx context.Context, o *options, r *report) error {
	p, err := access.Load(slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	record := access.Thing{
		Kind: access.Record, ID: "ana", Person: "ana", Program: "north", Peers: []string{"ben", "bea"},
		Supervisors: []string{"sue"}, Hosts: []string{"hal", "hana"}, OnCall: []string{"olga"},
	}
	ben := access.Actor{ID: "ben", Grants: []access.Grant{{Role: access.Peer, Program: "north"}, {Role: access.Host, Program: "north", Group: "g"}}}
	adam := access.Actor{ID: "adam", Grants: []access.Grant{{Role: access.Administrator}}}
	columns := access.Columns{
		Program: "r.program_id", Group: access.Nothing, Owner: access.Nothing, Person: "r.id", Staff: access.Nothing,
		Peers:       "EXISTS (SELECT 1 FROM pairing p WHERE p.participant_id = r.id AND p.account_id = $actor)",
		Supervisors: access.Nothing, Hosts: access.Nothing, OnCall: access.Nothing,
	}
	questions := []struct {
		name string
		most time.Duration
		ask  func() error
	}{
		{"may this peer read the record of a person they walk with? (yes)", 25 * time.Microsecond, func() error {
			return p.May(ben, access.RecordRead, record)
		}},
		{"may an administrator read it? (no, and not know that it is there)", 25 * time.Microsecond, func() error {
			if p.May(adam, access.RecordRead, record) == nil {
				return fmt.Errorf("an administrator may read a record")
			}
			return nil
		}},
		{"may an administrator look after the feeds? (yes)", 25 * time.Microsecond, func() error {
			return p.May(adam, access.FeedManage, access.Thing{Kind: access.Directory})
		}},
		{"the condition for a peer's list of records", 100 * time.Microsecond, func() error {
			_, _, err := p.Scope(ben, access.RecordNames, access.Record, columns)
			return err
		}},
	}
	t := r.table("Who may do what", fmt.Sprintf("With all %d rules, the actor and the thing made anew for each question. “Processor time” does not mind what else the machine does.", len(p.Explain())),
		"question", "to reach, median", "median", "p99", "processor time", "allocated", "reached")
	for _, q := range questions {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		m, cpu, err := often(o.long(), q.ask)
		if err != nil {
			return err
		}
		t.row(q.name, "≤ "+short(q.most), short(m.median), short(m.p99), short(cpu), fmt.Sprintf("%.0f B", m.bytes), r.verdict(m.median <= q.most))
	}
	return nil
}

// often asks again and again for about as long as told, and also says what one answer took of a processor.
func often(long time.Duration, ask func() error) (m timing, cpu time.Duration, err error) {
	for range 1000 { // warm
		if err := ask(); err != nil {
			return m, 0, err
		}
	}
	took := make([]time.Duration, 0, 1<<20)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	used := processorTime()
	for began := time.Now(); time.Since(began) < long && len(took) < cap(took); {
		start := time.Now()
		if err := ask(); err != nil {
			return m, 0, err
		}
		took = append(took, time.Since(start))
	}
	cpu = (processorTime() - used) / time.Duration(len(took))
	runtime.ReadMemStats(&after)
	slices.Sort(took)
	return timing{median: took[len(took)/2], p99: took[len(took)*99/100], bytes: float64(after.TotalAlloc-before.TotalAlloc) / float64(len(took))}, cpu, nil
}

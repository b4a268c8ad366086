package job

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// jobsGauge is the metric by which somebody learns that work was given up.
var jobsGauge = prometheus.NewDesc("hearth_jobs", "Jobs by state; a dead one was given up and waits for a person.", []string{"state"}, nil)

// Describe makes a Queue a prometheus.Collector.
func (q *Queue) Describe(ch chan<- *prometheus.Desc) { ch <- jobsGauge }

// Collect counts the jobs of the database whenever the metrics are read. While it cannot, there is no such
// metric.
func (q *Queue) Collect(ch chan<- prometheus.Metric) {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	counts, err := q.Count(ctx)
	if err != nil {
		q.o.Log.Warn("count jobs for the metrics", "error", err)
		return
	}
	for state, n := range counts {
		ch <- prometheus.MustNewConstMetric(jobsGauge, prometheus.GaugeValue, float64(n), state)
	}
}

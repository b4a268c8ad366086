package web

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts requests by route. No label ever holds a place, a word or an id that somebody asked for.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(r *prometheus.Registry) metrics {
	m := metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hearth_http_requests_total", Help: "Requests answered, by route, method and status."}, []string{"route", "method", "status"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "hearth_http_request_seconds", Help: "Time to answer, by route.", Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}}, []string{"route"}),
	}
	r.MustRegister(m.requests, m.seconds)
	return m
}

func (m metrics) observe(route, method string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	switch method {
	case "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS":
	default:
		method = "other" // a label must not grow with what strangers send
	}
	m.requests.WithLabelValues(route, method, statusText(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

package prom

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/millrace/millrace/runtime/control"
)

// histogram makes a classic histogram, whose buckets hold all that is at most as long as their bounds.
func histogram(d *prometheus.Desc, l *control.Latency, labels ...string) prometheus.Metric {
	bounds := control.LatencyBounds()
	buckets, n := make(map[float64]uint64, len(bounds)), uint64(0)
	for i, bound := range bounds {
		n += uint64(l.Buckets[i]) //nolint:gosec // a count
		buckets[bound] = n
	}
	return prometheus.MustNewConstHistogram(d, uint64(l.Count()), l.Seconds, buckets, labels...) //nolint:gosec // a count
}

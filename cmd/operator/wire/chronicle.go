package wire

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/millrace/millrace/controllers/chronicle"
)

// newChronicle returns the chronicle that /metrics shows, beside controller-runtime's own metrics. Those are the process's: several operators
// in one, as tests have them, share it.
func newChronicle() (*chronicle.Chronicle, error) {
	c := chronicle.New(time.Now)
	err := metrics.Registry.Register(c)
	if there, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if first, ok := there.ExistingCollector.(*chronicle.Chronicle); ok {
			return first, nil
		}
	}
	return c, err
}

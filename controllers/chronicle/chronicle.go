package chronicle

import (
	"maps"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/controllers/verdict"
)

// phaseGone stands for what a job turns into when it is deleted.
const phaseGone = "Gone"

// stay is a job's time in a phase.
type stay struct {
	phase v1alpha1.JobPhase
	since time.Time
}

// Chronicle is a prometheus.Collector over the jobs that this process has seen since it began. It is safe for concurrent use.
type Chronicle struct {
	now func() time.Time

	mu    sync.Mutex
	jobs  map[types.NamespacedName]stay
	spent map[v1alpha1.JobPhase]time.Duration // by stays that are over
	// why jobs are stalled, and how many there are of each reason that there ever was
	stalled map[types.NamespacedName]string
	reasons map[string]int

	there       *prometheus.Desc
	stuck       *prometheus.Desc
	seconds     *prometheus.Desc
	transitions *prometheus.CounterVec
	stays       *prometheus.HistogramVec
	decisions   *prometheus.CounterVec
	actions     *prometheus.CounterVec
	scalings    *prometheus.CounterVec
	savepoints  *prometheus.CounterVec
	savings     *prometheus.HistogramVec
	saved       *prometheus.CounterVec
}

// New returns a chronicle with a clock.
func New(now func() time.Time) *Chronicle {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "millrace_operator_" + name, Help: help}, labels)
	}
	return &Chronicle{
		now: now, jobs: map[types.NamespacedName]stay{}, spent: map[v1alpha1.JobPhase]time.Duration{},
		stalled: map[types.NamespacedName]string{}, reasons: map[string]int{},
		stuck:       prometheus.NewDesc("millrace_operator_jobs_stalled", "StreamJobs that need somebody to do something, by the reason of their condition Stalled.", []string{"reason"}, nil),
		there:       prometheus.NewDesc("millrace_operator_jobs", "StreamJobs by phase.", []string{"phase"}, nil),
		seconds:     prometheus.NewDesc("millrace_operator_phase_seconds_total", "Seconds that StreamJobs have been in a phase, all together.", []string{"phase"}, nil),
		transitions: counter("transitions_total", "Changes of a StreamJob's phase.", "from", "to"),
		stays: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "millrace_operator_phase_stay_seconds", Help: "How long a StreamJob had been in a phase when it left it.",
			Buckets: []float64{1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600},
		}, []string{"phase"}),
		decisions:  counter("decisions_total", "Passes over StreamJobs, by the reason that they ended with.", "reason"),
		actions:    counter("actions_total", "Steps that were decided on, by what they do.", "action"),
		scalings:   counter("scaling_decisions_total", "Decisions of the autoscaler, by their reason.", "reason"),
		savepoints: counter("savepoints_total", "StreamSavepoints that came to their end, by what they were for and what became of them.", "origin", "phase"),
		savings: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "millrace_operator_savepoint_seconds", Help: "How long after a job was asked for a savepoint it was there.",
			Buckets: []float64{1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600},
		}, []string{"origin"}),
		saved: counter("savepoint_bytes_total", "Bytes of the files of savepoints that were made.", "origin"),
	}
}

// Pass notes a pass over a job: the status that it ended with, and the actions that were decided on.
func (c *Chronicle) Pass(job types.NamespacedName, status *v1alpha1.StreamJobStatus, actions []lifecycle.Action) {
	if reason := reasonOf(status); reason != "" {
		c.decisions.WithLabelValues(reason).Inc()
	}
	for _, a := range actions {
		c.actions.WithLabelValues(a.Kind.String()).Inc()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stalls(job, verdict.Reason(status.Conditions, v1alpha1.ConditionStalled))
	before, known := c.jobs[job]
	if status.Phase == "" || known && before.phase == status.Phase {
		return
	}
	if known {
		c.leave(before, string(status.Phase))
	}
	c.jobs[job] = stay{status.Phase, c.now()}
}

// Scaling notes a decision of the autoscaler by its reason.
func (c *Chronicle) Scaling(reason string) { c.scalings.WithLabelValues(reason).Inc() }

// Savepoint notes that a StreamSavepoint is completed or has failed, once for each: by its status.
func (c *Chronicle) Savepoint(origin v1alpha1.SavepointOrigin, status *v1alpha1.StreamSavepointStatus) {
	c.savepoints.WithLabelValues(string(origin), string(status.Phase)).Inc()
	if status.Bytes != nil {
		c.saved.WithLabelValues(string(origin)).Add(float64(*status.Bytes))
	}
	if status.RequestedAt != nil && status.CompletedAt != nil {
		c.savings.WithLabelValues(string(origin)).Observe(status.CompletedAt.Sub(status.RequestedAt.Time).Seconds())
	}
}

// Gone notes that a job is not there any more. One that was never seen is nothing.
func (c *Chronicle) Gone(job types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stalls(job, "")
	if last, known := c.jobs[job]; known {
		c.leave(last, phaseGone)
		delete(c.jobs, job)
	}
}

// stalls notes why a job is stalled; it isn't where there is no reason. The caller has the lock.
func (c *Chronicle) stalls(job types.NamespacedName, reason string) {
	before := c.stalled[job]
	if before == reason {
		return
	}
	if before != "" {
		c.reasons[before]--
		delete(c.stalled, job)
	}
	if reason != "" {
		c.reasons[reason]++
		c.stalled[job] = reason
	}
}

// leave ends a stay. The caller has the lock.
func (c *Chronicle) leave(s stay, to string) {
	lasted := c.now().Sub(s.since)
	c.spent[s.phase] += lasted
	c.stays.WithLabelValues(string(s.phase)).Observe(lasted.Seconds())
	c.transitions.WithLabelValues(string(s.phase), to).Inc()
}

// reasonOf is the reason that counts: of what keeps a job from going on, before what it is doing.
func reasonOf(s *v1alpha1.StreamJobStatus) string {
	if c := v1alpha1.SaysMost(s.Conditions); c != nil {
		return c.Reason
	}
	return ""
}

func (c *Chronicle) parts() []prometheus.Collector {
	return []prometheus.Collector{c.transitions, c.stays, c.decisions, c.actions, c.scalings, c.savepoints, c.savings, c.saved}
}

// Describe implements prometheus.Collector.
func (c *Chronicle) Describe(out chan<- *prometheus.Desc) {
	out <- c.there
	out <- c.stuck
	out <- c.seconds
	for _, part := range c.parts() {
		part.Describe(out)
	}
}

// Collect implements prometheus.Collector.
func (c *Chronicle) Collect(out chan<- prometheus.Metric) {
	there, spent, stalled := c.sums()
	for reason, n := range stalled {
		out <- prometheus.MustNewConstMetric(c.stuck, prometheus.GaugeValue, float64(n), reason)
	}
	for phase, n := range there {
		out <- prometheus.MustNewConstMetric(c.there, prometheus.GaugeValue, float64(n), string(phase))
	}
	for phase, lasted := range spent {
		out <- prometheus.MustNewConstMetric(c.seconds, prometheus.CounterValue, lasted.Seconds(), string(phase))
	}
	for _, part := range c.parts() {
		part.Collect(out)
	}
}

// sums counts the jobs, and the time in each phase, of the stays that go on too, and the jobs that are stalled. A phase that was left, and a
// reason that is over, has 0 jobs.
func (c *Chronicle) sums() (there map[v1alpha1.JobPhase]int, spent map[v1alpha1.JobPhase]time.Duration, stalled map[string]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	there, spent = map[v1alpha1.JobPhase]int{}, map[v1alpha1.JobPhase]time.Duration{}
	for phase, lasted := range c.spent {
		there[phase], spent[phase] = 0, lasted
	}
	now := c.now()
	for _, s := range c.jobs {
		there[s.phase]++
		spent[s.phase] += now.Sub(s.since)
	}
	return there, spent, maps.Clone(c.reasons)
}

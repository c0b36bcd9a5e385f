package prom

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/types"
)

const microsPerSecond = 1e6

// Collector is a prometheus.Collector over a worker's status.
type Collector struct {
	status  func() control.Status
	totals  []total
	ready   *prometheus.Desc
	tasks   *prometheus.Desc
	lag     *prometheus.Desc
	shed    *prometheus.Desc
	mark    *prometheus.Desc
	byTask  []taskTotal
	commits *prometheus.Desc
	apart   *prometheus.Desc
	copies  *prometheus.Desc
	left    *prometheus.Desc
	cold    *prometheus.Desc
	errors  *prometheus.Desc
	process *prometheus.Desc
	ages    *prometheus.Desc
}

// total is a sum that only grows.
type total struct {
	desc *prometheus.Desc
	of   func(s *control.Status) float64
}

// taskTotal is a sum of a task's that only grows.
type taskTotal struct {
	desc *prometheus.Desc
	of   func(t *control.Task) float64
}

func count(of func(s *control.Status) int64) func(s *control.Status) float64 {
	return func(s *control.Status) float64 { return float64(of(s)) }
}

// NewCollector returns a collector. Status is called for each scrape and must be safe for concurrent use.
func NewCollector(status func() control.Status) *Collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("millrace_"+name, help, labels, nil)
	}
	return &Collector{
		status: status,
		totals: []total{
			{desc("records_in_total", "Kafka records read."), count(func(s *control.Status) int64 { return s.Rows.RecordsIn })},
			{desc("rows_in_total", "Rows that decoded."), count(func(s *control.Status) int64 { return s.Rows.In })},
			{desc("rows_out_total", "Rows written to sinks and exchanges."), count(func(s *control.Status) int64 { return s.Rows.Out })},
			{desc("rows_late_total", "Rows that no window took any more."), count(func(s *control.Status) int64 { return s.Rows.Late })},
			{desc("rows_bad_total", "Rows left out by the Skip policy."), count(func(s *control.Status) int64 { return s.Rows.Bad })},
			{desc("bytes_in_total", "Bytes of records read, unpacked, as far as they are committed."), count(func(s *control.Status) int64 { return s.Bytes.In })},
			{desc("bytes_out_total", "Bytes of records written to sinks and exchanges, before compression."), count(func(s *control.Status) int64 { return s.Bytes.Out })},
			{desc("changelog_bytes_total", "Bytes of records written to changelogs, before compression."), count(func(s *control.Status) int64 { return s.Bytes.Changelogs })},
			{desc("commits_total", "Transactions that landed."), count(func(s *control.Status) int64 { return s.Commits })},
			{desc("aborts_total", "Transactions that were rolled back."), count(func(s *control.Status) int64 { return s.Aborts })},
			{desc("restarts_total", "Returns to the group after it was lost."), count(func(s *control.Status) int64 { return s.Restarts })},
			{desc("restore_bytes_total", "Bytes of snapshots and changelogs read to restore tasks."), count(func(s *control.Status) int64 { return s.Restored.Bytes })},
			{desc("restore_rows_total", "Rows of snapshots read to restore tasks."), count(func(s *control.Status) int64 { return s.Restored.Rows })},
			{desc("restore_records_total", "Changelog records read to restore tasks."), count(func(s *control.Status) int64 { return s.Restored.Records })},
			{desc("restore_refused_total", "Snapshots passed over while tasks were restored: damaged, or of no use."), count(func(s *control.Status) int64 { return s.Restored.Refused })},
			{desc("warm_ups_total", "Tasks of other workers that this one had warmed up for."), count(func(s *control.Status) int64 { return s.Restored.WarmUps })},
			{desc("snapshots_total", "Snapshots taken."), count(func(s *control.Status) int64 { return s.Snapshots.Taken })},
			{desc("snapshots_failed_total", "Snapshots that were not finished."), count(func(s *control.Status) int64 { return s.Snapshots.Failed })},
			{desc("busy_seconds_total", "Time spent reading, computing and writing."), func(s *control.Status) float64 { return s.Spent.Busy }},
			{desc("backpressure_seconds_total", "Time spent waiting for brokers to take what was written."), func(s *control.Status) float64 { return s.Spent.Backpressure }},
			{desc("commit_seconds_total", "Time spent ending transactions."), func(s *control.Status) float64 { return s.Spent.Commit }},
			{desc("idle_seconds_total", "Time spent waiting for input."), func(s *control.Status) float64 { return s.Spent.Idle }},
			{desc("snapshot_bytes_total", "Bytes uploaded for snapshots."), count(func(s *control.Status) int64 { return s.Snapshots.Bytes })},
		},
		ready: desc("ready", "1 when the worker has joined its group and restored its tasks."),
		tasks: desc("tasks", "Tasks that this worker runs."),
		lag:   desc("lag_records", "Offsets between the position and the end of a partition.", "topic", "partition"),
		shed:  desc("source_shed_records_total", "Offsets of a source partition that were left out by the Shed policy since the state epoch began.", "topic", "partition"),
		mark:  desc("watermark_seconds", "Event time that all tasks of this worker have reached, in seconds since the epoch."),
		byTask: []taskTotal{
			{desc("task_busy_seconds_total", "Time that a task spent on its records, and on its part of commits.", "task"), func(t *control.Task) float64 { return t.BusySeconds }},
			{desc("task_backpressure_seconds_total", "Time for which a task had input at hand while brokers did not take what was written, or a commit.", "task"), func(t *control.Task) float64 { return t.BackpressureSeconds }},
			{desc("task_idle_seconds_total", "Time for which a task had nothing to read, or other tasks of its worker were at work.", "task"), func(t *control.Task) float64 { return t.IdleSeconds }},
			{desc("task_held_seconds_total", "Time for which a task took no input: for a savepoint, its state, a slower source, or an exchange that is not read fast enough.", "task"), func(t *control.Task) float64 { return t.HeldSeconds }},
			{desc("task_bytes_in_total", "Bytes of records that a task has read, unpacked, as far as they are committed.", "task"), func(t *control.Task) float64 { return float64(t.BytesIn) }},
			{desc("task_rows_in_total", "Rows that a task has taken.", "task"), func(t *control.Task) float64 { return float64(t.Rows.In) }},
			{desc("task_rows_out_total", "Rows that a task has written to sinks and exchanges.", "task"), func(t *control.Task) float64 { return float64(t.Rows.Out) }},
		},
		commits: desc("last_commit_seconds", "Time of the last commit, in seconds since the epoch."),
		apart:   desc("commit_interval_seconds", "Longest time between two commits: the job's, or more where their markers ask for it."),
		copies:  desc("last_snapshot_seconds", "Time of the last snapshot, in seconds since the epoch."),
		left:    desc("restore_left", "What a task that is being restored has still to read.", "task", "from", "unit"),
		cold:    desc("warm_up_left", "What the worker has still to read of a task that it warms up for.", "task", "from", "unit"),
		errors:  desc("errors_total", "What went wrong, by kind: bad rows, aborted transactions, returns to the group, snapshots that were not finished.", "kind"),
		process: desc("processing_latency_seconds", "Time from the fetch of a batch of records until the commit that covers it was done."),
		ages:    desc("end_to_end_latency_seconds", "How old a commit's input records were when the commit was done, by their own timestamps.", "stage", "record"),
	}
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(out chan<- *prometheus.Desc) {
	for _, t := range c.totals {
		out <- t.desc
	}
	for _, d := range []*prometheus.Desc{c.ready, c.tasks, c.lag, c.shed, c.mark, c.commits, c.apart, c.copies, c.left, c.cold, c.errors, c.process, c.ages} {
		out <- d
	}
	for _, t := range c.byTask {
		out <- t.desc
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	s := c.status()
	for _, t := range c.totals {
		out <- prometheus.MustNewConstMetric(t.desc, prometheus.CounterValue, t.of(&s))
	}
	for _, e := range errorsOf(&s) {
		out <- prometheus.MustNewConstMetric(c.errors, prometheus.CounterValue, float64(e.n), e.kind)
	}
	out <- histogram(c.process, &s.Processing)
	for i := range s.EndToEnd {
		age := &s.EndToEnd[i]
		out <- histogram(c.ages, &age.Oldest, age.Stage, "oldest")
		out <- histogram(c.ages, &age.Newest, age.Stage, "newest")
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	ready := 0.0
	if s.Phase.Ready() {
		ready = 1
	}
	gauge(c.ready, ready)
	gauge(c.tasks, float64(len(s.Tasks)))
	for _, t := range s.Tasks {
		gauge(c.lag, float64(t.LagRecords), t.Topic, strconv.Itoa(int(t.Partition)))
		if t.Source {
			out <- prometheus.MustNewConstMetric(c.shed, prometheus.CounterValue, float64(t.ShedRecords), t.Topic, strconv.Itoa(int(t.Partition)))
		}
		for _, total := range c.byTask {
			out <- prometheus.MustNewConstMetric(total.desc, prometheus.CounterValue, total.of(&t), t.ID)
		}
	}
	if s.Watermark != types.NoWatermark && s.Watermark != types.EndOfInput {
		gauge(c.mark, float64(s.Watermark)/microsPerSecond)
	}
	if !s.LastCommit.IsZero() {
		gauge(c.commits, float64(s.LastCommit.UnixMicro())/microsPerSecond)
	}
	gauge(c.apart, s.CommitInterval.Seconds())
	if !s.Snapshots.Last.IsZero() {
		gauge(c.copies, float64(s.Snapshots.Last.UnixMicro())/microsPerSecond)
	}
	left := func(d *prometheus.Desc, r *control.Restore) {
		gauge(d, float64(r.Snapshot.BytesTotal-r.Snapshot.Bytes), r.Task, "snapshot", "bytes")
		gauge(d, float64(r.Snapshot.RowsTotal-r.Snapshot.Rows), r.Task, "snapshot", "rows")
		gauge(d, float64(r.Changelog.RowsTotal-r.Changelog.Rows), r.Task, "changelog", "records")
	}
	for i := range s.Restores {
		left(c.left, &s.Restores[i])
	}
	for i := range s.WarmUps {
		left(c.cold, &s.WarmUps[i].Restore)
	}
}

package admission

import (
	"fmt"
	"slices"
	"time"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/physical"
)

// commitInterval is that of a job which names none, which only an object made without the CRD's defaults does.
const commitInterval = 100 * time.Millisecond

// concerns are what users may want to think about in a job that can run.
func concerns(job *v1alpha1.StreamJob, topics []v1alpha1.StreamTopic, plan *physical.Plan) []string {
	return slices.Concat(unbounded(job, topics, plan), keyless(plan), envelope(job, topics, plan))
}

// envelope says in what a job leaves what Millrace is made for.
func envelope(job *v1alpha1.StreamJob, topics []v1alpha1.StreamTopic, plan *physical.Plan) []string {
	every := job.Spec.CommitInterval.Duration
	if every <= 0 {
		every = commitInterval
	}
	return plan.Load(int(job.Spec.Parallelism), every, partitions(job, topics)).Warnings()
}

// partitions are those of the topics that a job can write to, by their names on Kafka.
func partitions(job *v1alpha1.StreamJob, topics []v1alpha1.StreamTopic) map[string]int32 {
	known := map[string]int32{}
	for i := range topics {
		if t := &topics[i]; t.Spec.ConnectionRef == job.Spec.ConnectionRef {
			known[t.Topic()] = t.Spec.Partitions
		}
	}
	return known
}

// unbounded says which windows may wait for ever while rows go on to come: those over a topic of several partitions that never count as
// idle, when one of them falls silent. With a bound on the drift the others wait as well, and so does their state.
func unbounded(job *v1alpha1.StreamJob, topics []v1alpha1.StreamTopic, plan *physical.Plan) []string {
	if job.Spec.MaxWatermarkDrift.Duration > 0 || job.IsBatch() { // at the end of a range a silent partition holds nothing up
		return nil
	}
	known := partitions(job, topics)
	var list []string
	for i := range plan.Stages {
		in := plan.Stages[i].Input.Topic
		if in == nil || in.Nexmark != nil || in.EventTime == nil || in.EventTime.IdleTimeoutMicros > 0 || known[in.Topic] < 2 || !windowed(&plan.Stages[i]) {
			continue
		}
		list = append(list, fmt.Sprintf("state is not bounded: windows over %s wait for each of its %d partitions for ever, and while one is silent those of the others stay open: "+
			"set schema.eventTime.idleTimeout of its StreamTopic, or spec.maxWatermarkDrift", in.Topic, known[in.Topic]))
	}
	return list
}

func windowed(s *physical.Stage) bool {
	for i := range s.Branches {
		for k := range s.Branches[i].Operators {
			if s.Branches[i].Operators[k].AssignWindow != nil {
				return true
			}
		}
	}
	return false
}

// keyless says which groups have no key but the window, so that one task has them all.
func keyless(plan *physical.Plan) []string {
	var list []string
	for i := range plan.Stages {
		for k := range plan.Stages[i].Branches {
			e := plan.Stages[i].Branches[k].Output.Exchange
			if e == nil || len(e.Keys) > 0 {
				continue
			}
			list = append(list, "no key: the rows of "+e.Name+" are grouped by the window alone, so one worker aggregates them all, whatever spec.parallelism is: "+
				"group by a column where that is too much for one")
		}
	}
	return list
}

// Package flow runs a compiled plan from rows to rows with no broker: the tasks that a worker would run, against the
// transactional log of runtime/task/tasktest. Conformance tests run on it.
package flow

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/millrace/millrace/runtime/build"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/task/tasktest"
)

// Input is one record of a source topic; records keep their order within a partition.
type Input struct {
	Topic     string
	Partition int32
	Value     []byte
}

// Options say how a plan is run; whatever they are, the committed output is the same.
type Options struct {
	// Partitions is the number of partitions of each source topic, at least one above every Input's.
	Partitions map[string]int
	// Workers is how many workers share the tasks; 0 is 1.
	Workers int
	// Portion is the largest number of records that a task is given at once; 0 is all.
	Portion int
	// Aborts ends one transaction of so many by an abort, at random, before or after sealing; 0 is none.
	Aborts int
	// Crashes ends a worker in one round of so many, at random; its tasks go to a worker without their store. 0 is none.
	Crashes int
	// Seed fixes what is random.
	Seed uint64
	// Backend makes each worker's store; nil is memory.
	Backend func() (state.Backend, error)
}

// maxRounds bounds a run that does not come to its end.
const maxRounds = 100_000

// Result is what was committed.
type Result struct {
	// Output are the values of each sink topic, in the order of their commits within a task.
	Output map[string][][]byte
	// Late and Bad are counts over all tasks. They are exact when nothing crashed.
	Late, Bad int64
}

// Run feeds the inputs, runs the plan to the end of all of them, and returns what was committed.
func Run(plan *physical.Plan, inputs []Input, o Options) (Result, error) {
	r, err := start(plan, inputs, o)
	if err != nil {
		return Result{}, err
	}
	for range maxRounds {
		done, err := r.round()
		if err != nil {
			return Result{}, err
		}
		if done {
			return r.result(), nil
		}
	}
	return Result{}, fmt.Errorf("the run did not end in %d rounds", maxRounds)
}

type runner struct {
	plan    *physical.Plan
	topics  physical.Topics
	options Options
	rng     *rand.Rand
	log     *tasktest.Log
	ids     []tasktest.TaskID
	stages  map[string]int
	workers []*tasktest.Worker
	lost    Result // of tasks that crashed
	now     time.Time
}

func start(plan *physical.Plan, inputs []Input, o Options) (*runner, error) {
	r := &runner{
		plan: plan, topics: physical.Topics{Prefix: "test", StateEpoch: 1}, options: o, stages: map[string]int{},
		rng: rand.New(rand.NewPCG(o.Seed, 8)), log: tasktest.NewLog(), now: time.Unix(0, 0),
	}
	for topic, n := range o.Partitions {
		r.log.Create(topic, n)
	}
	for _, t := range plan.Internal(r.topics) {
		r.log.Create(t.Name, t.Partitions)
	}
	for _, topic := range plan.SinkTopics() {
		if r.log.Partitions(topic) == 0 {
			r.log.Create(topic, 1)
		}
	}
	for _, in := range inputs {
		if int(in.Partition) >= r.log.Partitions(in.Topic) {
			return nil, fmt.Errorf("topic %s has no partition %d", in.Topic, in.Partition)
		}
		r.log.Append(in.Topic, in.Partition, in.Value)
	}
	r.list()
	for range max(o.Workers, 1) {
		w, err := r.worker()
		if err != nil {
			return nil, err
		}
		r.workers = append(r.workers, w)
	}
	for i, id := range r.ids {
		if err := r.own(r.workers[i%len(r.workers)], id); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *runner) list() {
	for i, s := range r.plan.Stages {
		r.stages[s.Name] = i
		id := tasktest.TaskID{Stage: s.Name}
		n := r.plan.MaxParallelism
		if s.Input.Topic != nil {
			id.Topic, n = s.Input.Topic.Topic, r.options.Partitions[s.Input.Topic.Topic]
		} else {
			id.Topic = r.topics.Exchange(s.Input.Exchange.Name)
		}
		if s.Stateful {
			id.Changelog = r.topics.Changelog(s.Name)
		}
		for p := range n {
			id.Partition = int32(p)
			r.ids = append(r.ids, id)
		}
	}
}

func (r *runner) worker() (*tasktest.Worker, error) {
	var backend state.Backend = memory.New()
	if r.options.Backend != nil {
		var err error
		if backend, err = r.options.Backend(); err != nil {
			return nil, err
		}
	}
	return tasktest.NewWorker(r.log, backend, func(emit task.Emit) tasktest.Factory {
		f, err := build.New(build.Env{Plan: r.plan, Topics: r.topics, JobEpoch: 1, Partitions: r.options.Partitions, Emit: emit})
		return func(id tasktest.TaskID) (*task.Task, error) {
			if err != nil {
				return nil, err
			}
			return f.Task(r.stages[id.Stage], id.Partition)
		}
	}), nil
}

func (r *runner) own(w *tasktest.Worker, id tasktest.TaskID) error {
	if err := w.Own(id); err != nil {
		return err
	}
	if r.plan.Stages[r.stages[id.Stage]].Input.Topic == nil {
		return nil
	}
	return w.Task(id).SetEnd(r.log.End(id.Topic, id.Partition))
}

// round gives each task of each worker a portion, and ends each worker's transaction.
func (r *runner) round() (done bool, err error) {
	done = true
	for i := range r.workers {
		if r.oneIn(r.options.Crashes) {
			done = false
			if err := r.crash(i); err != nil {
				return false, err
			}
		}
		over, err := r.turn(r.workers[i])
		if err != nil {
			return false, err
		}
		done = done && over
	}
	return done, nil
}

func (r *runner) turn(w *tasktest.Worker) (over bool, err error) {
	over = true
	for _, id := range w.Owns() {
		portion := 1 << 30
		if r.options.Portion > 0 {
			portion = 1 + r.rng.IntN(r.options.Portion)
		}
		if _, err := w.Step(id, portion); err != nil {
			return false, err
		}
		over = over && w.Task(id).Finished()
	}
	r.now = r.now.Add(50 * time.Millisecond)
	if err := w.Tick(r.now); err != nil {
		return false, err
	}
	switch {
	case !w.Pending():
		return over, nil
	case r.oneIn(r.options.Aborts):
		if r.rng.IntN(2) == 0 {
			return false, w.Abort()
		}
		return false, w.AbortSealed()
	default:
		return false, w.Commit()
	}
}

func (r *runner) oneIn(n int) bool { return n > 0 && r.rng.IntN(n) == 0 }

// crash replaces a worker by a new one without a store; its tasks go to any worker.
func (r *runner) crash(i int) error {
	ids := r.workers[i].Owns()
	for _, id := range ids {
		p := r.workers[i].Task(id).Progress()
		r.lost.Late, r.lost.Bad = r.lost.Late+p.Late, r.lost.Bad+p.Bad
	}
	if err := r.workers[i].Crash(); err != nil {
		return err
	}
	w, err := r.worker()
	if err != nil {
		return err
	}
	r.workers[i] = w
	for _, id := range ids {
		if err := r.own(r.workers[r.rng.IntN(len(r.workers))], id); err != nil {
			return errors.Join(fmt.Errorf("restore %v", id), err)
		}
	}
	return nil
}

func (r *runner) result() Result {
	res := Result{Output: map[string][][]byte{}, Late: r.lost.Late, Bad: r.lost.Bad}
	for _, w := range r.workers {
		for _, id := range w.Owns() {
			p := w.Task(id).Progress()
			res.Late, res.Bad = res.Late+p.Late, res.Bad+p.Bad
		}
	}
	for _, topic := range r.plan.SinkTopics() {
		res.Output[topic] = r.log.Values(topic)
	}
	return res
}

package build

import (
	"time"

	"github.com/millrace/millrace/runtime/connector/nexmark"
	"github.com/millrace/millrace/runtime/exchange"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

// Factory makes a worker's tasks. The tasks of a stage share the writer of an exchange, so a Factory belongs to one
// worker and its one goroutine, and to one life of it: after a restart of the worker's session make a new one.
type Factory struct {
	env     Env
	writers map[string]*exchange.Writer // by exchange
	made    map[string]*nexmark.Source  // sources whose rows are made, by their name
}

// New returns the factory of a plan, whose exchanges must each have one stage that feeds them and at most one that reads.
func New(env Env) (*Factory, error) {
	f := &Factory{env: env, writers: map[string]*exchange.Writer{}, made: map[string]*nexmark.Source{}}
	for i := range env.Plan.Stages {
		s := &env.Plan.Stages[i]
		for j := range s.Branches {
			out := s.Branches[j].Output.Exchange
			if out == nil {
				continue
			}
			if f.writers[out.Name] != nil {
				return nil, bug(s, "the exchange %s is fed from two places", out.Name)
			}
			w, err := f.writer(&s.Branches[j])
			if err != nil {
				return nil, err
			}
			f.writers[out.Name] = w
		}
	}
	return f, nil
}

func bug(s *physical.Stage, format string, args ...any) error {
	return fault.New(fault.Bug, fault.Place{}, "the plan's stage "+s.Name+": "+format, args...)
}

// writer makes the writer of a branch's exchange. Its window grid is the branch's, its check of claims is by the window
// of the aggregate behind it.
func (f *Factory) writer(b *physical.Branch) (*exchange.Writer, error) {
	out := b.Output.Exchange
	cfg := exchange.Config{
		Topic: f.env.Topics.Exchange(out.Name), Partitions: f.env.Plan.MaxParallelism, JobEpoch: f.env.JobEpoch,
		Kinds: out.Schema.Kinds(), Keys: out.Keys, WindowEnd: -1,
	}
	for i := range b.Operators {
		a := b.Operators[i].AssignWindow
		switch {
		case a == nil:
		case a.Kind == physical.WindowSession: // no grid: a session ends anywhere
			cfg.WindowEnd, cfg.WindowEndAfterMicros = f.sessionTime(out.Name), a.SizeMicros
		default:
			s := shape(a)
			cfg.BoundaryMicros = s.StepMicros
			cfg.BoundaryOffsetMicros = s.Ends()
			cfg.WindowEnd = f.windowEnd(out.Name)
		}
	}
	return exchange.NewWriter(cfg, f.env.Emit)
}

// sessionTime returns the position of the rows' time in the records of an exchange that sessions read, or -1.
func (f *Factory) sessionTime(name string) int {
	for i := range f.env.Plan.Stages {
		s := &f.env.Plan.Stages[i]
		if s.Input.Exchange != nil && s.Input.Exchange.Name == name && len(s.Branches) == 1 && len(s.Branches[0].Operators) > 0 {
			if o := s.Branches[0].Operators[0].Session; o != nil {
				return o.Time
			}
		}
	}
	return -1
}

// windowEnd returns the position of the window's end in the records of an exchange that an aggregate reads, or -1.
func (f *Factory) windowEnd(name string) int {
	for i := range f.env.Plan.Stages {
		s := &f.env.Plan.Stages[i]
		if s.Input.Exchange == nil || s.Input.Exchange.Name != name || len(s.Branches) != 1 || len(s.Branches[0].Operators) == 0 {
			continue
		}
		if a := s.Branches[0].Operators[0].Aggregate; a != nil {
			return a.WindowEnd
		}
	}
	return -1
}

// RecordBytes is the mean size of the records that were written to an exchange.
func (f *Factory) RecordBytes(name string) int64 {
	if w := f.writers[name]; w != nil {
		return w.RecordBytes()
	}
	return 0
}

// Task makes the task of a stage, by its position in the plan, on a partition of its input. It is not open yet.
func (f *Factory) Task(stage int, partition int32) (*task.Task, error) {
	if stage < 0 || stage >= len(f.env.Plan.Stages) {
		return nil, fault.New(fault.Bug, fault.Place{}, "the plan has no stage %d", stage)
	}
	s := &f.env.Plan.Stages[stage]
	cfg := task.Config{
		Stage: s.Name, Partition: partition, JobEpoch: f.env.JobEpoch, Worker: f.env.Worker, Emit: f.env.Emit, Laps: f.env.Laps, Plants: f.env.Plants,
		WithoutLaps: !f.env.Plan.HasLaps(),
		Tally:       task.NewTally(f.env.Plan.BadRows == spec.BadRowsSkip), Untransacted: f.env.Untransacted,
	}
	if s.Stateful {
		cfg.Changelog = f.env.Topics.Changelog(s.Name)
	}
	kinds, channels, err := f.input(s, &cfg)
	if err != nil {
		return nil, err
	}
	if int(partition) >= channels {
		return nil, bug(s, "no partition %d of the %d of %s", partition, channels, cfg.Topic)
	}
	for i := range s.Branches {
		b, err := f.branch(s, &s.Branches[i], kinds, partition, channels, cfg.Tally)
		if err != nil {
			return nil, err
		}
		cfg.Branches = append(cfg.Branches, b)
	}
	return task.New(cfg)
}

// input fills in where the rows come from, and returns their types and the number of the stage's tasks.
func (f *Factory) input(s *physical.Stage, cfg *task.Config) (kinds []types.Kind, tasks int, err error) {
	switch in := s.Input; {
	case in.Topic != nil:
		kinds = in.Topic.Schema.Kinds()
		decoder, partitions, err := f.decoder(in.Topic)
		if err != nil {
			return nil, 0, err
		}
		src := &task.Source{Decoder: decoder, Kinds: kinds, EventTime: -1, RowWatermarks: assignsWindows(s)}
		if e := in.Topic.EventTime; e != nil {
			if e.Column < 0 || e.Column >= len(kinds) || kinds[e.Column] != types.Timestamp {
				return nil, 0, bug(s, "the event time, column %d, is no TIMESTAMP", e.Column)
			}
			src.EventTime, src.MaxOutOfOrdernessMicros = e.Column, e.MaxOutOfOrdernessMicros
			src.IdleTimeout = time.Duration(e.IdleTimeoutMicros) * time.Microsecond
		} else if src.RowWatermarks {
			return nil, 0, bug(s, "windows without an event time")
		}
		cfg.Topic, cfg.Source = in.Topic.Topic, src
		return kinds, partitions, nil
	case in.Exchange != nil:
		if assignsWindows(s) {
			return nil, 0, bug(s, "windows are assigned behind an exchange, where a row's own partition is not known any more")
		}
		cfg.Topic, cfg.Exchange = f.env.Topics.Exchange(in.Exchange.Name), in.Exchange.Schema.Kinds()
		return cfg.Exchange, f.env.Plan.MaxParallelism, nil
	default:
		return nil, 0, bug(s, "no input")
	}
}

func assignsWindows(s *physical.Stage) bool {
	for i := range s.Branches {
		for j := range s.Branches[i].Operators {
			if s.Branches[i].Operators[j].AssignWindow != nil {
				return true
			}
		}
	}
	return false
}

// branch makes a chain and its output, and checks that the types that come out are those that the output takes.
func (f *Factory) branch(s *physical.Stage, b *physical.Branch, kinds []types.Kind, partition int32, channels int, tally *task.Tally) (task.Branch, error) {
	var made task.Branch
	for i := range b.Operators {
		o := &b.Operators[i]
		op, out, err := f.operator(o, kinds, tally)
		if err != nil {
			return made, err
		}
		made.Steps = append(made.Steps, task.Step{ID: o.ID, Operator: op})
		kinds = out
	}
	switch out := b.Output; {
	case out.Sink != nil:
		if err := sameKinds(s, kinds, out.Sink.Schema); err != nil {
			return made, err
		}
		encoder, err := newEncoder(out.Sink.Format, out.Sink.Schema)
		if err != nil {
			return made, err
		}
		made.Output = task.NewSink(out.Sink.Topic, encoder, f.env.Emit, tally.Outputs())
		return made, nil
	case out.Exchange != nil:
		if err := sameKinds(s, kinds, out.Exchange.Schema); err != nil {
			return made, err
		}
		lane, err := f.writers[out.Exchange.Name].Lane(partition, channels, tally.Outputs())
		made.Output = lane
		return made, err
	default:
		return made, bug(s, "a branch without an output")
	}
}

func sameKinds(s *physical.Stage, kinds []types.Kind, schema types.Schema) error {
	want := schema.Kinds()
	if len(want) != len(kinds) {
		return bug(s, "%d columns go to an output of %d", len(kinds), len(want))
	}
	for i, k := range kinds {
		if k != want[i] {
			return bug(s, "column %s is %s and its output takes %s", schema.Columns[i].Name, k, want[i])
		}
	}
	return nil
}

package compile

import (
	"slices"
	"strconv"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/logical"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// cutter makes the stages of one plan.
type cutter struct {
	plan *physical.Plan
	// aggregates are the stages behind exchanges; they follow the sources.
	aggregates []physical.Stage
	// taken counts the uses of a name.
	taken map[string]int
}

func cut(job spec.Job, p *logical.Program) (*physical.Plan, error) {
	list, err := sources(job, p)
	if err != nil {
		return nil, err
	}
	bad := job.BadRows
	if bad == "" {
		bad = spec.BadRowsFail
	}
	delivery := job.Delivery
	if delivery == spec.ExactlyOnce {
		delivery = "" // one hash for one program
	}
	c := &cutter{plan: &physical.Plan{MaxParallelism: job.MaxParallelism, BadRows: bad, Delivery: delivery}, taken: map[string]int{}}
	for _, s := range list {
		if err := c.source(s, p); err != nil {
			return nil, err
		}
	}
	c.plan.Stages = append(c.plan.Stages, c.aggregates...)
	return c.plan, nil
}

// source makes the stage of one topic, with a branch for each chain over it.
func (c *cutter) source(s *source, p *logical.Program) error {
	in := &physical.TopicInput{Topic: s.table.Topic, Nexmark: s.table.Nexmark, Format: s.table.Format, Schema: s.table.Schema}
	if e := s.table.EventTime; e != nil {
		in.EventTime = &physical.EventTime{
			Column:                  s.table.Schema.Index(e.Column),
			MaxOutOfOrdernessMicros: e.MaxOutOfOrderness.Microseconds(),
			IdleTimeoutMicros:       e.IdleTimeout.Microseconds(),
		}
	}
	stage := physical.Stage{Name: "source-" + s.table.Topic, Input: physical.Input{Topic: in}}
	for _, insert := range p.Inserts {
		if logical.ScanOf(insert.Input).Table.Topic != s.table.Topic {
			continue
		}
		b := &chain{c: c, stage: stage.Name, branch: len(stage.Branches)}
		branch, err := b.cut(logical.Widen(insert.Input, s.table, s.columns()), s, insert.Table)
		if err != nil {
			return err
		}
		stage.Branches = append(stage.Branches, branch)
	}
	c.plan.Stages = append(c.plan.Stages, stage)
	return nil
}

// unique returns a name that no other has: the same definition twice gets a number.
func (c *cutter) unique(name string) string {
	c.taken[name]++
	if n := c.taken[name]; n > 1 {
		return name + "-" + strconv.Itoa(n)
	}
	return name
}

// chain cuts one statement.
type chain struct {
	c      *cutter
	stage  string
	branch int
	// operators are those of the open branch, and window the one that its rows are in.
	operators []physical.Operator
	window    *logical.Window
}

// cut returns the branch of the source stage, and adds the stages behind it.
func (ch *chain) cut(top logical.Node, s *source, sink *spec.Table) (physical.Branch, error) {
	out := physical.Output{Sink: &physical.Sink{Topic: sink.Topic, Format: sink.Format, Schema: sink.Schema}}
	var first *physical.Branch
	for _, n := range upwards(top) {
		switch n := n.(type) {
		case *logical.Scan:
		case *logical.Filter:
			ch.add("filter", physical.Operator{Filter: &physical.Filter{Predicate: n.Predicate}})
		case *logical.Project:
			ch.project(n.Columns)
		case *logical.Window:
			ch.window = n
			ch.add("window", physical.Operator{AssignWindow: &physical.AssignWindow{
				Time: n.Time, Kind: windowKind(n), SizeMicros: n.SizeMicros, StepMicros: n.StepMicros, OffsetMicros: n.OffsetMicros, Slices: n.Slices,
			}})
		case *logical.Aggregate:
			if first != nil {
				return physical.Branch{}, fault.New(fault.Bug, fault.Place{}, "two exchanges in one chain")
			}
			var err error
			if first, err = ch.aggregate(n, s); err != nil {
				return physical.Branch{}, err
			}
		default:
			return physical.Branch{}, fault.New(fault.Bug, fault.Place{}, "no stage for a %T", n)
		}
	}
	last := physical.Branch{Operators: ch.operators, Output: out}
	if first == nil {
		return last, nil
	}
	stage := &ch.c.aggregates[len(ch.c.aggregates)-1]
	stage.Branches = []physical.Branch{last}
	return *first, nil
}

func windowKind(w *logical.Window) physical.WindowKind {
	if w.Kind == logical.Tumble {
		return physical.WindowTumble
	}
	return physical.WindowKind(w.Kind)
}

// upwards lists a chain from the scan to the top.
func upwards(top logical.Node) []logical.Node {
	var list []logical.Node
	for n := top; n != nil; n = logical.Input(n) {
		list = append(list, n)
	}
	slices.Reverse(list)
	return list
}

// add appends an operator without state; its id is its place.
func (ch *chain) add(what string, o physical.Operator) {
	o.ID = ch.stage + "/" + strconv.Itoa(ch.branch) + "/" + strconv.Itoa(len(ch.operators)) + "-" + what
	ch.operators = append(ch.operators, o)
}

func (ch *chain) project(columns []logical.Column) {
	p := &physical.Project{Columns: make([]physical.ProjectedColumn, len(columns))}
	for i, c := range columns {
		p.Columns[i] = physical.ProjectedColumn{Name: c.Name, Expr: c.Expr}
	}
	ch.add("project", physical.Operator{Project: p})
}

// aggregate closes the branch with an exchange and opens the stage behind it.
func (ch *chain) aggregate(n *logical.Aggregate, s *source) (*physical.Branch, error) {
	sent, op, behind := ch.grouping(n)
	ch.project(sent)
	schema := types.Schema{Columns: make([]types.Column, len(sent))}
	for i, c := range sent {
		schema.Columns[i] = types.Column{Name: c.Name, Kind: c.Expr.Kind}
	}
	if op.Aggregate != nil {
		schema = ch.combine(op.Aggregate, schema)
	}
	keys := hashKeys(n, op)
	name, err := ch.identify(s, keys, schema, op)
	if err != nil {
		return nil, err
	}
	first := &physical.Branch{Operators: ch.operators, Output: physical.Output{Exchange: &physical.ExchangeOutput{Name: name, Keys: keys, Schema: schema}}}
	ch.c.aggregates = append(ch.c.aggregates, physical.Stage{
		Name: name, Stateful: true,
		Input: physical.Input{Exchange: &physical.ExchangeInput{Name: name, Schema: schema}},
	})
	ch.stage, ch.branch = name, 0
	op.ID = name
	ch.operators = []physical.Operator{op}
	if behind != nil {
		ch.project(behind)
	}
	return first, nil
}

// hashKeys returns the positions of the columns that decide where a row goes: all of a group goes to one place, and the
// windows of a key, too.
func hashKeys(n *logical.Aggregate, op physical.Operator) []int {
	if op.Session != nil {
		return op.Session.Keys
	}
	var keys []int
	for i := range n.Keys {
		if !slices.Contains(n.Windowed, i) {
			keys = append(keys, i)
		}
	}
	return keys
}

// grouping returns the columns that the exchange carries, the operator behind it, and what must be projected from that
// to give the aggregate's columns, if anything.
func (ch *chain) grouping(n *logical.Aggregate) (sent []logical.Column, op physical.Operator, behind []logical.Column) {
	if n.Session != nil {
		sent, op.Session, behind = sessions(n, ch.window)
		return sent, op, behind
	}
	sent, op.Aggregate = shuffled(n, ch.window)
	return sent, op, nil
}

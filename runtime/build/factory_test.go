package build_test

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/build"
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

type nowhere struct{}

func (nowhere) Tail(string, int32, int) []byte { return nil }

func (nowhere) Emit(string, int32, []byte, []byte) error { return nil }

// plan is a pass-through of one column; change makes it wrong.
func plan(change func(*physical.Plan)) *physical.Plan {
	schema := types.Schema{Columns: []types.Column{{Name: "a", Kind: types.BigInt}}}
	json := spec.Format{Type: spec.FormatJSON}
	p := &physical.Plan{MaxParallelism: 2, Stages: []physical.Stage{{
		Name:  "s",
		Input: physical.Input{Topic: &physical.TopicInput{Topic: "in", Format: json, Schema: schema}},
		Branches: []physical.Branch{{
			Operators: []physical.Operator{{ID: "p", Project: &physical.Project{Columns: []physical.ProjectedColumn{
				{Name: "a", Expr: expr.Node{Kind: types.BigInt, Column: &expr.Column{Index: 0, Name: "a"}}},
			}}}},
			Output: physical.Output{Sink: &physical.Sink{Topic: "out", Format: json, Schema: schema}},
		}},
	}}}
	change(p)
	return p
}

// TestPlansThatCannotRun: the planner makes none of these, so each is a bug that is told from a worker's own version.
func TestPlansThatCannotRun(t *testing.T) {
	exchange := func(p *physical.Plan, name string) {
		p.Stages[0].Branches = append(p.Stages[0].Branches, physical.Branch{
			Output: physical.Output{Exchange: &physical.ExchangeOutput{Name: name, Keys: []int{0}, Schema: p.Stages[0].Input.Topic.Schema}},
		})
	}
	cases := map[string]struct {
		change func(*physical.Plan)
		want   string // empty: no error
	}{
		"as it should be":           {func(*physical.Plan) {}, ""},
		"two branches":              {func(p *physical.Plan) { exchange(p, "x"); exchange(p, "y") }, ""},
		"an exchange fed twice":     {func(p *physical.Plan) { exchange(p, "x"); exchange(p, "x") }, "fed from two places"},
		"no input":                  {func(p *physical.Plan) { p.Stages[0].Input.Topic = nil }, "no input"},
		"no output":                 {func(p *physical.Plan) { p.Stages[0].Branches[0].Output.Sink = nil }, "without an output"},
		"an operator of the future": {func(p *physical.Plan) { p.Stages[0].Branches[0].Operators[0].Project = nil }, "newer"},
		"a format of the future":    {func(p *physical.Plan) { p.Stages[0].Input.Topic.Format.Type = "Avro" }, "Avro"},
		"another type for the sink": {func(p *physical.Plan) {
			p.Stages[0].Branches[0].Output.Sink.Schema = types.Schema{Columns: []types.Column{{Name: "a", Kind: types.String}}}
		}, "column a is BIGINT"},
		"windows without event time": {func(p *physical.Plan) {
			p.Stages[0].Branches[0].Operators[0] = physical.Operator{ID: "w", AssignWindow: &physical.AssignWindow{SizeMicros: 10}}
		}, "without an event time"},
		"an event time that is none": {func(p *physical.Plan) { p.Stages[0].Input.Topic.EventTime = &physical.EventTime{} }, "no TIMESTAMP"},
		"an exchange input without state": {func(p *physical.Plan) {
			p.Stages[0].Input = physical.Input{Exchange: &physical.ExchangeInput{Name: "x", Schema: p.Stages[0].Input.Topic.Schema}}
		}, "changelog"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f, err := build.New(build.Env{
				Plan: plan(c.change), Topics: physical.Topics{Prefix: "p"}, Partitions: map[string]int{"in": 1}, Emit: nowhere{},
			})
			if err == nil {
				_, err = f.Task(0, 0)
			}
			switch {
			case c.want == "" && err != nil:
				t.Errorf("got %v", err)
			case c.want != "" && (fault.KindOf(err) != fault.Bug || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	f, err := build.New(build.Env{Plan: plan(func(*physical.Plan) {}), Partitions: map[string]int{"in": 1}, Emit: nowhere{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range [][2]int{{1, 0}, {0, 1}} {
		if _, err := f.Task(at[0], int32(at[1])); fault.KindOf(err) != fault.Bug {
			t.Errorf("stage %d, partition %d: %v", at[0], at[1], err)
		}
	}
}

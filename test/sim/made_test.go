package sim

import (
	"context"
	"encoding/json"
	"flag"
	"strconv"
	"testing"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/nexmark"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

var madeSeeds = flag.Int("made-seeds", 40, "how many seeds to run on a source whose rows are made")

const (
	madeEvents    = 8000
	madePerSecond = 600 // so that there are rows while workers come, die and go
	firstPerson   = 1000
)

// madeSource is Nexmark's persons, out of order; a second of event time is as long as four real ones, so that windows fire
// all along.
func madeSource() spec.Nexmark {
	return spec.Nexmark{
		Kind: nexmark.Person, Splits: 3, Rate: madePerSecond,
		Events: nexmark.Config{Events: madeEvents, EventsPerSecond: madePerSecond / 4, OutOfOrderGroup: 500},
	}
}

// madeJob is the job whose rows are made: a person's state, number from 1, and time stand for the input's k, id and ts.
func madeJob() *physical.Plan {
	plan, source, one := job(), madeSource(), int64(firstPerson-1)
	in := plan.Stages[0].Input.Topic
	in.Nexmark, in.Topic = &source, source.Topic()
	in.Schema = types.Schema{Columns: []types.Column{{Name: "state", Kind: types.String}, {Name: "id", Kind: types.BigInt}, {Name: "dateTime", Kind: types.Timestamp}}}
	columns := plan.Stages[0].Branches[0].Operators[0].Project.Columns
	columns[1].Expr = expr.Node{Kind: types.BigInt, Call: &expr.Call{Function: "-", Args: []expr.Node{
		columns[1].Expr, {Kind: types.BigInt, Literal: &expr.Literal{Int64: &one}},
	}}}
	return plan
}

// madeWorkload is what the job must make of its source.
func madeWorkload() (*workload, error) {
	w := &workload{counts: map[string]int64{}}
	g, err := nexmark.New(madeSource().Events)
	if err != nil {
		return nil, err
	}
	for i := range int64(madeEvents) {
		e := g.Event(i)
		if e.Kind != nexmark.Person {
			continue
		}
		var p struct {
			State    string
			DateTime int64
		}
		if err := json.Unmarshal(g.AppendJSON(nil, e), &p); err != nil {
			return nil, err
		}
		w.total++
		w.counts[p.State+"@"+strconv.FormatInt(p.DateTime/windowSize.Milliseconds()*windowSize.Milliseconds(), 10)]++
	}
	return w, nil
}

// A source whose rows are made has no log to read again: its offsets alone must bring each row out once, whoever dies.
func TestSeedsOfRowsThatAreMade(t *testing.T) {
	load, err := madeWorkload()
	if err != nil {
		t.Fatal(err)
	}
	crashes := 0
	for i := range *madeSeeds {
		seed := *first + uint64(i)
		o := runGame(t, seed, seedPlan(seed), bugs{}, func(w *world, ctx context.Context) outcome {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			w.job, w.era = madeJob(), era{epoch: firstEpoch, parallel: partitions}
			return w.watch(ctx, cancel, load)
		})
		crashes += o.crashes
		if o.wrong != "" {
			t.Errorf("seed %d: %s", seed, o.wrong)
			if *loud {
				t.Log(o.log)
			}
		}
	}
	t.Logf("%d seeds, %d crashes", *madeSeeds, crashes)
}

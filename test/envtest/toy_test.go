//go:build envtest

package envtest

import (
	"strings"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

// missing says which table is not there, as the real compiler's error does.
type missing struct {
	cause error
	table string
}

// Error returns the cause's text.
func (m missing) Error() string { return m.cause.Error() }

// MissingTable returns its name.
func (m missing) MissingTable() string { return m.table }

// compileEither compiles SQL that inserts as the product does, and anything else as the toy language.
func compileEither(job spec.Job) (*physical.Plan, error) {
	if strings.HasPrefix(strings.TrimSpace(job.SQL), "INSERT") {
		return compile.Compile(job)
	}
	return compileToy(job)
}

// compileToy compiles the toy language of these tests, "FROM table TO table STATE x PLAN y", so that they say which plans
// are the same and which have the same state. What the real compiler does with real SQL is tested beside it.
func compileToy(job spec.Job) (*physical.Plan, error) {
	words := strings.Fields(job.SQL)
	if len(words) != 8 || words[0] != "FROM" {
		return nil, fault.New(fault.User, fault.Place{File: job.File, Line: 1, Column: 1}, "expected FROM")
	}
	topic := func(name string) (string, error) {
		for _, t := range job.Tables {
			if t.Name == name {
				return t.Topic, nil
			}
		}
		return "", missing{fault.New(fault.User, fault.Place{File: job.File, Line: 1, Column: 6}, "unknown table %s", name), name}
	}
	from, err := topic(words[1])
	if err != nil {
		return nil, err
	}
	to, err := topic(words[3])
	if err != nil {
		return nil, err
	}
	return &physical.Plan{
		Format: physical.Format, StateHash: words[5], Hash: words[7], MaxParallelism: job.MaxParallelism, BadRows: job.BadRows,
		Stages: []physical.Stage{
			{
				Name: "read", Input: physical.Input{Topic: &physical.TopicInput{Topic: from}},
				Branches: []physical.Branch{{Output: physical.Output{Exchange: &physical.ExchangeOutput{Name: "x"}}}},
			},
			{
				Name: "sum", Stateful: true, Input: physical.Input{Exchange: &physical.ExchangeInput{Name: "x"}},
				Branches: []physical.Branch{{Output: physical.Output{Sink: &physical.Sink{Topic: to}}}},
			},
		},
	}, nil
}

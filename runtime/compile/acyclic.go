package compile

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/logical"
	"github.com/millrace/millrace/runtime/spec"
)

// acyclic refuses a job that feeds a topic from itself, which would go round for ever. One that writes a topic and reads
// it in another statement is fine.
func acyclic(job spec.Job, p *logical.Program) error {
	next := map[string][]string{}
	for _, in := range p.Inserts {
		from := logical.ScanOf(in.Input).Table.Topic
		next[from] = append(next[from], in.Table.Topic)
	}
	done := map[string]bool{}
	var path []string
	var visit func(topic string) []string
	visit = func(topic string) []string {
		if i := slices.Index(path, topic); i >= 0 {
			return append(slices.Clone(path[i:]), topic)
		}
		if done[topic] {
			return nil
		}
		path = append(path, topic)
		defer func() { path = path[:len(path)-1] }()
		for _, to := range next[topic] {
			if cycle := visit(to); cycle != nil {
				return cycle
			}
		}
		done[topic] = true
		return nil
	}
	for _, in := range p.Inserts {
		if cycle := visit(logical.ScanOf(in.Input).Table.Topic); cycle != nil {
			return fault.New(fault.User, in.At.In(job.File), "the job feeds a topic from itself: %s", strings.Join(cycle, " → ")).
				Do("write to another topic")
		}
	}
	return nil
}

package compile

import (
	"slices"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/logical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
	"github.com/millrace/millrace/runtime/types"
)

// source is one topic with what all chains over it read.
type source struct {
	// table is the merged one: the columns that are read, and the event time if any chain needs it.
	table *spec.Table
	// first is a table that declares the topic, for messages.
	first *spec.Table
}

// sources collects the topics in the order of the statements.
func sources(job spec.Job, p *logical.Program) ([]*source, error) {
	var list []*source
	byTopic := map[string]*source{}
	for _, in := range p.Inserts {
		scan := logical.ScanOf(in.Input)
		s := byTopic[scan.Table.Topic]
		if s == nil {
			s = &source{first: scan.Table, table: &spec.Table{Name: scan.Table.Name, Topic: scan.Table.Topic, Format: scan.Table.Format, Nexmark: scan.Table.Nexmark}}
			byTopic[scan.Table.Topic] = s
			list = append(list, s)
		}
		if err := s.add(job, scan, windowed(in.Input), in.At); err != nil {
			return nil, err
		}
	}
	for _, s := range list {
		slices.SortStableFunc(s.table.Schema.Columns, func(a, b types.Column) int { return s.rank(a.Name) - s.rank(b.Name) })
	}
	return list, nil
}

// rank orders columns as the first table does, so that the statements' order does not change the plan needlessly.
func (s *source) rank(name string) int {
	if i := s.first.Schema.Index(name); i >= 0 {
		return i
	}
	return len(s.first.Schema.Columns)
}

// add takes in what one chain reads.
func (s *source) add(job spec.Job, scan *logical.Scan, windowed bool, at sql.Pos) error {
	t := scan.Table
	if t.Format != s.table.Format {
		return s.conflict(job, t, at, "in different formats")
	}
	if t.Nexmark != nil && *t.Nexmark != *s.table.Nexmark {
		return s.conflict(job, t, at, "at different rates")
	}
	for _, c := range scan.Schema().Columns {
		i := s.table.Schema.Index(c.Name)
		switch {
		case i < 0:
			s.table.Schema.Columns = append(s.table.Schema.Columns, c)
		case s.table.Schema.Columns[i].Kind != c.Kind:
			return s.conflict(job, t, at, "with different types of the column "+c.Name)
		}
	}
	if !windowed {
		return nil
	}
	if s.table.EventTime != nil && *s.table.EventTime != *t.EventTime {
		return s.conflict(job, t, at, "with different watermarks")
	}
	s.table.EventTime = t.EventTime
	return nil
}

func (s *source) conflict(job spec.Job, t *spec.Table, at sql.Pos, how string) error {
	return fault.New(fault.User, at.In(job.File), "the tables %s and %s read the topic %s %s", s.first.Name, t.Name, t.Topic, how).
		Do("declare both alike, or run them as two jobs")
}

// windowed says whether a chain puts rows into windows.
func windowed(n logical.Node) bool {
	for ; n != nil; n = logical.Input(n) {
		if _, ok := n.(*logical.Window); ok {
			return true
		}
	}
	return false
}

// columns lists all positions of the merged table.
func (s *source) columns() []int {
	list := make([]int, len(s.table.Schema.Columns))
	for i := range list {
		list[i] = i
	}
	return list
}

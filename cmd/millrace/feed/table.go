package feed

import (
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// Table is what the rows of an input become: the columns of the topic, and how its records hold them.
type Table struct {
	Schema types.Schema
	Format spec.Format
}

// TableOf returns the columns of all tables over a topic together. Two that give one column two types, or two formats, are a
// User error: a file with columns can't be both.
func TableOf(topic string, tables []spec.Table) (Table, error) {
	var all Table
	for _, t := range tables {
		if t.Topic != topic {
			continue
		}
		if all.Format.Type != "" && all.Format != t.Format {
			return all, fault.New(fault.User, fault.Place{}, "the tables over topic %q differ in their format", topic).Do("give the input as JSON lines")
		}
		all.Format = t.Format
		for _, c := range t.Schema.Columns {
			at := all.Schema.Index(c.Name)
			if at >= 0 && all.Schema.Columns[at].Kind != c.Kind {
				return all, fault.New(fault.User, fault.Place{}, "the tables over topic %q differ in the type of column %q", topic, c.Name).
					Do("give the input as JSON lines")
			}
			if at < 0 {
				all.Schema.Columns = append(all.Schema.Columns, c)
			}
		}
	}
	return all, nil
}

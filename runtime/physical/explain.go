package physical

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/types"
)

// Explain prints the plan for people: stage by stage, what is read, what is done with it, and where it goes.
func Explain(p *Plan) string {
	var b strings.Builder
	for i, s := range p.Stages {
		if i > 0 {
			b.WriteString("\n")
		}
		s.explain(&b, p.MaxParallelism)
	}
	return b.String()
}

func (s Stage) explain(w io.Writer, partitions int) {
	_, _ = fmt.Fprintf(w, "stage %s", s.Name)
	if s.Stateful {
		_, _ = fmt.Fprint(w, " (keeps state)")
	}
	_, _ = fmt.Fprintln(w)
	var in types.Schema
	switch {
	case s.Input.Topic != nil:
		t := s.Input.Topic
		in = t.Schema
		t.explain(w)
		if e := t.EventTime; e != nil {
			_, _ = fmt.Fprintf(w, "  watermark %s%s\n", in.Columns[e.Column].Name, e.explain())
		}
	case s.Input.Exchange != nil:
		in = s.Input.Exchange.Schema
		_, _ = fmt.Fprintf(w, "  read exchange %s (%s): %s\n", s.Input.Exchange.Name, plural(partitions, "partition"), columnNames(in))
	}
	for _, b := range s.Branches {
		b.explain(w, in)
	}
}

func (t *TopicInput) explain(w io.Writer) {
	n := t.Nexmark
	if n == nil {
		_, _ = fmt.Fprintf(w, "  read topic %s as %s: %s\n", t.Topic, t.Format.Type, columnNames(t.Schema))
		return
	}
	much := "without end"
	if n.Events.Events > 0 {
		much = fmt.Sprintf("of %d events", n.Events.Events)
	}
	if n.Rate > 0 {
		much += fmt.Sprintf(", %d a second", n.Rate)
	}
	_, _ = fmt.Fprintf(w, "  make nexmark %s %s (%s): %s\n", n.Kind, much, plural(n.Splits, "split"), columnNames(t.Schema))
}

func (e *EventTime) explain() string {
	s := ""
	if e.MaxOutOfOrdernessMicros > 0 {
		s += " - " + micros(e.MaxOutOfOrdernessMicros)
	}
	if e.IdleTimeoutMicros > 0 {
		s += ", idle after " + micros(e.IdleTimeoutMicros)
	}
	return s
}

func (b Branch) explain(w io.Writer, in types.Schema) {
	indent := "  ─ "
	for _, o := range b.Operators {
		_, _ = fmt.Fprintf(w, "%s%s\n", indent, o.explain(in))
		if out, err := o.check(in); err == nil {
			in = out
		}
		indent = "    "
	}
	switch {
	case b.Output.Sink != nil:
		_, _ = fmt.Fprintf(w, "%swrite topic %s as %s: %s\n", indent, b.Output.Sink.Topic, b.Output.Sink.Format.Type, columnNames(b.Output.Sink.Schema))
	case b.Output.Exchange != nil:
		_, _ = fmt.Fprintf(w, "%swrite exchange %s %s\n", indent, b.Output.Exchange.Name, b.Output.Exchange.explain())
	}
}

func (x *ExchangeOutput) explain() string {
	if len(x.Keys) == 0 {
		return "to one partition"
	}
	return "by hash of " + columnsAt(x.Schema, x.Keys)
}

func (o Operator) explain(in types.Schema) string {
	switch {
	case o.Filter != nil:
		return "filter " + o.Filter.Predicate.String()
	case o.Project != nil:
		list := make([]string, len(o.Project.Columns))
		for i, c := range o.Project.Columns {
			list[i] = c.Expr.String()
			if list[i] != c.Name {
				list[i] += " AS " + c.Name
			}
		}
		return "project " + strings.Join(list, ", ")
	case o.AssignWindow != nil:
		return o.AssignWindow.explain(in)
	case o.Combine != nil:
		return o.Combine.explain(in)
	case o.Aggregate != nil:
		return o.Aggregate.explain(in)
	case o.Session != nil:
		return o.Session.explain(in)
	default:
		return "nothing"
	}
}

func (w *AssignWindow) explain(in types.Schema) string {
	name := "tumble"
	if w.Kind != WindowTumble {
		name = strings.ToLower(string(w.Kind))
	}
	s := name + " " + in.Columns[w.Time].Name + " by " + micros(w.SizeMicros)
	if w.StepMicros != 0 {
		s += " every " + micros(w.StepMicros)
	}
	if w.OffsetMicros != 0 {
		s += " at " + micros(w.OffsetMicros)
	}
	if w.Kind == WindowSession {
		return "session " + in.Columns[w.Time].Name + " with a gap of " + micros(w.SizeMicros)
	}
	if w.Kind != WindowTumble && !w.Slices {
		return s + ", a row for each window"
	}
	if w.Slices {
		s += ", in slices"
	}
	return s
}

func callsOf(list []AggregateCall, in types.Schema) string {
	calls := make([]string, len(list))
	for i, c := range list {
		calls[i] = string(c.Function) + "(*)"
		if c.Argument >= 0 {
			calls[i] = string(c.Function) + "(" + in.Columns[c.Argument].Name + ")"
		}
		if c.Filter >= 0 {
			calls[i] += " where " + in.Columns[c.Filter].Name
		}
	}
	return strings.Join(calls, ", ")
}

func (a *Aggregate) explain(in types.Schema) string {
	what, keys := "aggregate "+callsOf(a.Calls, in), columnsAt(in, a.Keys)
	if a.Partials {
		what = "merge " + strings.Join(namesOf(a.Schema.Columns[len(a.Keys):]), ", ")
	}
	if a.Slices != nil {
		keys = strings.Join(namesOf(a.Schema.Columns[:len(a.Keys)]), ", ") + " of windows of slices"
	}
	return strings.TrimSpace(what) + " group by " + keys
}

func namesOf(columns []types.Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return names
}

func columnsAt(s types.Schema, at []int) string {
	names := make([]string, len(at))
	for i, k := range at {
		names[i] = s.Columns[k].Name
	}
	return strings.Join(names, ", ")
}

func columnNames(s types.Schema) string {
	if len(s.Columns) == 0 {
		return "no columns"
	}
	names := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		names[i] = c.Name + " " + c.Kind.String()
	}
	return strings.Join(names, ", ")
}

func micros(n int64) string { return (time.Duration(n) * time.Microsecond).String() }

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

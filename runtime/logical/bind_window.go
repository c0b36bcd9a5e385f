package logical

import (
	"strings"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/sql"
	"github.com/millrace/millrace/runtime/types"
)

// maxRowWindows bounds the windows that a row is in: each is fired, and has a row of output for each group.
const maxRowWindows = 10_000

// windowArguments are the arguments of a window's table function; an interval that was left out is nil.
type windowArguments struct {
	data, time *sql.Argument
	intervals  []*sql.Argument
}

// window binds a table function that puts rows into windows.
func (b *binder) window(f windowFunction, t *sql.TableFunction) (*relation, error) {
	args, err := b.windowArguments(f, t)
	if err != nil {
		return nil, err
	}
	data, ok := args.data.Value.(*sql.TableArg)
	if !ok {
		return nil, b.notTable(f, args.data)
	}
	rel, err := b.from(data.Table)
	if err != nil {
		return nil, err
	}
	if rel.window != nil {
		return nil, b.fault(t.At, "windows over the rows of another window are not supported yet").
			Do("write the first result to a topic, and window that in a second job")
	}
	time, err := b.timeColumn(f, rel, args.time)
	if err != nil {
		return nil, err
	}
	w := &Window{Input: rel.node, Kind: f.kind, Time: time}
	if err := b.windowIntervals(f, w, args.intervals); err != nil {
		return nil, err
	}
	partition, err := b.partition(f, rel, data.PartitionBy)
	if err != nil {
		return nil, err
	}
	out, err := b.windowed(rel, w, t)
	if out != nil {
		out.partition = partition
	}
	return out, err
}

// windowIntervals reads the lengths of a window.
func (b *binder) windowIntervals(f windowFunction, w *Window, args []*sql.Argument) error {
	for i, p := range f.intervals {
		if args[i] == nil {
			continue
		}
		micros, err := b.interval(args[i], p.what)
		if err != nil {
			return err
		}
		if micros <= 0 && !p.optional {
			return b.fault(args[i].Value.Pos(), "%s must be more than zero", p.what)
		}
		p.set(w, micros)
	}
	if w.StepMicros > 0 {
		if err := b.windowStep(w, args[0].Value.Pos(), args[1].Value.Pos()); err != nil {
			return err
		}
	}
	w.OffsetMicros = (w.OffsetMicros%w.Period() + w.Period()) % w.Period()
	return nil
}

// windowStep looks that slide or step and size fit each other.
func (b *binder) windowStep(w *Window, step, size sql.Pos) error {
	if w.Kind == Cumulate && w.SizeMicros%w.StepMicros != 0 {
		if w.StepMicros > w.SizeMicros {
			return b.fault(step, "the window's step is longer than its size").Do(cumulateForm)
		}
		return b.fault(size, "the window's size is no multiple of its step").Do("make it one, as in a step of 1 hour and a size of 1 day")
	}
	if w.SizeMicros/w.StepMicros >= maxRowWindows {
		return b.fault(step, "a row would be in more than %d windows", maxRowWindows).Do("choose a longer one, or a smaller size")
	}
	return nil
}

// windowed returns the relation of a window's rows, window_time included.
func (b *binder) windowed(rel *relation, w *Window, t *sql.TableFunction) (*relation, error) {
	for _, name := range []string{windowStart, windowEnd, windowTime} {
		if rel.schema().Index(name) >= 0 {
			return nil, b.fault(t.At, "%s adds a column %s, and its table has one already", w.Kind, name).Do("rename that in a subquery or view")
		}
	}
	if err := b.grow(t.At, len(rel.columns)); err != nil {
		return nil, err
	}
	s := w.Schema()
	micros := int64(1)
	end := len(s.Columns) - 1
	last, err := expr.NewCall("-", 0, 0, read(s, end), expr.Node{Kind: types.Interval, Literal: &expr.Literal{Int64: &micros}})
	if err != nil {
		return nil, fault.Wrap(fault.Bug, err, "compute window_time")
	}
	p := &Project{Input: w, Columns: passed(s)}
	p.Columns = append(p.Columns, Column{Name: windowTime, Expr: last})
	out := &relation{node: p, from: rel.from, window: w}
	for _, c := range rel.columns {
		if c.role == roleEventTime {
			c.role = roleNone // inside a window time is the window's
		}
		out.columns = append(out.columns, c)
	}
	out.columns = append(out.columns,
		column{qualifier: rel.from, name: windowStart, kind: types.Timestamp, role: roleWindowStart},
		column{qualifier: rel.from, name: windowEnd, kind: types.Timestamp, role: roleWindowEnd},
		column{qualifier: rel.from, name: windowTime, kind: types.Timestamp, role: roleWindowTime})
	return out, nil
}

// passed projects all columns of a schema as they are.
func passed(s types.Schema) []Column {
	columns := make([]Column, len(s.Columns))
	for i, c := range s.Columns {
		columns[i] = Column{Name: c.Name, Expr: read(s, i)}
	}
	return columns
}

// windowArguments sorts the arguments by position or name.
func (b *binder) windowArguments(f windowFunction, t *sql.TableFunction) (windowArguments, error) {
	a := windowArguments{intervals: make([]*sql.Argument, len(f.intervals))}
	slots := []**sql.Argument{&a.data, &a.time}
	names := []string{"DATA", "TIMECOL"}
	lacks := []string{"the table", "the time column"}
	for i, p := range f.intervals {
		slots, names = append(slots, &a.intervals[i]), append(names, p.name)
		if p.optional {
			lacks = append(lacks, "")
		} else {
			lacks = append(lacks, p.what)
		}
	}
	for i, arg := range t.Args {
		if arg.Name != nil {
			i = indexFold(names, arg.Name.Name)
			if i < 0 {
				return a, b.fault(arg.At, "%s has no argument %s", f.kind, arg.Name.Name).Do("%s", suggest(arg.Name.Name, names, "it has "))
			}
		}
		if i >= len(slots) {
			return a, b.fault(arg.At, "%s takes at most %d arguments", f.kind, len(slots)).Do("%s", f.form)
		}
		*slots[i] = arg
	}
	for i, what := range lacks {
		if *slots[i] == nil && what != "" {
			return a, b.fault(t.At, "%s lacks %s", f.kind, what).Do("%s", f.form)
		}
	}
	return a, nil
}

func indexFold(names []string, name string) int {
	for i, n := range names {
		if strings.EqualFold(n, name) {
			return i
		}
	}
	return -1
}

func (b *binder) notTable(f windowFunction, a *sql.Argument) error {
	e := b.fault(a.Value.Pos(), "the first argument of %s must be a table", f.kind)
	if arg, ok := a.Value.(*sql.ExprArg); ok {
		if c, ok := arg.Expr.(*sql.ColumnRef); ok && c.Table == nil {
			return e.Do("write TABLE %s", c.Name.Name)
		}
	}
	return e.Do("%s", f.form)
}

// timeColumn resolves the descriptor: it must name the event time of the table below.
func (b *binder) timeColumn(f windowFunction, rel *relation, a *sql.Argument) (int, error) {
	d, ok := a.Value.(*sql.Descriptor)
	if !ok || len(d.Columns) != 1 {
		return 0, b.fault(a.Value.Pos(), "the second argument of %s must be the DESCRIPTOR of one column", f.kind).Do("write DESCRIPTOR(ts)")
	}
	name := d.Columns[0]
	i := rel.schema().Index(name.Name)
	if i < 0 {
		return 0, b.unknownColumn(name.At, name.Name, rel.schema(), rel.from)
	}
	if rel.columns[i].role == roleEventTime {
		return i, nil
	}
	if time := rel.withRole(roleEventTime); time >= 0 {
		return 0, b.fault(name.At, "%s is not the event time of its table", name.Name).Do("write DESCRIPTOR(%s)", rel.columns[time].name)
	}
	e := b.fault(name.At, "%s has no event time, which a window needs", rel.title())
	if rel.columns[i].kind != types.Timestamp {
		return 0, e.Do("declare WATERMARK FOR a column of type TIMESTAMP; %s is %s", name.Name, rel.columns[i].kind)
	}
	return 0, e.Do("declare WATERMARK FOR %s AS %s - INTERVAL '5' SECOND in its CREATE TABLE, or eventTime in its StreamTopic", name.Name, name.Name)
}

func (r *relation) title() string {
	if r.from == "" {
		return "the subquery"
	}
	return r.from
}

// interval reads an argument that must be an interval literal of a bounded length.
func (b *binder) interval(a *sql.Argument, what string) (int64, error) {
	arg, ok := a.Value.(*sql.ExprArg)
	if !ok {
		return 0, b.fault(a.Value.Pos(), "%s must be an interval", what).Do("write it as INTERVAL '1' HOUR")
	}
	literal, ok := arg.Expr.(*sql.IntervalLiteral)
	if !ok {
		return 0, b.fault(a.Value.Pos(), "%s must be an interval", what).Do("write it as INTERVAL '1' HOUR")
	}
	micros, err := b.intervalMicros(literal)
	if err == nil && (micros > maxIntervalMicros || -micros > maxIntervalMicros) {
		return 0, b.fault(literal.At, "%s is longer than 100 years", what)
	}
	return micros, err
}

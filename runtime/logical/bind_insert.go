package logical

import (
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
	"github.com/millrace/millrace/runtime/types"
)

// insert binds INSERT INTO t [(columns)] query.
func (b *binder) insert(n *sql.Insert) (*Insert, error) {
	table := b.catalogue.tables[n.Table.Name]
	switch {
	case b.catalogue.views[n.Table.Name] != nil:
		return nil, b.fault(n.Table.At, "%s is a view, and rows are inserted into tables only", n.Table.Name).Do("declare a table by CREATE TABLE")
	case table == nil:
		return nil, &UnknownTableError{n.Table.Name, b.fault(n.Table.At, "unknown table %s", n.Table.Name).Do("%s", b.suggestTable(n.Table.Name, b.catalogue.tableNames()))}
	}
	if table.Nexmark != nil {
		return nil, b.fault(n.Table.At, "%s makes its rows, and takes none", table.Name).Do("insert into a table with another connector")
	}
	targets, err := b.targets(n, table)
	if err != nil {
		return nil, err
	}
	rel, err := b.query(n.Query)
	if err != nil {
		return nil, err
	}
	if len(rel.columns) != len(targets) {
		return nil, b.arity(n, table, targets, rel)
	}
	columns := make([]Column, len(table.Schema.Columns))
	for i, c := range table.Schema.Columns {
		columns[i] = Column{Name: c.Name, Expr: expr.Node{Kind: c.Kind, Literal: &expr.Literal{}}}
	}
	for i, t := range targets {
		value, err := b.assigned(rel, i, table.Schema.Columns[t], valuePos(n.Query, i, n.At))
		if err != nil {
			return nil, err
		}
		columns[t].Expr = value
	}
	return &Insert{Input: &Project{Input: rel.node, Columns: columns}, Table: table, At: n.At}, nil
}

// targets returns the positions in the table's schema that the query's columns go to.
func (b *binder) targets(n *sql.Insert, table *spec.Table) ([]int, error) {
	if n.Columns == nil {
		return scanAll(table).Columns, nil
	}
	targets := make([]int, len(n.Columns))
	for i, c := range n.Columns {
		targets[i] = table.Schema.Index(c.Name)
		if targets[i] < 0 {
			return nil, b.unknownColumn(c.At, c.Name, table.Schema, table.Name)
		}
	}
	return targets, nil
}

// arity says that the query gives too many or too few columns, and which ones.
func (b *binder) arity(n *sql.Insert, table *spec.Table, targets []int, rel *relation) error {
	e := b.fault(n.Query.Pos(), "%s takes %d columns, and the query gives %d", table.Name, len(targets), len(rel.columns))
	if len(rel.columns) < len(targets) {
		missing := table.Schema.Columns[targets[len(rel.columns)]]
		return e.Do("columns go by position: %s %s gets none; or name the columns behind the table, as in INSERT INTO %s (…)", missing.Name, missing.Kind, table.Name)
	}
	return e.Do("columns go by position: %s has no place", rel.columns[len(targets)].name)
}

// assigned returns the value of the query's column i as the target's type. Numbers widen by themselves; every other
// conversion is the author's to ask for.
func (b *binder) assigned(rel *relation, i int, target types.Column, at sql.Pos) (expr.Node, error) {
	n := rel.read(i)
	if n.Kind == target.Kind || n.Kind == types.Null {
		return expr.Coerce(n, target.Kind), nil
	}
	if n.Kind == types.Int && (target.Kind == types.BigInt || target.Kind == types.Double) || n.Kind == types.BigInt && target.Kind == types.Double {
		return expr.Coerce(n, target.Kind), nil
	}
	e := b.fault(at, "column %d is %s, and %s, where it goes by position, is %s", i+1, n.Kind, target.Name, target.Kind)
	if expr.CheckCast(n.Kind, target.Kind) == nil {
		return n, e.Do("write CAST(%s AS %s) if that is what you want", rel.columns[i].name, target.Kind)
	}
	return n, e.Do("check the order of the columns")
}

// valuePos is where the query's column i is written, as far as the select list tells.
func valuePos(q sql.Query, i int, otherwise sql.Pos) sql.Pos {
	s, ok := q.(*sql.Select)
	if !ok {
		return otherwise
	}
	for at := range min(i+1, len(s.Items)) {
		if _, star := s.Items[at].(*sql.Star); star {
			return s.Items[at].Pos()
		}
	}
	if i < len(s.Items) {
		return s.Items[i].Pos()
	}
	return s.At
}

// bareQuery binds a SELECT of its own: its rows go to the job's default sink.
func (b *binder) bareQuery(n *sql.QueryStatement) (*Insert, error) {
	if b.sink == "" {
		return nil, b.fault(n.Pos(), "this SELECT says nowhere to write its rows").Do("write INSERT INTO a table before it")
	}
	rel, err := b.query(n.Query)
	if err != nil {
		return nil, err
	}
	if err := b.distinctNames(rel, n.Pos(), "the result"); err != nil {
		return nil, err
	}
	columns := rel.passed()
	for i, c := range columns {
		switch c.Expr.Kind {
		case types.Null:
			columns[i].Expr = expr.Node{Kind: types.String, Literal: &expr.Literal{}}
		case types.Interval:
			return nil, b.fault(valuePos(n.Query, i, n.Pos()), "the column %s is an INTERVAL, which no format holds", c.Name).Do("give it as a number or text")
		default:
		}
	}
	table := &spec.Table{Name: b.sink, Topic: b.sink, Format: spec.Format{Type: spec.FormatJSON, Timestamps: spec.TimestampRFC3339}}
	p := &Project{Input: rel.node, Columns: columns}
	table.Schema = p.Schema()
	return &Insert{Input: p, Table: table, At: n.Pos()}, nil
}

package logical

import (
	"strconv"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/sql"
	"github.com/millrace/millrace/runtime/types"
)

// query binds a query to a relation.
func (b *binder) query(q sql.Query) (*relation, error) {
	s, ok := q.(*sql.Select)
	if !ok {
		return nil, fault.New(fault.Bug, q.Pos().In(b.file), "no plan for a %T", q)
	}
	if s.From == nil {
		return nil, b.fault(s.At, "a query without FROM has no rows to stream").Do("name a table behind FROM")
	}
	rel, err := b.from(s.From)
	if err != nil {
		return nil, err
	}
	if s.Where != nil {
		if rel, err = b.where(rel, s.Where); err != nil {
			return nil, err
		}
	}
	if aggregates(s) {
		return b.grouped(rel, s)
	}
	if s.Having != nil {
		return nil, b.fault(s.Having.Pos(), "HAVING needs GROUP BY").Do("write WHERE to filter rows")
	}
	if err := b.sessionRows(rel, s.At); err != nil {
		return nil, err
	}
	items, err := b.items(rel, s, &rowBinder{b: b, rel: rel, clause: "SELECT"})
	if err != nil {
		return nil, err
	}
	return b.projected(rel, rel, items, s.At)
}

// where filters a relation.
func (b *binder) where(rel *relation, predicate sql.Expr) (*relation, error) {
	n, err := b.predicate(&rowBinder{b: b, rel: rel, clause: "WHERE"}, predicate)
	if err != nil {
		return nil, err
	}
	if err := b.sessionWhere(rel, n, predicate.Pos()); err != nil {
		return nil, err
	}
	return b.filtered(rel, n, predicate.Pos())
}

func (b *binder) filtered(rel *relation, predicate expr.Node, at sql.Pos) (*relation, error) {
	if err := b.grow(at, 1); err != nil {
		return nil, err
	}
	out := *rel
	out.node = &Filter{Input: rel.node, Predicate: predicate}
	return &out, nil
}

// expressions binds expressions in one clause of a query.
type expressions interface {
	bind(e sql.Expr) (expr.Node, error)
}

// predicate binds a condition, which must be BOOLEAN.
func (b *binder) predicate(in expressions, e sql.Expr) (expr.Node, error) {
	n, err := in.bind(e)
	if err != nil {
		return expr.Node{}, err
	}
	if n.Kind != types.Boolean && n.Kind != types.Null {
		return expr.Node{}, b.fault(e.Pos(), "the condition %s is %s, and must be BOOLEAN", e, n.Kind).Do("compare it with something")
	}
	return expr.Coerce(n, types.Boolean), nil
}

// items binds a select list; * stands for all columns.
func (b *binder) items(rel *relation, s *sql.Select, in expressions) ([]Column, error) {
	var columns []Column
	for i, item := range s.Items {
		if len(columns) >= maxColumns {
			return nil, b.fault(item.Pos(), "a query gives at most %d columns", maxColumns)
		}
		switch item := item.(type) {
		case *sql.Star:
			if item.Table != nil && !rel.has(item.Table.Name) {
				return nil, b.unknownQualifier(*item.Table, rel)
			}
			columns = append(columns, rel.passed()...)
		case *sql.SelectExpr:
			n, err := in.bind(item.Expr)
			if err != nil {
				return nil, err
			}
			columns = append(columns, Column{Name: itemName(item, i), Expr: n})
		default:
			return nil, fault.New(fault.Bug, item.Pos().In(b.file), "no plan for a %T", item)
		}
	}
	return columns, nil
}

// itemName is the alias, else the column's own name, else one by position as Flink gives it.
func itemName(item *sql.SelectExpr, i int) string {
	if item.Alias != nil {
		return item.Alias.Name
	}
	if c, ok := item.Expr.(*sql.ColumnRef); ok {
		return c.Name.Name
	}
	return "EXPR$" + strconv.Itoa(i)
}

// projected returns the relation of computed columns over input, whose expressions count in scope's columns. Columns
// that are passed on keep their role.
func (b *binder) projected(input, scope *relation, columns []Column, at sql.Pos) (*relation, error) {
	if err := b.grow(at, len(columns)); err != nil {
		return nil, err
	}
	out := &relation{node: &Project{Input: input.node, Columns: columns}, window: input.window, grouped: input.grouped}
	for _, c := range columns {
		out.columns = append(out.columns, column{name: c.Name, kind: c.Expr.Kind, role: scope.roleOf(c.Expr)})
	}
	return out, nil
}

// has says whether a name can stand before a column's.
func (r *relation) has(qualifier string) bool {
	for _, c := range r.columns {
		if c.qualifier == qualifier {
			return true
		}
	}
	return false
}

package logical

import (
	"strings"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/sql"
)

// rowBinder binds expressions over the rows of a relation, where aggregate functions have no place.
type rowBinder struct {
	b   *binder
	rel *relation
	// clause is where the expression stands, for messages.
	clause string
	// aliases resolves names that no column has: the aliases of the select list, in GROUP BY; nil elsewhere.
	aliases func(name string) sql.Expr
}

func (r *rowBinder) bind(e sql.Expr) (expr.Node, error) {
	if c, ok := e.(*sql.ColumnRef); ok {
		return r.column(c)
	}
	if c, ok := e.(*sql.Call); ok && isAggregate(c) {
		return expr.Node{}, r.aggregate(c)
	}
	return r.b.compose(e, r)
}

// column resolves a name.
func (r *rowBinder) column(c *sql.ColumnRef) (expr.Node, error) {
	if c.Table != nil && !r.rel.has(c.Table.Name) {
		return expr.Node{}, r.b.unknownQualifier(*c.Table, r.rel)
	}
	found := -1
	for i, col := range r.rel.columns {
		if col.name != c.Name.Name || c.Table != nil && col.qualifier != c.Table.Name {
			continue
		}
		if found >= 0 {
			return expr.Node{}, r.b.fault(c.Pos(), "there are two columns %s", c.Name.Name).Do("give them different names with AS in the subquery")
		}
		found = i
	}
	if found >= 0 {
		return r.rel.read(found), nil
	}
	if r.aliases != nil && c.Table == nil {
		if e := r.aliases(c.Name.Name); e != nil {
			aliased := *r
			aliased.aliases = nil
			return aliased.bind(e)
		}
	}
	return expr.Node{}, r.unknown(c)
}

// unknown says that a column does not exist; names of windows say what is missing.
func (r *rowBinder) unknown(c *sql.ColumnRef) error {
	name := c.Name.Name
	if name == windowStart || name == windowEnd || name == windowTime {
		e := r.b.fault(c.Name.At, "unknown column %s", name)
		if r.rel.window == nil {
			return e.Do("it comes from a window: %s", tumbleForm)
		}
		return e.Do("select it in the subquery")
	}
	return r.b.unknownColumn(c.Name.At, name, r.rel.schema(), r.rel.from)
}

func (b *binder) unknownQualifier(name sql.Ident, rel *relation) error {
	var known []string
	for _, c := range rel.columns {
		if c.qualifier != "" && (len(known) == 0 || known[len(known)-1] != c.qualifier) {
			known = append(known, c.qualifier)
		}
	}
	e := b.fault(name.At, "unknown table %s here", name.Name)
	if len(known) == 0 {
		return e.Do("the subquery has no name: write the column alone")
	}
	return e.Do("%s", suggest(name.Name, known, "the columns are those of "))
}

func (r *rowBinder) aggregate(e *sql.Call) error {
	name := strings.ToUpper(e.Name.Name)
	err := r.b.fault(e.At, "%s can't stand in %s", name, r.clause)
	switch r.clause {
	case "WHERE":
		return err.Do("write the condition in HAVING")
	case aggregateClause:
		return r.b.fault(e.At, "%s stands inside another aggregate", name).Do("compute the inner one in a job of its own")
	}
	return err.Do("aggregate in SELECT or HAVING")
}

// aggregateClause names the inside of an aggregate function's parentheses.
const aggregateClause = "an aggregate"

func isAggregate(e *sql.Call) bool {
	return indexFold(aggregateNames(), e.Name.Name) >= 0
}

// hasAggregate says whether an aggregate function stands anywhere in an expression.
func hasAggregate(e sql.Expr) bool {
	found := false
	sql.Walk(e, func(e sql.Expr) bool {
		if c, ok := e.(*sql.Call); ok && isAggregate(c) {
			found = true
		}
		return !found
	})
	return found
}

// aggregates says whether a query groups its rows.
func aggregates(s *sql.Select) bool {
	if len(s.GroupBy) > 0 || s.Having != nil && hasAggregate(s.Having) {
		return true
	}
	for _, item := range s.Items {
		if e, ok := item.(*sql.SelectExpr); ok && hasAggregate(e.Expr) {
			return true
		}
	}
	return false
}

package logical

import (
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/sql"
	"github.com/millrace/millrace/runtime/types"
)

// grouped binds a query that aggregates.
func (b *binder) grouped(rel *relation, s *sql.Select) (*relation, error) {
	if err := b.groupable(rel, s); err != nil {
		return nil, err
	}
	g := &groupBinder{b: b, rel: rel, node: &Aggregate{Input: rel.node}}
	if err := g.keys(s); err != nil {
		return nil, err
	}
	items, err := b.groupItems(rel, s, g)
	if err != nil {
		return nil, err
	}
	var having *expr.Node
	if s.Having != nil {
		n, err := b.predicate(g, s.Having)
		if err != nil {
			return nil, err
		}
		having = &n
	}
	if err := b.grow(s.At, len(items)); err != nil {
		return nil, err
	}
	out := g.relation()
	if having != nil {
		if out, err = b.filtered(out, *having, s.Having.Pos()); err != nil {
			return nil, err
		}
	}
	return b.projected(out, out, items, s.At)
}

// groupItems binds the select list, in which * has no meaning.
func (b *binder) groupItems(rel *relation, s *sql.Select, g *groupBinder) ([]Column, error) {
	for _, item := range s.Items {
		if star, ok := item.(*sql.Star); ok {
			return nil, b.fault(star.At, "* can't stand in a query that aggregates").Do("name the grouped columns")
		}
	}
	return b.items(rel, s, g)
}

// groupable refuses what can't be aggregated yet.
func (b *binder) groupable(rel *relation, s *sql.Select) error {
	at := s.At
	if len(s.GroupBy) > 0 {
		at = s.GroupBy[0].Pos()
	}
	for _, e := range s.GroupBy {
		if c, ok := e.(*sql.Call); ok && windowPrefix(strings.ToUpper(c.Name.Name)) != "" {
			return b.unknownFunction(c)
		}
	}
	switch {
	case rel.grouped:
		return b.fault(at, "aggregates over the result of another aggregate are not supported yet").
			Do("write the inner result to a topic, and aggregate that in a second job")
	case rel.window == nil:
		return b.fault(at, "an aggregate without a window updates its results with every row, which is not supported yet").
			Do("group the rows of a window: FROM TUMBLE(TABLE %s, DESCRIPTOR(%s), INTERVAL '1' HOUR) … GROUP BY …, window_start, window_end", rel.fromName(), rel.timeName())
	}
	return nil
}

func (r *relation) fromName() string {
	if r.from == "" {
		return "t"
	}
	return r.from
}

func (r *relation) timeName() string {
	if i := r.withRole(roleEventTime); i >= 0 {
		return r.columns[i].name
	}
	return "ts"
}

// groupBinder binds expressions over groups: what is grouped by, aggregates of the rest, and what is computed of both.
type groupBinder struct {
	b    *binder
	rel  *relation
	node *Aggregate
	// roles are those of the keys.
	roles []role
}

// keys binds GROUP BY, and sees to it that the window's end is among the keys.
func (g *groupBinder) keys(s *sql.Select) error {
	row := &rowBinder{b: g.b, rel: g.rel, clause: "GROUP BY", aliases: aliasesOf(s)}
	if len(s.GroupBy) > maxColumns {
		return g.b.fault(s.GroupBy[maxColumns].Pos(), "a query groups by at most %d columns", maxColumns)
	}
	for _, e := range s.GroupBy {
		n, err := row.bind(e)
		if err != nil {
			return err
		}
		if n.Kind == types.Null {
			n = expr.Coerce(n, types.String)
		}
		if g.key(n) < 0 {
			g.addKey(Column{Name: keyName(e), Expr: n}, g.rel.roleOf(n))
		}
	}
	end := -1
	for i, r := range g.roles {
		if r.windowed() {
			g.node.Windowed = append(g.node.Windowed, i)
		}
		if r == roleWindowEnd {
			end = i
		}
	}
	if len(g.node.Windowed) == 0 {
		at := s.At
		if len(s.GroupBy) > 0 {
			at = s.GroupBy[len(s.GroupBy)-1].Pos()
		}
		return g.b.fault(at, "the groups are not those of a window").Do("add window_start, window_end to GROUP BY")
	}
	if end < 0 {
		if w := g.rel.window; w.Kind == Cumulate && !slices.Contains(g.roles, roleWindowTime) {
			return g.b.fault(s.GroupBy[0].Pos(), "window_start alone does not say which window of CUMULATE a row is in").Do("group by window_end as well")
		}
		n, err := g.endOf(g.node.Keys[g.node.Windowed[0]].Expr, g.roles[g.node.Windowed[0]])
		if err != nil {
			return err
		}
		end = len(g.node.Keys)
		g.addKey(Column{Name: windowEnd, Expr: n}, roleWindowEnd)
		g.node.Windowed = append(g.node.Windowed, end)
	}
	g.node.WindowEnd = end
	return g.sessionKeys(s)
}

// endOf computes the window's end, which nobody grouped by, from another column of the window.
func (g *groupBinder) endOf(n expr.Node, r role) (expr.Node, error) {
	if i := g.rel.withRole(roleWindowEnd); i >= 0 {
		return g.rel.read(i), nil
	}
	micros := int64(1)
	if r == roleWindowStart {
		micros = g.rel.window.SizeMicros
	}
	end, err := expr.NewCall("+", 0, 0, n, whole(types.Interval, micros))
	if err != nil {
		return end, fault.Wrap(fault.Bug, err, "compute window_end")
	}
	return end, nil
}

func (g *groupBinder) addKey(c Column, r role) {
	g.node.Keys = append(g.node.Keys, c)
	g.roles = append(g.roles, r)
}

// key returns the position of the key that an expression over rows equals, or -1.
func (g *groupBinder) key(n expr.Node) int {
	for i, k := range g.node.Keys {
		if equal(k.Expr, n) {
			return i
		}
	}
	return -1
}

func keyName(e sql.Expr) string {
	if c, ok := e.(*sql.ColumnRef); ok {
		return c.Name.Name
	}
	return e.String()
}

func aliasesOf(s *sql.Select) func(string) sql.Expr {
	return func(name string) sql.Expr {
		for _, item := range s.Items {
			if e, ok := item.(*sql.SelectExpr); ok && e.Alias != nil && e.Alias.Name == name && !hasAggregate(e.Expr) {
				return e.Expr
			}
		}
		return nil
	}
}

// bind binds an expression over groups.
func (g *groupBinder) bind(e sql.Expr) (expr.Node, error) {
	if c, ok := e.(*sql.Call); ok && isAggregate(c) {
		return g.call(c)
	}
	if hasAggregate(e) {
		return g.b.compose(e, g)
	}
	n, err := (&rowBinder{b: g.b, rel: g.rel, clause: "SELECT"}).bind(e)
	if err != nil {
		return n, err
	}
	out, loose := g.overKeys(n)
	if loose != nil {
		return n, g.ungrouped(e, loose.Name)
	}
	return out, nil
}

// overKeys turns an expression over rows into one over keys. It returns a column that no key covers, if there is one.
func (g *groupBinder) overKeys(n expr.Node) (expr.Node, *expr.Column) {
	if i := g.key(n); i >= 0 {
		return expr.Node{Kind: n.Kind, Column: &expr.Column{Index: i, Name: g.node.Keys[i].Name}}, nil
	}
	if n.Column != nil {
		return n, n.Column
	}
	if n.Call == nil {
		return n, nil
	}
	c := *n.Call
	c.Args = make([]expr.Node, len(n.Call.Args))
	for i, a := range n.Call.Args {
		var loose *expr.Column
		if c.Args[i], loose = g.overKeys(a); loose != nil {
			return n, loose
		}
	}
	n.Call = &c
	return n, nil
}

// ungrouped says that a column in an expression is not grouped by, at the place where it stands.
func (g *groupBinder) ungrouped(e sql.Expr, name string) error {
	at := e.Pos()
	found := false
	sql.Walk(e, func(e sql.Expr) bool {
		if c, ok := e.(*sql.ColumnRef); ok && c.Name.Name == name && !found {
			at, found = c.Pos(), true
		}
		return !found
	})
	err := g.b.fault(at, "the column %s is neither grouped nor aggregated", name)
	if name == windowStart || name == windowEnd || name == windowTime {
		return err.Do("add it to GROUP BY")
	}
	return err.Do("add it to GROUP BY, or aggregate it, as in MAX(%s)", name)
}

// call binds an aggregate function; equal ones are computed once.
func (g *groupBinder) call(e *sql.Call) (expr.Node, error) {
	f := Function(strings.ToUpper(e.Name.Name))
	c := Call{Function: f, Kind: types.BigInt}
	switch {
	case e.Star && f != Count:
		return expr.Node{}, g.b.fault(e.At, "%s(*) has no meaning", f).Do("name a column, as in %s(x)", f)
	case !e.Star && len(e.Args) != 1:
		return expr.Node{}, g.b.fault(e.At, "%s takes one argument, not %d", f, len(e.Args))
	case e.Distinct && f != Min && f != Max:
		return expr.Node{}, g.b.fault(e.At, "%s(DISTINCT …) is not supported yet", f)
	}
	row := &rowBinder{b: g.b, rel: g.rel, clause: aggregateClause}
	if !e.Star {
		if err := g.argument(&c, e, row); err != nil {
			return expr.Node{}, err
		}
	}
	if e.Filter != nil {
		n, err := g.b.predicate(row, e.Filter)
		if err != nil {
			return n, err
		}
		if err := g.sessionArgument(n, e.Filter.Pos()); err != nil {
			return n, err
		}
		c.Filter = &n
	}
	if len(g.node.Calls) >= maxColumns {
		return expr.Node{}, g.b.fault(e.At, "a query has at most %d aggregates", maxColumns)
	}
	return g.result(c), nil
}

// argument binds the argument of an aggregate and decides the result's type.
func (g *groupBinder) argument(c *Call, e *sql.Call, row *rowBinder) error {
	n, err := row.bind(e.Args[0])
	if err != nil {
		return err
	}
	if n.Kind == types.Null {
		n = expr.Coerce(n, types.Int)
	}
	kind, ok := c.Function.result(n.Kind)
	if !ok {
		return g.b.fault(e.Args[0].Pos(), "%s takes %s, and %s is %s", c.Function, c.Function.takes(), e.Args[0], n.Kind).Do("CAST it")
	}
	if err := g.sessionArgument(n, e.Args[0].Pos()); err != nil {
		return err
	}
	c.Kind = kind
	if c.Function == Count && n.Literal != nil && !n.Literal.IsNull() {
		return nil // COUNT(1) counts rows, like COUNT(*)
	}
	c.Argument = &n
	return nil
}

// result returns the column of a call's result, a new one unless an equal call is there.
func (g *groupBinder) result(c Call) expr.Node {
	at := -1
	for i, other := range g.node.Calls {
		if other.Function == c.Function && equalOptional(other.Argument, c.Argument) && equalOptional(other.Filter, c.Filter) {
			at = i
			break
		}
	}
	if at < 0 {
		at = len(g.node.Calls)
		c.Name = strings.ToLower(string(c.Function)) + "_" + strconv.Itoa(at)
		g.node.Calls = append(g.node.Calls, c)
	}
	return expr.Node{Kind: c.Kind, Column: &expr.Column{Index: len(g.node.Keys) + at, Name: g.node.Calls[at].Name}}
}

// relation returns the groups.
func (g *groupBinder) relation() *relation {
	out := &relation{node: g.node, window: g.rel.window, grouped: true}
	for i, c := range g.node.Schema().Columns {
		col := column{name: c.Name, kind: c.Kind}
		if i < len(g.roles) {
			col.role = g.roles[i]
		}
		out.columns = append(out.columns, col)
	}
	return out
}

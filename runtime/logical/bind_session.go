package logical

import (
	"slices"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/sql"
)

// partition resolves PARTITION BY, which only sessions have.
func (b *binder) partition(f windowFunction, rel *relation, names []sql.Ident) ([]partitionColumn, error) {
	if len(names) > 0 && f.kind != Session {
		return nil, b.fault(names[0].At, "PARTITION BY has no meaning for %s: its windows are the same for all rows", f.kind).Do("leave it out, and GROUP BY %s", names[0].Name)
	}
	if len(names) > maxColumns {
		return nil, b.fault(names[maxColumns].At, "sessions are by at most %d columns", maxColumns)
	}
	list := make([]partitionColumn, len(names))
	for i, name := range names {
		at := rel.schema().Index(name.Name)
		if at < 0 {
			return nil, b.unknownColumn(name.At, name.Name, rel.schema(), rel.from)
		}
		list[i] = partitionColumn{at, name}
	}
	return list, nil
}

// ofSessions says whether the rows are those of sessions, not grouped yet: what session a row is in is not known.
func (r *relation) ofSessions() bool {
	return r.window != nil && r.window.Kind == Session && !r.grouped
}

// partitioned says whether a column is one of PARTITION BY.
func (r *relation) partitioned(column int) bool {
	return slices.ContainsFunc(r.partition, func(c partitionColumn) bool { return c.index == column })
}

// sessionRows refuses rows of sessions where they are not grouped at once.
func (b *binder) sessionRows(rel *relation, at sql.Pos) error {
	if !rel.ofSessions() {
		return nil
	}
	return b.fault(at, "rows of SESSION must be grouped: which session a row is in is known only when that is over").
		Do("GROUP BY the columns of PARTITION BY, window_start, window_end in this SELECT")
}

// sessionWhere refuses a condition over rows of sessions that would take rows away from between others: it would have
// to count after the sessions are cut.
func (b *binder) sessionWhere(rel *relation, n expr.Node, at sql.Pos) error {
	if !rel.ofSessions() {
		return nil
	}
	var loose *expr.Column
	visitColumns(n, func(c *expr.Column) {
		if loose == nil && !rel.partitioned(c.Index) {
			loose = c
		}
	})
	switch {
	case loose == nil:
		return nil
	case rel.columns[loose.Index].role.windowed():
		return b.fault(at, "WHERE can't read %s of SESSION: it is known only when the session is over", loose.Name).Do("write HAVING")
	default:
		return b.fault(at, "WHERE over the rows of SESSION can read only the columns of PARTITION BY, and not %s", loose.Name).
			Do("to leave rows out before sessions are cut, write SESSION(TABLE (SELECT … WHERE …) …); to count only some of a session's, COUNT(*) FILTER (WHERE …)")
	}
}

func visitColumns(n expr.Node, visit func(*expr.Column)) {
	if n.Column != nil {
		visit(n.Column)
	}
	if n.Call != nil {
		for _, a := range n.Call.Args {
			visitColumns(a, visit)
		}
	}
}

// sessionKeys looks that sessions are grouped by what they are parted by, and sees to it that start and end are keys.
func (g *groupBinder) sessionKeys(s *sql.Select) error {
	if !g.rel.ofSessions() {
		return nil
	}
	for i, k := range g.node.Keys {
		if g.roles[i].windowed() || k.Expr.Column != nil && g.rel.partitioned(k.Expr.Column.Index) {
			continue
		}
		at := g.keyAt(s, i)
		if readsWindow(g.rel, k.Expr) {
			return g.b.fault(at, "sessions are grouped by %s, %s or %s as they are", windowStart, windowEnd, windowTime).Do("compute with them in the SELECT")
		}
		return g.b.fault(at, "the sessions are not by %s", k.Name).Do("add it to PARTITION BY, or aggregate it")
	}
	for _, c := range g.rel.partition {
		if !slices.ContainsFunc(g.node.Keys, func(k Column) bool { return k.Expr.Column != nil && k.Expr.Column.Index == c.index }) {
			return g.b.fault(c.name.At, "the sessions are by %s, and the groups are not", c.name.Name).Do("add it to GROUP BY, or leave it out here")
		}
	}
	g.node.Session = &SessionKeys{Start: g.sessionKey(roleWindowStart), End: g.sessionKey(roleWindowEnd)}
	return nil
}

// sessionKey returns the key of a role, added if it is not there.
func (g *groupBinder) sessionKey(r role) int {
	if i := slices.Index(g.roles, r); i >= 0 {
		return i
	}
	column := g.rel.withRole(r)
	g.node.Windowed = append(g.node.Windowed, len(g.node.Keys))
	g.addKey(Column{Name: g.rel.columns[column].name, Expr: g.rel.read(column)}, r)
	return len(g.node.Keys) - 1
}

// keyAt returns where a key stands in GROUP BY.
func (g *groupBinder) keyAt(s *sql.Select, key int) sql.Pos {
	for _, e := range s.GroupBy {
		if keyName(e) == g.node.Keys[key].Name {
			return e.Pos()
		}
	}
	return s.At
}

// sessionArgument refuses an aggregate of a session's own bounds.
func (g *groupBinder) sessionArgument(n expr.Node, at sql.Pos) error {
	if g.rel.ofSessions() && readsWindow(g.rel, n) {
		return g.b.fault(at, "the bounds of a session can't be aggregated: they are known only when it is over").Do("they are the same for all its rows: select %s and %s", windowStart, windowEnd)
	}
	return nil
}

func readsWindow(r *relation, n expr.Node) bool {
	found := false
	columnsOf(n, func(i int) { found = found || r.columns[i].role.windowed() })
	return found
}

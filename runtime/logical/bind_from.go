package logical

import (
	"strings"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
)

// from binds what stands in FROM.
func (b *binder) from(t sql.TableRef) (*relation, error) {
	switch t := t.(type) {
	case *sql.TableName:
		rel, err := b.named(t.Name)
		return aliased(rel, t.Alias), err
	case *sql.Subquery:
		rel, err := b.query(t.Query)
		return aliased(rel, t.Alias), err
	case *sql.TableFunction:
		rel, err := b.tableFunction(t)
		return aliased(rel, t.Alias), err
	default:
		return nil, fault.New(fault.Bug, t.Pos().In(b.file), "no plan for a %T", t)
	}
}

func aliased(rel *relation, alias *sql.Ident) *relation {
	if rel == nil || alias == nil {
		return rel
	}
	return rel.called(alias.Name)
}

// named binds a table or view.
func (b *binder) named(name sql.Ident) (*relation, error) {
	if t := b.catalogue.tables[name.Name]; t != nil {
		return scanned(t), b.grow(name.At, len(t.Schema.Columns))
	}
	v := b.catalogue.views[name.Name]
	if v == nil {
		return nil, &UnknownTableError{name.Name, b.fault(name.At, "unknown table %s", name.Name).Do("%s", b.suggestTable(name.Name, b.catalogue.order))}
	}
	if len(b.open) >= maxOpenViews {
		return nil, b.fault(name.At, "views of views are nested deeper than %d", maxOpenViews)
	}
	b.open = append(b.open, name.Name)
	defer func() { b.open = b.open[:len(b.open)-1] }()
	rel, err := b.query(v.query)
	if err != nil {
		return nil, err
	}
	return rel.called(name.Name), nil
}

func (b *binder) suggestTable(name string, names []string) string {
	if len(names) == 0 {
		return "declare it by CREATE TABLE, or name it among the job's tables"
	}
	return suggest(name, names, "declare it by CREATE TABLE; there are ")
}

func scanned(t *spec.Table) *relation {
	rel := &relation{node: scanAll(t), from: t.Name}
	for _, c := range t.Schema.Columns {
		col := column{qualifier: t.Name, name: c.Name, kind: c.Kind}
		if t.EventTime != nil && t.EventTime.Column == c.Name {
			col.role = roleEventTime
		}
		rel.columns = append(rel.columns, col)
	}
	return rel
}

// tableFunction binds a function in FROM: each makes windows.
func (b *binder) tableFunction(t *sql.TableFunction) (*relation, error) {
	kind := WindowKind(strings.ToUpper(t.Name.Name))
	if f, ok := windowFunctionOf(kind); ok {
		return b.window(f, t)
	}
	return nil, b.fault(t.At, "unknown table function %s", t.Name.Name).Do("%s", suggest(t.Name.Name, []string{"TUMBLE", "HOP", "CUMULATE", "SESSION"}, "there are "))
}

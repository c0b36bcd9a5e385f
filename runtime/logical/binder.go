package logical

import (
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
)

// binder resolves one script.
type binder struct {
	file      string
	sink      string
	catalogue *catalogue
	// open are the views that are being expanded, outermost first, for messages and against runaway expansion.
	open []string
	// columns counts the columns of all steps made so far: views of views multiply.
	columns int
}

// Bounds of what a script may grow into when its views are expanded.
const (
	maxPlanColumns = 200_000
	maxOpenViews   = 100
)

// Bind resolves a script against the job's tables and what the script itself declares. Errors are *fault.Error of kind
// User with the place in the text.
func Bind(job spec.Job, script *sql.Script) (*Program, error) {
	b := &binder{file: job.File, sink: job.DefaultSink, catalogue: newCatalogue(job.Tables)}
	p := &Program{}
	for _, s := range script.Statements {
		insert, err := b.statement(s)
		if err != nil {
			return nil, err
		}
		if insert != nil {
			p.Inserts = append(p.Inserts, insert)
		}
	}
	if len(p.Inserts) == 0 {
		return nil, b.fault(script.Statements[len(script.Statements)-1].Pos(), "nothing in the text moves a row").
			Do("add INSERT INTO a table SELECT … behind the declarations")
	}
	return p, nil
}

func (b *binder) statement(s sql.Statement) (*Insert, error) {
	switch s := s.(type) {
	case *sql.CreateTable:
		if err := b.undeclared(s.Name); err != nil {
			return nil, err
		}
		t, err := b.declare(s)
		if err == nil {
			b.catalogue.addTable(t)
		}
		return nil, err
	case *sql.CreateView:
		return nil, b.declareView(s)
	case *sql.Insert:
		return b.insert(s)
	case *sql.QueryStatement:
		return b.bareQuery(s)
	default:
		return nil, fault.New(fault.Bug, s.Pos().In(b.file), "no plan for a %T", s)
	}
}

// declareView binds the query once, so that a mistake in a view that nothing uses is found too.
func (b *binder) declareView(s *sql.CreateView) error {
	if err := b.undeclared(s.Name); err != nil {
		return err
	}
	rel, err := b.query(s.Query)
	if err != nil {
		return err
	}
	if err := b.distinctNames(rel, s.Pos(), "the view "+s.Name.Name); err != nil {
		return err
	}
	b.catalogue.addView(s.Name.Name, s.Query)
	return nil
}

// undeclared refuses a name that a table or view has already.
func (b *binder) undeclared(name sql.Ident) error {
	switch {
	case b.catalogue.views[name.Name] != nil:
		return b.fault(name.At, "there is a view %s already", name.Name).Do("choose another name")
	case b.catalogue.tables[name.Name] != nil:
		return b.fault(name.At, "there is a table %s already", name.Name).Do("choose another name, or leave the declaration out to use that table")
	}
	return nil
}

// distinctNames refuses columns that can't be told apart by name.
func (b *binder) distinctNames(rel *relation, at sql.Pos, what string) error {
	seen := map[string]bool{}
	for _, c := range rel.columns {
		if seen[c.name] {
			return b.fault(at, "%s would have two columns %s", what, c.name).Do("name one of them otherwise with AS")
		}
		seen[c.name] = true
	}
	return nil
}

func (b *binder) fault(at sql.Pos, format string, args ...any) *fault.Error {
	return fault.New(fault.User, at.In(b.file), format, args...)
}

// placed gives an error that has no place the one of a node of the text.
func (b *binder) placed(err error, at sql.Pos) error {
	if f, ok := asFault(err); ok && f.Place == (fault.Place{}) {
		return f.At(at.In(b.file))
	}
	return err
}

// grow counts the columns of a step, and refuses scripts that expand without reason.
func (b *binder) grow(at sql.Pos, columns int) error {
	b.columns += 1 + columns
	if b.columns > maxPlanColumns {
		return b.fault(at, "the steps of the script have more than %d columns once its views are expanded", maxPlanColumns).Do("split it into several jobs")
	}
	return nil
}

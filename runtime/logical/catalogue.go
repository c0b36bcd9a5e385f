package logical

import (
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
)

// catalogue is what a query may name at one point of the script. Views are bound where they are used, so that each use
// reads only the columns that it needs.
type catalogue struct {
	tables map[string]*spec.Table
	views  map[string]*view
	// order lists all names as they were declared, for suggestions that do not depend on map order.
	order []string
}

// view is a declared view.
type view struct {
	query sql.Query
}

func newCatalogue(tables []spec.Table) *catalogue {
	c := &catalogue{tables: map[string]*spec.Table{}, views: map[string]*view{}}
	for i := range tables {
		c.addTable(&tables[i])
	}
	return c
}

func (c *catalogue) has(name string) bool {
	return c.tables[name] != nil || c.views[name] != nil
}

func (c *catalogue) addTable(t *spec.Table) {
	if !c.has(t.Name) {
		c.order = append(c.order, t.Name)
	}
	c.tables[t.Name] = t
}

func (c *catalogue) addView(name string, query sql.Query) {
	c.order = append(c.order, name)
	c.views[name] = &view{query: query}
}

// tableNames lists the tables alone, which is what an INSERT may name.
func (c *catalogue) tableNames() []string {
	var names []string
	for _, n := range c.order {
		if c.tables[n] != nil {
			names = append(names, n)
		}
	}
	return names
}

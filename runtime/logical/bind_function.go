package logical

import (
	"strings"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/sql"
)

// function binds a call by name.
func (b *binder) function(e *sql.Call, in expressions) (expr.Node, error) {
	name := canonicalName(e.Name.Name)
	switch {
	case e.Star:
		return expr.Node{}, b.fault(e.At, "only COUNT takes *").Do("name a column")
	case e.Distinct, e.Filter != nil:
		return expr.Node{}, b.fault(e.At, "%s is no aggregate function, so DISTINCT and FILTER have no place in it", e.Name.Name)
	}
	if indexOf(expr.Functions(), name) < 0 {
		return expr.Node{}, b.unknownFunction(e)
	}
	return b.apply(name, e.At, in, e.Args...)
}

// canonicalName maps the usual other names of functions.
func canonicalName(name string) string {
	name = strings.ToUpper(name)
	switch name {
	case "CHARACTER_LENGTH", "LENGTH":
		return "CHAR_LENGTH"
	case "SUBSTR":
		return "SUBSTRING"
	case "CEILING":
		return "CEIL"
	case "DAYOFMONTH":
		return "DAY"
	case "IFNULL":
		return "COALESCE"
	}
	return name
}

func indexOf(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}

// unknownFunction says that there is no such function, with a word on those that stream queries often use.
func (b *binder) unknownFunction(e *sql.Call) error {
	name := strings.ToUpper(e.Name.Name)
	switch {
	case windowPrefix(name) != "":
		if f, ok := windowFunctionOf(windowPrefix(name)); ok {
			return b.fault(e.At, "%s is not a function of rows", name).Do("%s; its columns are %s and %s", f.form, windowStart, windowEnd)
		}
		return b.fault(e.At, "%s windows are not supported yet", windowPrefix(name)).Do(tumbleForm)
	case strings.HasPrefix(name, "CURRENT_"), strings.HasPrefix(name, "LOCALTIME"), name == "NOW", name == "PROCTIME", name == "UNIX_TIMESTAMP":
		return b.fault(e.At, "%s is not supported yet: the result would depend on when a row is processed", name).Do("use the table's event time")
	}
	known := append(expr.Functions(), aggregateNames()...)
	return b.fault(e.At, "unknown function %s", e.Name.Name).Do("%s", suggestFunction(e.Name.Name, known))
}

// windowPrefix returns the kind of window that a function is called after, as TUMBLE and TUMBLE_START are, or nothing.
func windowPrefix(name string) WindowKind {
	for _, kind := range []WindowKind{Tumble, Hop, Cumulate, Session} {
		if strings.HasPrefix(name, string(kind)) {
			return kind
		}
	}
	return ""
}

// suggestFunction names the near function, else where all of them are listed.
func suggestFunction(name string, known []string) string {
	s := suggest(name, known, "")
	if strings.HasPrefix(s, "did you mean") {
		return s
	}
	return "the functions are listed in docs/reference/functions.md"
}

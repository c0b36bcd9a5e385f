package expr

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/runtime/types"
)

// group is a section of the reference page.
type group string

const (
	groupArithmetic  group = "Arithmetic"
	groupComparison  group = "Comparison"
	groupLogic       group = "Logic"
	groupConditional group = "Conditional"
	groupNumeric     group = "Numeric functions"
	groupString      group = "String functions"
	groupTime        group = "Time functions"
	groupConversion  group = "Conversion"
)

// function is a row of the function table: what the planner, the compiler and the reference page know of a function.
// Exactly one of overloads and rule is set.
type function struct {
	name  string
	group group
	// syntax is how it is written in SQL, and text says in a sentence or two what it does.
	syntax, text string
	// operator says that SQL writes it by syntax of its own, never as name(arguments).
	operator bool
	// literals says that make looks at arguments that must be, or are better, literals.
	literals bool
	// overloads are tried in order; the first to whose arguments the given ones convert implicitly is taken.
	overloads []overload
	// rule types a polymorphic function, and signature describes the rule on the reference page.
	rule      rule
	signature string
	// make builds the code of a call.
	make maker
}

// overload is a list of argument types with its result.
type overload struct {
	args   []types.Kind
	result types.Kind
}

// rule decides a call's result type and the types that its arguments are converted to; false refuses the call.
type rule func(args []types.Kind) (result types.Kind, casts []types.Kind, ok bool)

// resolve finds the types of a call.
func (f *function) resolve(args []types.Kind) (types.Kind, []types.Kind, bool) {
	if f.rule != nil {
		return f.rule(args)
	}
	for _, o := range f.overloads {
		if o.takes(args) {
			return o.result, o.args, true
		}
	}
	return types.Invalid, nil, false
}

// signatures lists what the function takes and gives, a line an overload.
func (f *function) signatures() []string {
	if f.rule != nil {
		return []string{f.signature}
	}
	lines := make([]string, len(f.overloads))
	for i, o := range f.overloads {
		lines[i] = "(" + kindList(o.args) + ") → " + o.result.String()
	}
	return lines
}

func (o overload) takes(args []types.Kind) bool {
	return slices.EqualFunc(args, o.args, implicit)
}

func kindList(kinds []types.Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.String()
	}
	return strings.Join(names, ", ")
}

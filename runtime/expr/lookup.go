package expr

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// Lookup resolves a call by name and argument types: the result's type, and the types that the arguments are to be
// converted to (Coerce does it), one each. Names are in upper case. CAST and TRY_CAST are not resolved here, since their
// target is not an argument: ask CheckCast. The error is of kind User, and has no place: the caller knows it.
func Lookup(name string, args []types.Kind) (result types.Kind, casts []types.Kind, err error) {
	f, ok := find(name)
	if !ok {
		return types.Invalid, nil, fault.New(fault.User, fault.Place{}, "unknown function %s", name)
	}
	result, casts, ok = f.resolve(args)
	if ok {
		return result, casts, nil
	}
	return types.Invalid, nil, refusal(&f, args)
}

// Functions lists the names that SQL may call as name(arguments), in ascending order. Operators and functions behind
// syntax of their own are not among them, although Lookup knows them.
func Functions() []string {
	var names []string
	for _, f := range table() {
		if !f.operator {
			names = append(names, f.name)
		}
	}
	slices.Sort(names)
	return names
}

// refusal says which types the function would take.
func refusal(f *function, args []types.Kind) error {
	name := f.name
	if !strings.Contains(f.syntax, name) {
		name = f.syntax // SQL does not know the name
	}
	var e *fault.Error
	switch {
	case len(args) == 0:
		e = fault.New(fault.User, fault.Place{}, "%s needs arguments", name)
	case f.operator:
		e = fault.New(fault.User, fault.Place{}, "%s does not apply to %s", name, kindList(args))
	default:
		e = fault.New(fault.User, fault.Place{}, "%s does not take (%s)", name, kindList(args))
	}
	signatures := f.signatures()
	if len(signatures) == 1 {
		return e.Do("write %s with %s", f.syntax, signatures[0])
	}
	return e.Do("write %s with one of %s", f.syntax, strings.Join(signatures, ", "))
}

func find(name string) (function, bool) {
	for _, section := range sections() {
		for _, f := range section() {
			if f.name == name {
				return f, true
			}
		}
	}
	return function{}, false
}

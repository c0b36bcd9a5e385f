package v1alpha1

import "strings"

// Change says what a change of a spec field does to a running job. The kinds are explained in the package's story.
type Change string

// The kinds of change, from the mildest to the one that is not allowed.
const (
	// ChangeIgnore leaves the running job alone.
	ChangeIgnore Change = "Ignore"
	// ChangeRescale moves tasks between workers; nothing restarts.
	ChangeRescale Change = "Rescale"
	// ChangeRoll replaces the worker pods one by one.
	ChangeRoll Change = "Roll"
	// ChangeSavepoint makes a new plan.
	ChangeSavepoint Change = "Savepoint"
	// ChangeImmutable is refused by the API server.
	ChangeImmutable Change = "Immutable"
)

// ChangeOf returns what a change of the field at a path such as "spec.state.storage.size" does, by the nearest
// documented field at or above it; list indexes are left out of paths ("spec.schema.columns.name"). It returns
// ChangeSavepoint, the careful answer, for a path that no field covers.
func ChangeOf(kind, path string) Change {
	changes := fieldChanges(kind)
	for path != "" {
		if c, ok := changes[path]; ok {
			return c
		}
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			break
		}
		path = path[:i]
	}
	return ChangeSavepoint
}

// Part returns the fields of a kind's spec, as JSON has them, that are to be kept, by what a change of each does. Fields that no marker covers in
// particular follow their parent. The values are those of the tree, and not copied; objects of which nothing is kept are left out.
func Part(kind string, spec map[string]any, keep func(path string, change Change) bool) map[string]any {
	return part(kind, spec, "spec", keep)
}

func part(kind string, tree map[string]any, path string, keep func(path string, change Change) bool) map[string]any {
	kept := map[string]any{}
	for name, value := range tree {
		at := path + "." + name
		inner, isObject := value.(map[string]any)
		switch {
		case isObject:
			if below := part(kind, inner, at, keep); len(below) > 0 {
				kept[name] = below
			}
		case keep(at, ChangeOf(kind, at)):
			kept[name] = value
		}
	}
	return kept
}

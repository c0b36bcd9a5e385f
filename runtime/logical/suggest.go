package logical

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/runtime/fault"
)

// suggest returns the remedy for a wrong name: the near one when there is one, else all that exist behind an intro.
func suggest(name string, candidates []string, intro string) string {
	if near, ok := fault.Nearest(name, candidates); ok {
		return "did you mean " + near + "?"
	}
	const most = 20
	more := ""
	if len(candidates) > most {
		more = " and " + strconv.Itoa(len(candidates)-most) + " more"
		candidates = candidates[:most]
	}
	if len(candidates) == 0 {
		return intro + "none"
	}
	return intro + strings.Join(candidates, ", ") + more
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

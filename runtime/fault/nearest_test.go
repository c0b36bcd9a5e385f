package fault_test

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/fault"
)

func TestNearest(t *testing.T) {
	long := strings.Repeat("x", 129)
	cases := map[string]struct {
		name       string
		candidates []string
		want       string
	}{
		"a swap of neighbours is one edit":       {"FORM", []string{"WHERE", "FROM"}, "FROM"},
		"one letter missing":                     {"dep_dely", []string{"arr_delay", "dep_delay"}, "dep_delay"},
		"two edits in a long name":               {"carier_", []string{"carrier"}, "carrier"},
		"case does not count":                    {"Carrier", []string{"carriers", "carrier"}, "carrier"},
		"the first of equals":                    {"bid", []string{"bin", "bit"}, "bin"},
		"the fewest edits win over the first":    {"amount", []string{"amoun", "amount_", "Amount"}, "Amount"},
		"two edits are too many in a short name": {"abs", []string{"avg"}, ""},
		"a single letter has no neighbours":      {"a", []string{"b"}, ""},
		"a single letter in another case":        {"a", []string{"A"}, "A"},
		"nothing is near":                        {"carrier", []string{"origin", "dest"}, ""},
		"no candidates":                          {"carrier", nil, ""},
		"an empty name":                          {"", []string{"a"}, ""},
		"letters beyond ASCII count once":        {"größe", []string{"grösse", "größen"}, "größen"},
		"a name beyond the bound":                {long, []string{long}, ""},
		"a name at the bound":                    {long[1:], []string{long[1:]}, long[1:]},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, ok := fault.Nearest(c.name, c.candidates)
			if got != c.want || ok != (c.want != "") {
				t.Errorf("got %q %v, want %q", got, ok, c.want)
			}
		})
	}
}

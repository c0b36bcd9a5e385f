package expr

import "testing"

func TestEachFunctionIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range table() {
		switch {
		case seen[f.name]:
			t.Errorf("%s stands twice in the table", f.name)
		case f.make == nil:
			t.Errorf("%s has no code", f.name)
		case f.group == "" || f.syntax == "" || f.text == "":
			t.Errorf("%s is not explained", f.name)
		case (f.rule == nil) == (len(f.overloads) == 0) || (f.rule == nil) != (f.signature == ""):
			t.Errorf("%s must have overloads, or a rule with its signature", f.name)
		}
		seen[f.name] = true
	}
}

package sim

import (
	"strings"
	"testing"
)

// A plan that was written down is the plan that was played.
func TestAScriptSaysWhatASeedMet(t *testing.T) {
	seed := *first
	s := &Script{Seed: seed}
	if o := run(t, seed, s.Record(seedPlan(seed))); o.wrong != "" {
		t.Error(o.wrong)
	}
	text := s.String()
	read, err := ParseScript(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := read.String(); got != text {
		t.Errorf("written:\n%s\nread:\n%s", text, got)
	}
	for _, kind := range []string{"at ", "fault ", "marker ", "offset "} {
		if !strings.Contains(text, "\n"+kind) {
			t.Errorf("no line %q in\n%s", kind, text)
		}
	}
	plan, want := read.Plan(), seedPlan(seed)
	for at, f := range read.faults {
		if plan.Fault(at) != f || want.Fault(at) != f {
			t.Errorf("%v: %s, the seed says %s", at, plan.Fault(at), want.Fault(at))
		}
	}
}

func TestAScriptWithAMistakeIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"seed x":                            `line 1: "x" is no number`,
		"seed 1\n\nat 1s jump worker=1":     `line 3: unknown event "jump"`,
		"at 1s start":                       "line 1: worker= is missing",
		"at 1s start worker=1 for=2s":       "line 1: it says more than",
		"fault id=a txn=1 request=EndTxn":   "line 1: try= is missing",
		"marker id=a txn=1 at=copy late=1s": `line 1: "copy" is no partition`,
		"rain":                              `line 1: unknown kind of line "rain"`,
	} {
		if _, err := ParseScript(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

package plan

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAPlanIsItsText(t *testing.T) {
	for seed := range uint64(50) {
		want := Draw(seed, 10*time.Minute)
		got, err := Parse("# seed\n\n" + want.String())
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("seed %d: %d faults, read back as %d", seed, len(want), len(got))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("seed %d: %s, read back as %s", seed, want[i], got[i])
			}
		}
		if again := Draw(seed, 10*time.Minute); !slices.Equal(again, want) {
			t.Errorf("seed %d has two plans", seed)
		}
	}
}

func TestWhatIsWrittenByHandIsRead(t *testing.T) {
	const text = `
12.4s  kill worker=1 for=500ms   # comes back at once
1m     proxy delay for=2s to=workers by=0.25s
3s     scale workers=4
`
	want := Plan{
		{At: 3 * time.Second, Kind: Scale, Workers: 4},
		{At: 12_400 * time.Millisecond, Kind: Kill, Worker: 1, For: 500 * time.Millisecond},
		{At: time.Minute, Kind: Delay, To: ToWorkers, By: 250 * time.Millisecond, For: 2 * time.Second},
	}
	got, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := got.Workers(), 4; got != want {
		t.Errorf("%d workers, want %d", got, want)
	}
	if got, want := got.Until(20*time.Second).Count(), "kill 1, scale 1"; got != want {
		t.Errorf("counted %q, want %q", got, want)
	}
}

func TestWhatIsNoPlanIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"soon kill worker=1 for=1s":                   "invalid duration",
		"1s explode":                                  "no kind of fault",
		"1s kill for=1s":                              "names other things",
		"1s kill worker=1 for=1s to=broker":           "names other things",
		"1s kill worker=16 for=1s":                    "not between 0 and 15",
		"1s scale workers=0":                          "not between 1 and 16",
		"1s proxy stall to=nowhere for=1s":            "neither broker nor workers",
		"1s proxy cut\n2s proxy cut loudly=very":      "line 2: ",
		"-1s proxy cut":                               "not between 0 and 24h",
		"1s stop worker=0 for=25h":                    "not between 0 and 24h",
		"1s proxy delay to=workers by=x for=1s":       "by: ",
		"1s proxy delay to=workers by=2s by=1s for=1": "for: ",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", text, err, want)
		}
	}
}

func TestEveryKindComesWithinAMinuteAndAHalf(t *testing.T) {
	for seed := range uint64(20) {
		p := Draw(seed, 90*time.Second)
		for _, k := range kinds() {
			if !slices.ContainsFunc(p, func(f Fault) bool { return f.Kind == k.Kind }) {
				t.Errorf("seed %d: no %s in\n%s", seed, k.Kind, p)
			}
		}
	}
}

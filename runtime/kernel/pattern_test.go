package kernel

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// chains are expressions that are matched over bytes, and others those that are left to the library.
var chains = []string{
	`(&|^)channel_id=([^&]*)`, `^https?://([^/]+)/`, `a`, `a([^b]*)b`, `(a|b|ab)=([a-b]+)`, `x?y=(.*)$`, `^a*$`, `^(éa|a)b(.*)`,
	`a(b??)(c*)`, `[a-c]=(\d+)`, `&([^=]+)=([^&]*)`, `a.*\z`, `^`, `(ab)(=+)([^=\n]*)$`,
}

var others = []string{
	`a.*b`, `(?i)a=b`, `[^a]b`, `\bab`, `a|(b)`, `(a)?b`, `(?m)^a`, `a*?b`, `[éa]=`, `&([^&]*)&?`, `b*a`, `a{2,3}b`, `�`, `(ab)*=`, `.*`, `[a-z]*[a-z]`,
}

func TestWhichPatternsAreChains(t *testing.T) {
	for _, e := range chains {
		if newChain(e, 0) == nil {
			t.Errorf("%s is left to the library", e)
		}
	}
	for _, e := range others {
		if newChain(e, 0) != nil {
			t.Errorf("%s is taken for a chain", e)
		}
	}
}

// text is of an alphabet in which the patterns find something, with characters of several bytes and damaged ones.
func text(random *rand.Rand) []byte {
	parts := []string{"a", "b", "c", "ab", "=", "&", "é", "\xff", "\xc3", "\xa9", "\n", "/", "://", "http", "s", "channel_id=", "1", "x", "y", "�", "https://a/"}
	var b strings.Builder
	for range random.IntN(12) {
		b.WriteString(parts[random.IntN(len(parts))])
	}
	return []byte(b.String())
}

func compare(t *testing.T, expression string, s []byte) {
	t.Helper()
	re := regexp.MustCompile(expression)
	want := re.FindSubmatchIndex(s)
	for group := range re.NumSubexp() + 1 {
		p, err := CompilePattern(expression, group)
		if err != nil {
			t.Fatal(err)
		}
		from, to, found := p.Find(s)
		switch {
		case want == nil || want[2*group] < 0:
			if found {
				t.Errorf("%s group %d in %q: %d to %d, want nothing", expression, group, s, from, to)
			}
		case !found || from != want[2*group] || to != want[2*group+1]:
			t.Errorf("%s group %d in %q: %d to %d (%v), want %v", expression, group, s, from, to, found, want[2*group:2*group+2])
		}
	}
}

func TestPatternsFindWhatTheLibraryFinds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, e := range append(chains, others...) {
		for range 300 {
			compare(t, e, text(random))
		}
	}
}

// TestMadePatterns makes expressions of pieces, so that chains are met that nobody thought of.
func TestMadePatterns(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pieces := []string{"a", "b", "ab", "=", "&", "é", "[^&]*", "[^&]+", "[ab]", "[ab]*", "[ab]+", ".*", "(a|b)", "(&|^)", "(=|$)", "x?", "x??", "(c)", "([^=]*)", "^", "$", "(a|ab|)", "\\d+", "[^b]", "a*"}
	made := 0
	for range 4000 {
		var b strings.Builder
		for range 1 + random.IntN(5) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		if newChain(b.String(), 0) != nil {
			made++
		}
		for range 8 {
			compare(t, b.String(), text(random))
		}
		if t.Failed() {
			return
		}
	}
	if made < 1000 {
		t.Errorf("only %d of the expressions were chains", made)
	}
}

func FuzzPattern(f *testing.F) {
	for _, e := range append(chains, others...) {
		f.Add(e, []byte("a=b&channel_id=1/é"))
	}
	f.Fuzz(func(t *testing.T, expression string, s []byte) {
		if _, err := regexp.Compile(expression); err != nil || len(expression) > 100 {
			t.Skip()
		}
		compare(t, expression, s)
	})
}

// TestALongRowIsLeftToTheLibrary holds what would take a chain time by the square of the length.
func TestALongRowIsLeftToTheLibrary(t *testing.T) {
	s := []byte(strings.Repeat("a=", 50_000))
	if got := newChain(`a([^b]*)b`, 1).find(s); got != undecided {
		t.Errorf("the outcome is %d", got)
	}
	compare(t, `a([^b]*)b`, s)
}

func BenchmarkPattern(b *testing.B) {
	url := []byte("https://www.nexmark.com/hqdzhm/xyzvq/item.htm?query=1&channel_id=34359738368")
	p, err := CompilePattern(`(&|^)channel_id=([^&]*)`, 2)
	if err != nil {
		b.Fatal(err)
	}
	library := &Pattern{re: p.re, group: 2}
	for name, p := range map[string]*Pattern{"chain": p, "library": library} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, found := p.Find(url); !found {
					b.Fatal("nothing found")
				}
			}
		})
	}
}

package cluster

import (
	"slices"
	"strings"
)

const (
	// around is how many lines that are the same are shown before and after a change.
	around = 3
	// mostPairs bounds the comparison of what differs: beyond it all of the one text is shown, then all of the other.
	mostPairs = 4 << 20
)

// diff writes what differs between two texts line by line, "-" before what is gone and "+" before what is new; long runs of lines that are the
// same are left out.
func diff(before, after string) string {
	a, b := slices.Collect(strings.Lines(before)), slices.Collect(strings.Lines(after))
	var marked []string
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		marked = append(marked, "  "+a[head])
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	marked = append(marked, differing(a[head:len(a)-tail], b[head:len(b)-tail])...)
	for _, line := range a[len(a)-tail:] {
		marked = append(marked, "  "+line)
	}
	return shortened(marked)
}

// differing compares by the longest sequence of lines that both have.
func differing(a, b []string) []string {
	var marked []string
	i, j := 0, 0
	if len(a)*len(b) <= mostPairs {
		common := commonLengths(a, b)
		for i < len(a) && j < len(b) {
			switch {
			case a[i] == b[j]:
				marked = append(marked, "  "+a[i])
				i, j = i+1, j+1
			case common[i+1][j] >= common[i][j+1]:
				marked = append(marked, "- "+a[i])
				i++
			default:
				marked = append(marked, "+ "+b[j])
				j++
			}
		}
	}
	for _, line := range a[i:] {
		marked = append(marked, "- "+line)
	}
	for _, line := range b[j:] {
		marked = append(marked, "+ "+line)
	}
	return marked
}

// commonLengths says how many lines the longest common sequence of a[i:] and b[j:] has.
func commonLengths(a, b []string) [][]int32 {
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i, line := range slices.Backward(a) {
		for j, other := range slices.Backward(b) {
			if line == other {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	return common
}

// shortened leaves out what is far from any change, where that is more than a line.
func shortened(marked []string) string {
	var b strings.Builder
	var far []string
	flush := func() {
		if len(far) > 1 {
			far = []string{"  …\n"}
		}
		b.WriteString(strings.Join(far, ""))
		far = nil
	}
	for i, line := range marked {
		window := marked[max(0, i-around):min(len(marked), i+around+1)]
		if !slices.ContainsFunc(window, func(l string) bool { return !strings.HasPrefix(l, "  ") }) {
			far = append(far, line)
			continue
		}
		flush()
		b.WriteString(line)
	}
	flush()
	return b.String()
}

package fault

import "strings"

// maxNearestLength bounds the names that Nearest compares, in characters; longer ones are never near.
const maxNearestLength = 128

// Nearest returns the candidate that a person most likely meant by name, for "did you mean" remedies: the one with the
// fewest edits (insert, delete, replace, swap of neighbours; case does not count), the first of equals. It answers false
// when none is near: two edits at most, one for names of up to four characters, none for a single character.
func Nearest(name string, candidates []string) (string, bool) {
	word := []rune(strings.ToLower(name))
	limit := 2
	switch n := len(word); {
	case n > maxNearestLength:
		return "", false
	case n <= 1:
		limit = 0
	case n <= 4:
		limit = 1
	}
	best, found := "", false
	for _, c := range candidates {
		other := []rune(strings.ToLower(c))
		if d := len(other) - len(word); d > limit || -d > limit {
			continue
		}
		if d := edits(word, other); d <= limit && (!found || d < limit) {
			best, found, limit = c, true, d
		}
	}
	return best, found
}

// edits is the optimal string alignment distance: Levenshtein's, with a swap of neighbours as one edit.
func edits(a, b []rune) int {
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := prev[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, prev[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}

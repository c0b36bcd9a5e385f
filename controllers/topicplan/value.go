package topicplan

import (
	"slices"
	"strconv"
	"strings"
)

// sameValue says whether two configuration values are one: brokers answer with what they have parsed, "0.5" for "0.50" and
// "compact,delete" for "compact, delete". Taken for drift it would be put back for ever.
func sameValue(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := strconv.ParseInt(strings.TrimSpace(a), 10, 64)
	y, errY := strconv.ParseInt(strings.TrimSpace(b), 10, 64)
	if errX == nil && errY == nil {
		return x == y
	}
	v, errV := strconv.ParseFloat(strings.TrimSpace(a), 64)
	w, errW := strconv.ParseFloat(strings.TrimSpace(b), 64)
	if errV == nil && errW == nil {
		return v == w
	}
	if strings.EqualFold(a, "true") || strings.EqualFold(a, "false") {
		return strings.EqualFold(a, b)
	}
	return slices.Equal(items(a), items(b))
}

// items splits a list.
func items(list string) []string {
	parts := strings.Split(list, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

package operator

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

// StateNames gives the columns of a state their names: no two that differ in case alone. Names are given in this order:
// the window's columns, keys, calls. So a name depends on what it stands for, and hardly ever on its neighbours.
type StateNames struct{ taken map[string]bool }

// Take returns a name, with a number behind it if it has been given before.
func (n *StateNames) Take(name string) string {
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	out := name
	for i := 2; n.taken[strings.ToLower(out)]; i++ {
		out = name + "_" + strconv.Itoa(i)
	}
	n.taken[strings.ToLower(out)] = true
	return out
}

// maxNameBytes bounds what an expression makes of a name.
const maxNameBytes = 40

// CallName makes a column's name of an aggregate function as SQL writes it: count of COUNT(*), sum_price of SUM(price). Where
// more than that had to be left out or changed, some of a checksum of the text follows, so that two functions have two names.
func CallName(text string) string {
	if simple := regexp.MustCompile(`^([A-Z]+)\(([a-z][a-z0-9_]*|\*)\)$`).FindStringSubmatch(text); simple != nil && len(text) <= maxNameBytes {
		return strings.ToLower(simple[1]) + strings.TrimSuffix("_"+simple[2], "_*")
	}
	name := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(text), "_"), "_")
	const digits = 4
	sum := sha256.Sum256([]byte(text))
	return strings.Trim(name[:min(len(name), maxNameBytes)], "_") + "_" + hex.EncodeToString(sum[:])[:digits]
}

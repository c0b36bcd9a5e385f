package compat

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/types"
)

// Outcome says what a plan makes of the state of an operator.
type Outcome string

// The outcomes.
const (
	// Same: it goes on as it was.
	Same Outcome = "Same"
	// Compatible: it goes on; Changes says what begins empty, is dropped, or becomes another type.
	Compatible Outcome = "Compatible"
	// Incompatible: the plan has an operator that is like it, and can't take its state; Why says for what reason.
	Incompatible Outcome = "Incompatible"
	// Added: there is nothing for it; it begins empty.
	Added Outcome = "Added"
	// Removed: the plan has no operator for it.
	Removed Outcome = "Removed"
)

// Verdict is about one operator.
type Verdict struct {
	Outcome Outcome
	// Operator is the plan's, empty for one that was removed; From is the one that it takes over from, empty for one that was added.
	Operator, From string
	// Changes are what is not the same, for people.
	Changes []string
	// Why is the reason of Incompatible.
	Why string
}

// Compare says operator by operator what a plan makes of the state of another: first the plan's operators, in its order, then
// those that were removed. Operators are found again by their id, which is the same while they compute the same, and else by
// their groups: the topic, its event time, the window and the keys. Of several the best pairs are made first.
func Compare(old, now *physical.Plan) ([]Verdict, error) {
	had, err := shapes(old)
	if err != nil {
		return nil, err
	}
	have, err := shapes(now)
	if err != nil {
		return nil, err
	}
	c := comparison{had: had, have: have, of: make([]int, len(have)), taken: make([]bool, len(had))}
	c.match()
	return c.verdicts(), nil
}

// Refuse returns an error of kind User when one of the verdicts is that state can't be taken over, which says all the reasons. Operators
// that were removed are a reason unless their state is to be dropped.
func Refuse(verdicts []Verdict, dropRemoved bool) error {
	var reasons []string
	remedy := "change the query back, or start without the state"
	for _, v := range verdicts {
		switch v.Outcome {
		case Incompatible:
			reasons = append(reasons, "the state of "+v.From+" is of no use for "+v.Operator+": "+v.Why)
		case Removed:
			if !dropRemoved {
				reasons = append(reasons, "nothing in the plan takes the state of "+v.From)
				remedy = "ask for the state of removed operators to be dropped, or change the query back"
			}
		case Same, Compatible, Added:
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	return fault.New(fault.User, fault.Place{}, "the plan can't go on with the state there is: %s", strings.Join(reasons, ", and ")).Do("%s", remedy)
}

// comparison pairs the operators of two plans.
type comparison struct {
	had, have []shape
	// of is, for each that the plan has, the one that it takes over from, or -1; taken marks these.
	of    []int
	taken []bool
}

// match pairs operators: the same id first, then the same groups, those first that have most functions in common.
func (c *comparison) match() {
	for i := range c.have {
		c.of[i] = -1
	}
	c.pair(func(now, old *shape) int {
		if now.id == old.id {
			return 1
		}
		return 0
	})
	c.pair(func(now, old *shape) int {
		if now.groups(old) {
			return 1 + now.shared(old)
		}
		return 0
	})
}

// pair pairs what is left, the highest score first, down to 1. Of equal ones the first of the plan gets the first of the other.
func (c *comparison) pair(score func(now, old *shape) int) {
	for {
		best, now, old := 0, 0, 0
		for i := range c.have {
			for j := range c.had {
				if c.of[i] >= 0 || c.taken[j] {
					continue
				}
				if n := score(&c.have[i], &c.had[j]); n > best {
					best, now, old = n, i, j
				}
			}
		}
		if best == 0 {
			return
		}
		c.of[now], c.taken[old] = old, true
	}
}

func (c *comparison) verdicts() []Verdict {
	var out []Verdict
	for i := range c.have {
		now := &c.have[i]
		if j := c.of[i]; j >= 0 {
			out = append(out, now.from(&c.had[j]))
			continue
		}
		v := Verdict{Outcome: Added, Operator: now.id}
		for j := range c.had {
			if why := now.differs(&c.had[j]); why != "" && !c.taken[j] {
				c.taken[j] = true
				v = Verdict{Outcome: Incompatible, Operator: now.id, From: c.had[j].id, Why: why}
				break
			}
		}
		out = append(out, v)
	}
	for j := range c.had {
		if !c.taken[j] {
			out = append(out, Verdict{Outcome: Removed, From: c.had[j].id})
		}
	}
	return out
}

// from compares an operator with the one that it takes over from: their groups are the same.
func (s *shape) from(old *shape) Verdict {
	v := Verdict{Outcome: Same, Operator: s.id, From: old.id}
	for _, k := range s.keys {
		i := slices.IndexFunc(old.keys, func(o types.Column) bool { return o.Name == k.Name })
		switch was := old.keys[i].Kind; {
		case was == k.Kind:
		case was == types.Int && k.Kind == types.BigInt: // which are grouped and hashed alike
			v.Changes = append(v.Changes, k.Name+" becomes "+k.Kind.String())
		default:
			v.Outcome, v.Why = Incompatible, k.Name+" is "+k.Kind.String()+" and was "+was.String()
			return v
		}
	}
	for _, c := range s.calls {
		i := slices.IndexFunc(old.calls, func(o call) bool { return o.text == c.text })
		switch {
		case i < 0:
			v.Changes = append(v.Changes, c.text+" begins empty")
		case old.calls[i].kind == c.kind:
		case Widens(old.calls[i].kind, c.kind):
			v.Changes = append(v.Changes, c.text+" becomes "+c.kind.String())
		default:
			v.Outcome, v.Why = Incompatible, c.text+" is of "+c.kind.String()+" and was of "+old.calls[i].kind.String()
			return v
		}
	}
	for _, c := range old.calls {
		if !slices.ContainsFunc(s.calls, func(o call) bool { return o.text == c.text }) {
			v.Changes = append(v.Changes, c.text+" is dropped")
		}
	}
	if len(v.Changes) > 0 {
		v.Outcome = Compatible
	}
	return v
}

// Widens says whether all values of a type have one of another that means the same. Not every BIGINT is a DOUBLE: those that
// are not are found when they are read.
func Widens(from, to types.Kind) bool {
	return from == types.Int && (to == types.BigInt || to == types.Double) || from == types.BigInt && to == types.Double
}

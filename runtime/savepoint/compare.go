package savepoint

import (
	"github.com/millrace/millrace/runtime/compat"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
)

// Compare says operator by operator what a plan makes of a savepoint; see package compat.
func Compare(m *Manifest, plan *physical.Plan) ([]compat.Verdict, error) {
	old, err := physical.Decode(m.Plan)
	if err != nil {
		return nil, fault.Wrap(fault.KindOf(err), err, "read the plan of savepoint %s", m.ID)
	}
	return compat.Compare(old, plan)
}

// Check returns an error of kind User when a plan can't start from a savepoint, which says all the reasons. Operators that
// were removed are a reason unless their state is to be dropped.
func Check(m *Manifest, plan *physical.Plan, dropRemoved bool) error {
	verdicts, err := Compare(m, plan)
	if err != nil {
		return err
	}
	return compat.Refuse(verdicts, dropRemoved)
}

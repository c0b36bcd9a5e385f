package physical

import (
	"github.com/millrace/millrace/runtime/fault"
)

// formatControl is the first format whose workers have a control topic, write laps, cuts and owners, and emit windows in goes.
const formatControl = 3

// HasControl says whether the job has a control topic, and with it savepoints, and sources that wait for others: marks and offsets may
// then say where a task was cut.
func (p *Plan) HasControl() bool { return p.Format >= formatControl }

// HasLaps says whether the records of changelogs may tell of laps.
func (p *Plan) HasLaps() bool { return p.Format >= formatControl }

// HasDelivery says whether commits may be no transactions: marks and changelogs then name their owners.
func (p *Plan) HasDelivery() bool { return p.Format >= formatControl }

// HasGoes says whether the state of an aggregate may tell of a window that was emitted in part.
func (p *Plan) HasGoes() bool { return p.Format >= formatControl }

// SealAs is Seal for a document that an older version reads too: format is Format or one that is not below OldestFormat. A plan that needs
// what the format does not have is a User error.
func (p *Plan) SealAs(format int) error {
	if format < OldestFormat || format > Format {
		return fault.New(fault.Bug, fault.Place{}, "a plan of format %d, where %d to %d are known", format, OldestFormat, Format)
	}
	p.Format = format
	if p.Delivery != "" && !p.HasDelivery() {
		return fault.New(fault.User, fault.Place{}, "delivery %s needs workers that read plans of format %d, and the plan is to be of format %d", p.Delivery, formatControl, format).
			Do("run workers of the operator's version, or leave delivery at ExactlyOnce")
	}
	return p.seal()
}

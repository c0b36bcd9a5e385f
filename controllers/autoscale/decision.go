package autoscale

// Aspect is what a condition is about, by the name that the condition has.
type Aspect string

// The aspects; the first three are those of a HorizontalPodAutoscaler.
const (
	// ScalingActive says that enough is known to decide.
	ScalingActive Aspect = "ScalingActive"
	// AbleToScale says that nothing keeps the number from being changed.
	AbleToScale Aspect = "AbleToScale"
	// ScalingLimited says that another number would be needed than there can be.
	ScalingLimited Aspect = "ScalingLimited"
	// SkewDetected says that a task is more than a worker can do, and the others of its stage are not.
	SkewDetected Aspect = "SkewDetected"
)

// Condition is what is to be said of an aspect.
type Condition struct {
	Aspect  Aspect
	Holds   bool
	Reason  Reason
	Message string
}

// Decision is how many workers a job should have. What is not known does not show: an aspect without a condition stays as it was said last.
type Decision struct {
	// Workers is the number to have now: the one there is, unless Changed.
	Workers int
	Changed bool
	// Recommended is the number for the present load, without delays and holds: what Workers becomes if the load stays.
	Recommended int
	// Reason and Message say why, with the numbers.
	Reason  Reason
	Message string
	// Conditions are what is known now.
	Conditions []Condition
	// History is the one that was given with what became of its newest record, without the decision itself.
	History History
	// Rows and Arriving are what the sources read, and what arrives for them, in rows a second; 0 where that is not known.
	Rows, Arriving float64
}

func (d *Decision) say(aspect Aspect, holds bool, reason Reason, message string) {
	d.Conditions = append(d.Conditions, Condition{aspect, holds, reason, message})
}

// stay keeps the number for a reason.
func (d *Decision) stay(reason Reason, message string) {
	d.Changed, d.Reason, d.Message = false, reason, message
}

// move changes the number for a reason.
func (d *Decision) move(to int, reason Reason, message string) {
	d.Changed, d.Workers, d.Recommended, d.Reason, d.Message = true, to, to, reason, message
}

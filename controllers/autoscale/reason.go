package autoscale

// Reason is a word for why a number of workers is what it is.
type Reason string

// The reasons of a change.
const (
	// LoadRose and LoadFell are by the need, LagGrew is a need that is acted on at once.
	LoadRose Reason = "LoadRose"
	LagGrew  Reason = "LagGrew"
	LoadFell Reason = "LoadFell"
	// OutOfBounds brings the number between its bounds, whatever the load.
	OutOfBounds Reason = "OutOfBounds"
	// NoInput takes all workers away, InputArrived and OffsetsAging bring them back.
	NoInput      Reason = "NoInput"
	InputArrived Reason = "InputArrived"
	OffsetsAging Reason = "OffsetsAging"
	// SpecChanged and NotAtRest bring them back, too: a spec that nobody has followed yet, and a stop that came to nothing.
	SpecChanged Reason = "SpecChanged"
	NotAtRest   Reason = "NotAtRest"
)

// The reasons for which there is no change.
const (
	// Steady is as many as are needed.
	Steady Reason = "Steady"
	// AtZero rests without workers.
	AtZero Reason = "AtZero"
	// LoadRising waits until a rise is seen whole.
	LoadRising Reason = "LoadRising"
	// ScaleDownDelayed waits until fewer were enough for the whole delay.
	ScaleDownDelayed Reason = "ScaleDownDelayed"
	// MetricsMissing, MetricsStale and WindowFilling know too little.
	MetricsMissing Reason = "MetricsMissing"
	MetricsStale   Reason = "MetricsStale"
	WindowFilling  Reason = "WindowFilling"
	// InvalidSchedule has a schedule that can't be read.
	InvalidSchedule Reason = "InvalidSchedule"
	// NoProgress has input, and no task does anything.
	NoProgress Reason = "NoProgress"
	// Rescaling waits for workers of the change before, and WorkersNotReady has given up waiting.
	Rescaling       Reason = "Rescaling"
	WorkersNotReady Reason = "WorkersNotReady"
	// Ineffective had more workers, which brought nothing.
	Ineffective Reason = "Ineffective"
	// Backpressure waits for brokers, and WorkersIdle for something else than workers.
	Backpressure Reason = "Backpressure"
	WorkersIdle  Reason = "WorkersIdle"
	// Skewed has a task that is more than a worker can do.
	Skewed Reason = "Skewed"
	// LimitedByPartitions, LimitedByMaximum and LimitedByMinimum would have other numbers.
	LimitedByPartitions Reason = "LimitedByPartitions"
	LimitedByMaximum    Reason = "LimitedByMaximum"
	LimitedByMinimum    Reason = "LimitedByMinimum"
	// PartitionStuck has partitions that nobody gets on with, and more workers would not.
	PartitionStuck Reason = "PartitionStuck"
)

// Fine are the reasons of conditions that hold nobody up.
const (
	MetricsComplete Reason = "MetricsComplete"
	ReadyToScale    Reason = "ReadyToScale"
	WithinBounds    Reason = "WithinBounds"
	EvenLoad        Reason = "EvenLoad"
)

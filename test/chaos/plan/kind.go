package plan

// Kind is what is done. Its text is what a plan's line says.
type Kind string

// The kinds, with what a line of each names.
const (
	// Kill ends a worker by SIGKILL; its successor starts after For, with the same disk.
	Kill Kind = "kill"
	// Wipe is Kill, and the disk is gone as well.
	Wipe Kind = "wipe"
	// Stop keeps a worker from running for For: SIGSTOP, SIGCONT.
	Stop Kind = "stop"
	// Scale changes how many workers there are, to Workers.
	Scale Kind = "scale"
	// Cut cuts all connections between workers and broker.
	Cut Kind = "proxy cut"
	// Lose drops all that the broker sends for For, and then cuts: what was asked for was done, and nobody was told.
	Lose Kind = "proxy lose-answers"
	// LoseEnds is Lose for those connections alone that ask for the end of a transaction meanwhile.
	LoseEnds Kind = "proxy lose-ends"
	// Stall holds back what is sent in the direction To for For.
	Stall Kind = "proxy stall"
	// Delay makes what is sent in the direction To later by By, for For.
	Delay Kind = "proxy delay"
	// LateMarkers makes the markers that end transactions on partitions later by By, for For.
	LateMarkers Kind = "broker late-markers"
	// BrokerKill ends the broker by SIGKILL; it starts again after For, over the same data.
	BrokerKill Kind = "broker kill"
)

// fields are the parts of a line after its kind.
type fields struct{ worker, workers, to, by, duration bool }

// kinds lists the kinds with what their lines name, in the order in which a summary counts them.
func kinds() []struct {
	Kind
	fields
} {
	return []struct {
		Kind
		fields
	}{
		{Kill, fields{worker: true, duration: true}},
		{Wipe, fields{worker: true, duration: true}},
		{Stop, fields{worker: true, duration: true}},
		{Scale, fields{workers: true}},
		{Cut, fields{}},
		{Lose, fields{duration: true}},
		{LoseEnds, fields{duration: true}},
		{Stall, fields{to: true, duration: true}},
		{Delay, fields{to: true, by: true, duration: true}},
		{LateMarkers, fields{by: true, duration: true}},
		{BrokerKill, fields{duration: true}},
	}
}

// fieldsOf returns what a line of the kind names.
func fieldsOf(k Kind) (fields, bool) {
	for _, known := range kinds() {
		if known.Kind == k {
			return known.fields, true
		}
	}
	return fields{}, false
}

// Direction is one of the two ways between workers and broker.
type Direction string

// The directions.
const (
	ToBroker  Direction = "broker"
	ToWorkers Direction = "workers"
)

package proxy

// Direction is one of the two ways through the proxy.
type Direction int

// The directions.
const (
	ToBroker Direction = iota
	ToWorkers
	directions
)

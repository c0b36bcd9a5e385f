package load

import (
	"slices"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/nexmark"
)

// Config is what to load and where.
type Config struct {
	// Events is the data set; it must have an end.
	Events nexmark.Config
	// Topics are those of persons, auctions and bids, by nexmark.Kind. Marker is the topic that says what they hold.
	Topics [3]string
	Marker string
	// Partitions is the number of each topic's partitions. An event goes to the one of its key, by Kafka's own hash.
	Partitions int32
	// Replication is the number of replicas; 0 leaves it to the broker.
	Replication int16
	// Compression is that of the records, one of Compressions.
	Compression string
	// Closing adds an event to each partition of each topic, an hour later than the last, so that every window closes.
	Closing bool
	// Replace deletes topics of these names that hold something else. Without, only what a load has made is replaced.
	Replace bool
}

// Compressions lists the values of Config.Compression.
func Compressions() []string { return []string{"none", "lz4", "zstd"} }

const maxPartitions = 1000

func (c Config) check() error {
	switch {
	case c.Events.Events < 1:
		return fault.New(fault.User, fault.Place{}, "a data set to load must have an end").Do("say how many events")
	case c.Partitions < 1 || c.Partitions > maxPartitions:
		return fault.New(fault.User, fault.Place{}, "%d partitions; there must be 1 to %d", c.Partitions, maxPartitions)
	case !slices.Contains(Compressions(), c.Compression):
		return fault.New(fault.User, fault.Place{}, "unknown compression %q", c.Compression).Do("use one of %v", Compressions())
	}
	names := append(c.Topics[:], c.Marker)
	slices.Sort(names)
	if names[0] == "" || len(slices.Compact(names)) < len(c.Topics)+1 {
		return fault.New(fault.User, fault.Place{}, "the topics of persons, auctions, bids and the marker need four names")
	}
	return c.Events.Check()
}

package load

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/nexmark"
)

// slab holds records and their bytes until the client is done with them: one allocation for many.
type slab struct {
	records []kgo.Record
	bytes   []byte
}

// maxEvent is how much an event may need; a larger one gets bytes of its own.
const maxEvent = 4 << 10

// record returns a record with the event's key and value.
func (s *slab) record(g *nexmark.Generator, e nexmark.Event) *kgo.Record {
	if len(s.records) == cap(s.records) {
		s.records = make([]kgo.Record, 0, slabRecords)
	}
	if cap(s.bytes)-len(s.bytes) < maxEvent {
		s.bytes = make([]byte, 0, slabBytes)
	}
	begin := len(s.bytes)
	s.bytes = g.AppendJSON(s.bytes, e)
	middle := len(s.bytes)
	s.bytes = g.AppendKey(s.bytes, e)
	end := len(s.bytes)
	s.records = append(s.records, kgo.Record{Value: s.bytes[begin:middle:middle], Key: s.bytes[middle:end:end]})
	return &s.records[len(s.records)-1]
}

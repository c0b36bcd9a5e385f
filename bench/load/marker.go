package load

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/nexmark"
)

// marker says what the topics hold.
type marker struct {
	Events      nexmark.Config     `json:"events"`
	Partitions  int32              `json:"partitions"`
	Compression string             `json:"compression"`
	Closing     bool               `json:"closing"`
	Complete    bool               `json:"complete"`
	Digest      string             `json:"digest,omitempty"`
	Ends        map[string][]int64 `json:"ends,omitempty"`
}

func (c Config) marker() marker {
	return marker{Events: c.Events.WithDefaults(), Partitions: c.Partitions, Compression: c.Compression, Closing: c.Closing}
}

// key tells data sets in different topics apart.
func (c Config) key() string { return c.Topics[0] + "," + c.Topics[1] + "," + c.Topics[2] }

// holds says whether the topics, which end where ends says, hold what is wanted.
func (m marker) holds(wanted marker, ends map[string][]int64) bool {
	return m.Complete && m.Events == wanted.Events && m.Partitions == wanted.Partitions && m.Compression == wanted.Compression &&
		m.Closing == wanted.Closing && maps.EqualFunc(m.Ends, ends, slices.Equal)
}

// readMarker returns what the last load said; false when there was none.
func (l *loader) readMarker(ctx context.Context) (m marker, found bool, err error) {
	ends, err := l.admin.ListEndOffsets(ctx, l.Marker)
	if err != nil {
		return m, false, transient(err, "look for the marker")
	}
	end, _ := ends.Lookup(l.Marker, 0)
	if errors.Is(end.Err, kerr.UnknownTopicOrPartition) || end.Err == nil && end.Offset <= 0 {
		return m, false, nil
	}
	if end.Err != nil {
		return m, false, transient(end.Err, "look for the marker")
	}
	client, err := kgo.NewClient(append(slices.Clone(l.how), kgo.KeepControlRecords(), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
		l.Marker: {0: kgo.NewOffset().AtStart()},
	}))...)
	if err != nil {
		return m, false, err
	}
	defer client.Close()
	for next := int64(0); next < end.Offset; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return m, false, transient(err, "read the marker")
		}
		for r := range fetches.RecordsAll() {
			next = r.Offset + 1
			if string(r.Key) != l.key() {
				continue
			}
			m, found = marker{}, true
			if err := json.Unmarshal(r.Value, &m); err != nil {
				return m, false, fault.Wrap(fault.User, err, "read the marker in topic %s", l.Marker).Do("give another name for the marker")
			}
		}
	}
	return m, found, nil
}

// writeMarker says what the topics hold from now on.
func (l *loader) writeMarker(ctx context.Context, m marker) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := l.client.ProduceSync(ctx, &kgo.Record{Topic: l.Marker, Partition: 0, Key: []byte(l.key()), Value: text}).FirstErr(); err != nil {
		return transient(err, "write the marker")
	}
	return nil
}

// ends returns where the partitions of the three topics end; a topic that is not there has no entry.
func (l *loader) ends(ctx context.Context) (map[string][]int64, error) {
	listed, err := l.admin.ListEndOffsets(ctx, l.Topics[:]...)
	if err != nil {
		return nil, transient(err, "find the ends of the topics")
	}
	ends := map[string][]int64{}
	for topic, partitions := range listed {
		for _, number := range slices.Sorted(maps.Keys(partitions)) {
			p := partitions[number]
			if errors.Is(p.Err, kerr.UnknownTopicOrPartition) {
				continue
			}
			if p.Err != nil {
				return nil, transient(p.Err, "find the end of topic "+topic)
			}
			ends[topic] = append(ends[topic], p.Offset)
		}
	}
	return ends, nil
}

func transient(err error, what string) error { return fault.Wrap(fault.Transient, err, "%s", what) }

// topicsOf is for messages.
func topicsOf(ends map[string][]int64) []string { return slices.Sorted(maps.Keys(ends)) }

// sum adds a topic's ends.
func sum(ends []int64) (n int64) {
	for _, e := range ends {
		n += e
	}
	return n
}

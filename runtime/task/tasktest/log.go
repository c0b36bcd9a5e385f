package tasktest

import (
	"bytes"
	"slices"

	"github.com/millrace/millrace/runtime/task"
)

// Log is a set of topics and the committed metadata of tasks. Not safe for concurrent use.
type Log struct {
	topics map[string][][]entry
	metas  map[TaskID]task.Meta
	owners map[TaskID]*Worker    // of those without transactions
	starts map[partitionOf]int64 // where changelogs begin that were cut
	next   int32                 // round robin for partition -1
}

type entry struct {
	key, value []byte
	txn        *txn // nil: not transactional
}

type txn struct {
	over, committed bool
}

// NewLog returns an empty log.
func NewLog() *Log {
	return &Log{
		topics: map[string][][]entry{}, metas: map[TaskID]task.Meta{}, owners: map[TaskID]*Worker{}, starts: map[partitionOf]int64{},
	}
}

// Create makes a topic.
func (l *Log) Create(topic string, partitions int) { l.topics[topic] = make([][]entry, partitions) }

// Partitions returns the number of a topic's partitions, 0 when there is no such topic.
func (l *Log) Partitions(topic string) int { return len(l.topics[topic]) }

// Append writes a record outside of any transaction.
func (l *Log) Append(topic string, partition int32, value []byte) {
	l.append(topic, partition, nil, value, nil)
}

func (l *Log) append(topic string, partition int32, key, value []byte, t *txn) int64 {
	p := l.topics[topic]
	if partition < 0 {
		partition = l.next % int32(len(p))
		l.next++
	}
	p[partition] = append(p[partition], entry{bytes.Clone(key), bytes.Clone(value), t})
	return int64(len(p[partition]))
}

// marker ends a transaction in a partition, as Kafka's control records do: it takes an offset and is never read.
func (l *Log) marker(topic string, partition int32) {
	p := l.topics[topic]
	p[partition] = append(p[partition], entry{txn: &txn{over: true}})
}

// End returns the offset after the last record, of open transactions too.
func (l *Log) End(topic string, partition int32) int64 { return int64(len(l.topics[topic][partition])) }

// Read returns at most n committed records from an offset on, and the position after them, aborted records and markers
// included. It stops before the first record of an open transaction.
func (l *Log) Read(topic string, partition int32, from int64, n int) (records []task.Record, position int64) {
	entries := l.topics[topic][partition]
	for position = from; position < int64(len(entries)) && len(records) < n; position++ {
		e := entries[position]
		if e.txn != nil && !e.txn.over {
			return records, position
		}
		if e.txn == nil || e.txn.committed {
			records = append(records, task.Record{Topic: topic, Partition: partition, Offset: position, Key: e.key, Value: e.value})
		}
	}
	return records, position
}

// Values returns the committed values of a topic, partition by partition.
func (l *Log) Values(topic string) [][]byte {
	var values [][]byte
	for p := range l.topics[topic] {
		records, _ := l.Read(topic, int32(p), 0, len(l.topics[topic][p]))
		for _, r := range records {
			values = append(values, r.Value)
		}
	}
	return slices.Clip(values)
}

// Begin sets the metadata that a task begins with, as a hand-over does.
func (l *Log) Begin(id TaskID, m task.Meta) { l.metas[id] = m }

// Meta returns the committed metadata of a task.
func (l *Log) Meta(id TaskID) task.Meta { return l.metas[id] }

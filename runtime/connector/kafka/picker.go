package kafka

import "github.com/twmb/franz-go/pkg/kgo"

// picker takes the record's own partition where it has one, else chooses by key, and sticks to one for a batch where
// there is no key.
type picker struct{ sticky kgo.Partitioner }

func newPicker() picker { return picker{kgo.StickyKeyPartitioner(nil)} }

func (p picker) ForTopic(topic string) kgo.TopicPartitioner {
	return &topicPicker{p.sticky.ForTopic(topic)}
}

type topicPicker struct{ kgo.TopicPartitioner }

func (p *topicPicker) RequiresConsistency(r *kgo.Record) bool {
	return r.Partition >= 0 || p.TopicPartitioner.RequiresConsistency(r)
}

func (p *topicPicker) Partition(r *kgo.Record, n int) int {
	if r.Partition >= 0 {
		return int(r.Partition)
	}
	return p.TopicPartitioner.Partition(r, n)
}

func (p *topicPicker) OnNewBatch() {
	if b, ok := p.TopicPartitioner.(kgo.TopicPartitionerOnNewBatch); ok {
		b.OnNewBatch()
	}
}

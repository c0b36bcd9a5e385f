package kafkaadmin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

// Range returns what each partition of the topics holds that is committed; where before is not zero, what lies before the first record of that time
// or a later one. Topics come in the order of their names.
func (c *Cluster) Range(ctx context.Context, topics []string, before time.Time) ([]v1alpha1.SourceRange, error) {
	if len(topics) == 0 { // the library would list all topics that there are
		return []v1alpha1.SourceRange{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	looks := []func(context.Context, ...string) (kadm.ListedOffsets, error){c.admin.ListStartOffsets, c.admin.ListCommittedOffsets}
	if !before.IsZero() {
		looks = append(looks, func(ctx context.Context, topics ...string) (kadm.ListedOffsets, error) {
			return c.admin.ListOffsetsAfterMilli(ctx, before.UnixMilli(), topics...)
		})
	}
	var found []kadm.ListedOffsets
	for _, look := range looks {
		listed, err := look(fresh(ctx), topics...)
		if err == nil {
			err = listed.Error()
		}
		if err != nil {
			return nil, c.wrap(err, "read the ends of the input", "DESCRIBE of the topics "+strings.Join(topics, ", "))
		}
		found = append(found, listed)
	}
	list := []v1alpha1.SourceRange{}
	for _, topic := range slices.Compact(slices.Sorted(slices.Values(topics))) {
		r := v1alpha1.SourceRange{Topic: topic, From: []int64{}, To: []int64{}}
		for number := range int32(len(found[1][topic])) { //nolint:gosec // Kafka counts partitions in 32 bits
			from, to := offsetOf(found[0], topic, number), offsetOf(found[1], topic, number)
			if len(found) > 2 {
				to = min(to, offsetOf(found[2], topic, number))
			}
			r.From, r.To = append(r.From, from), append(r.To, max(from, to))
		}
		list = append(list, r)
	}
	return list, nil
}

func offsetOf(listed kadm.ListedOffsets, topic string, number int32) int64 {
	o, _ := listed.Lookup(topic, number)
	return max(0, o.Offset)
}

// Reading says how far a batch job is with its range. Within are the topics of its own that its tasks read, with the numbers of their partitions.
func (c *Cluster) Reading(ctx context.Context, names physical.Topics, sources []v1alpha1.SourceRange, within map[string]int) (*lifecycle.Reading, error) {
	topics := make([]string, 0, len(sources)+len(within))
	for _, s := range sources {
		topics = append(topics, s.Topic)
	}
	for topic := range within {
		topics = append(topics, topic)
	}
	if len(topics) == 0 {
		return &lifecycle.Reading{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	committed, err := c.admin.FetchOffsetsForTopics(fresh(ctx), names.Group(), topics...)
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return nil, c.wrap(err, "read the offsets of "+names.Group(), "DESCRIBE of the group "+names.Group()+" and of the topics that it reads")
	}
	return reading(committed, sources, within), nil
}

// reading counts the tasks that have committed that they are at their ends, and what is left of the range.
func reading(committed kadm.OffsetResponses, sources []v1alpha1.SourceRange, within map[string]int) *lifecycle.Reading {
	r := &lifecycle.Reading{}
	look := func(topic string, number int) (offset int64, found bool) {
		r.Tasks++
		o, ok := committed.Lookup(topic, int32(number)) //nolint:gosec // Kafka counts partitions in 32 bits
		if !ok || o.At < 0 {
			return 0, false
		}
		m, err := task.DecodeMeta(o.Metadata)
		if err == nil && m.Seq > 0 && m.Watermark == types.EndOfInput { // else it is somebody else's; the workers say so
			r.Ended++
		}
		return o.At, true
	}
	for _, s := range sources {
		for number := range s.To {
			at := s.From[number]
			if offset, ok := look(s.Topic, number); ok {
				at = max(at, offset)
			}
			r.Left += max(0, s.To[number]-at)
		}
	}
	for topic, partitions := range within {
		for number := range partitions {
			look(topic, number)
		}
	}
	return r
}

package worker

import (
	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/task"
)

// standing is what the group's offsets say about an epoch.
type standing uint8

const (
	unstamped standing = iota // the epoch has not been handed over
	stamped                   // every partition is of the epoch
	grown                     // so it is but for partitions that were added since
)

// judge says whether an epoch may begin with the offsets found. An offset of a higher epoch is a Fenced error.
func judge(found []kafka.Committed, epoch int64) (standing, error) {
	own, older := 0, false
	for _, c := range found {
		if c.Offset < 0 {
			continue
		}
		m, err := metaOf(c)
		switch {
		case err != nil:
			return unstamped, err
		case m.JobEpoch > epoch:
			return unstamped, outdated(c.Partition, m.JobEpoch, epoch)
		case m.JobEpoch == epoch:
			own++
		default:
			older = true
		}
	}
	switch {
	case own == 0 || older:
		return unstamped, nil
	case own == len(found):
		return stamped, nil
	}
	counts := partitionsOf(found)
	for _, c := range found {
		if c.Offset < 0 && int(c.Number) < max(1, counts[c.Topic]) { // a topic of the plan has one at least since the epoch began
			return unstamped, gone(c.Partition)
		}
	}
	return grown, nil
}

// partitionsOf counts the partitions of each topic up to the last that has an offset: those of the epoch. A partition
// beyond was added after the hand-over.
func partitionsOf(found []kafka.Committed) map[string]int {
	counts := map[string]int{}
	for _, c := range found {
		if c.Offset >= 0 {
			counts[c.Topic] = max(counts[c.Topic], int(c.Number)+1)
		}
	}
	return counts
}

func gone(p kafka.Partition) error {
	return fault.New(fault.Corrupt, fault.Place{}, "the committed offset of %s is gone, those of its neighbours are there", p).
		Do("restore a savepoint, or start the job empty")
}

func outdated(p kafka.Partition, found, own int64) error {
	return fault.New(fault.Fenced, fault.Place{}, "the offset of %s is of epoch %d, this worker of epoch %d", p, found, own)
}

// metaOf reads an offset's metadata, and refuses an offset that somebody else has written.
func metaOf(c kafka.Committed) (task.Meta, error) {
	m, err := task.DecodeMeta(c.Metadata)
	if err == nil && (m.JobEpoch == 0 || m.Offset != c.Offset) {
		err = fault.New(fault.Corrupt, fault.Place{}, "it is not ours: %q", c.Metadata)
	}
	if err != nil {
		return m, fault.Wrap(fault.Corrupt, err, "the committed offset %d of %s", c.Offset, c.Partition).
			Do("does another consumer use the group id? delete the group's offsets only to start the job empty")
	}
	return m, nil
}

// beginnings is what a hand-over needs to know besides the offsets.
type beginnings struct {
	// starts and firsts are the offset to begin with by StartFrom, and the first one that the log holds.
	starts, firsts map[kafka.Partition]int64
	// internal says which topics are the job's own: they are read from their first record, whatever StartFrom says.
	internal map[string]bool
	// lived says that the job has committed before.
	lived bool
}

// stamps returns the offsets that hand a job over to an epoch: what is committed, under the new epoch, and a start for
// every partition that has none. Without a stamp on each, a worker of an old epoch could begin there. Of a former state epoch
// a source keeps where it was and its watermark: a cut is numbered by a control topic that the new one does not have.
func stamps(found []kafka.Committed, epoch, stateEpoch int64, b beginnings) ([]kafka.Committed, error) {
	counts := partitionsOf(found)
	if b.lived && len(counts) == 0 {
		return nil, fault.New(fault.Corrupt, fault.Place{}, "the job has committed before, and its offsets are gone").
			Do("brokers forget the offsets of an idle group: restore a savepoint, or start the job empty under a new state epoch")
	}
	list := make([]kafka.Committed, 0, len(found))
	for _, c := range found {
		m := task.Meta{}
		if c.Offset >= 0 {
			var err error
			if m, err = metaOf(c); err != nil {
				return nil, err
			}
			if m.JobEpoch > epoch {
				return nil, outdated(c.Partition, m.JobEpoch, epoch)
			}
			if m.JobEpoch < stateEpoch {
				m.Cut, m.Lap, m.Shed = task.Cut{}, 0, 0
			}
		} else {
			n := counts[c.Topic]
			switch {
			case int(c.Number) < n:
				return nil, gone(c.Partition)
			case n > 0 || b.internal[c.Topic]: // a partition that was added has been missed from its first record on
				m.Offset = b.firsts[c.Partition]
			default:
				m.Offset = b.starts[c.Partition]
			}
		}
		m.JobEpoch = epoch
		list = append(list, kafka.Committed{Partition: c.Partition, Offset: m.Offset, Metadata: m.Encode()})
	}
	return list, nil
}

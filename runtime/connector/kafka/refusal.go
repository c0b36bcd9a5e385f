package kafka

import (
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/millrace/millrace/runtime/fault"
)

// How long a partition's leader may say that there is nothing to read before that counts. A broker that has just started
// may not know a topic yet. A worker that was thought dead may ask for what its successor has deleted; it hears of the
// successor within a few heartbeats.
const (
	goneTopicPatience   = 15 * time.Second
	goneRecordsPatience = 3 * time.Second
	refusalPatience     = 15 * time.Second
)

// refused takes a leader's error, or that of the metadata. Most only say to ask again, or to ask another: leaders move,
// and a partition may be without one for long. The others end the fetcher, in time. The caller has the lock.
func (f *fetcher) refused(c *cursor, err error) {
	code, ok := errors.AsType[*kerr.Error](err)
	if !ok {
		return
	}
	patience, counts := patienceWith(code)
	if !counts {
		c.refused = time.Time{}
		return
	}
	if c.refused.IsZero() {
		c.refused = time.Now()
	}
	if time.Since(c.refused) >= patience {
		f.fail(refusal(code, c))
	}
}

// patienceWith says how long a partition may answer with the error; counts is false where that may be for ever.
func patienceWith(err *kerr.Error) (patience time.Duration, counts bool) {
	switch {
	case errors.Is(err, kerr.TopicAuthorizationFailed), errors.Is(err, kerr.GroupAuthorizationFailed):
		return 0, true
	case errors.Is(err, kerr.OffsetOutOfRange):
		return goneRecordsPatience, true
	case goneTopic(err):
		return goneTopicPatience, true
	case errors.Is(err, kerr.CorruptMessage), !err.Retriable:
		return refusalPatience, true
	}
	return 0, false
}

func goneTopic(err error) bool {
	return errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.UnknownTopicID) || errors.Is(err, kerr.InconsistentTopicID)
}

// GoneRecords says whether an error is that records were deleted before they were read, and from which offset of which partition on.
func GoneRecords(err error) (at Partition, offset int64, gone bool) {
	if !errors.Is(err, kerr.OffsetOutOfRange) {
		return Partition{}, 0, false
	}
	place, ok := fault.PlaceOf(err)
	return Partition{place.Topic, place.Partition}, place.Offset, ok && place.Topic != ""
}

// refusal is what the user is told.
func refusal(err *kerr.Error, c *cursor) error {
	at := fault.InRecord(c.Topic, c.Number, c.next)
	switch {
	case errors.Is(err, kerr.OffsetOutOfRange):
		return fault.Wrap(fault.Corrupt, err, "read %s", c.Partition).At(at).
			Do("its records were deleted before they were read, or its end was lost: raise the topic's retention, and start the job empty or from a savepoint")
	case goneTopic(err):
		return fault.Wrap(fault.User, err, "read %s", c.Partition).At(at).
			Do("was the topic deleted, or made again? a job goes on where it was in the old one: start it empty")
	case errors.Is(err, kerr.CorruptMessage):
		return fault.Wrap(fault.Corrupt, err, "read %s", c.Partition).At(at).Do("the broker says that its log is damaged")
	}
	return wrap(err, "read %s", c.Partition)
}

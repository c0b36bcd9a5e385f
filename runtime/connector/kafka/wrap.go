package kafka

import (
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/runtime/fault"
)

// wrap gives an error of a client or broker its kind. The message says what was being done.
func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	f := fault.Wrap(kindOf(err), err, format, args...)
	switch {
	case errors.Is(err, kerr.TopicAuthorizationFailed), errors.Is(err, kerr.GroupAuthorizationFailed),
		errors.Is(err, kerr.TransactionalIDAuthorizationFailed), errors.Is(err, kerr.ClusterAuthorizationFailed):
		return f.Do("give the job's principal the ACLs that docs/reference/kafka-permissions.md lists")
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return f.Do("create the topic, or correct its name")
	}
	return f
}

// TopicMissing says whether an error is that a topic is not there, as far as the broker knows.
func TopicMissing(err error) bool { return errors.Is(err, kerr.UnknownTopicOrPartition) }

// Unauthenticated says whether an error is that the brokers do not take who we are: a password that was changed on one side
// and not yet on the other, as it may be for a while.
func Unauthenticated(err error) bool { return errors.Is(err, kerr.SaslAuthenticationFailed) }

func kindOf(err error) fault.Kind {
	for _, e := range []error{kerr.FencedInstanceID, kerr.InconsistentGroupProtocol} {
		if errors.Is(err, e) {
			return fault.Fenced
		}
	}
	if _, ok := errors.AsType[*kgo.ErrDataLoss](err); ok {
		return fault.Corrupt
	}
	for _, e := range []error{
		kerr.UnknownTopicOrPartition, kerr.TopicAuthorizationFailed, kerr.GroupAuthorizationFailed,
		kerr.TransactionalIDAuthorizationFailed, kerr.ClusterAuthorizationFailed, kerr.SaslAuthenticationFailed,
		kerr.MessageTooLarge, kerr.InvalidTopicException, kerr.InvalidReplicationFactor,
	} {
		if errors.Is(err, e) {
			return fault.User
		}
	}
	return fault.Transient
}

package kafkaadmin

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/runtime/fault"
)

// wrap gives an error its kind, and the reason that conditions name it by: what a broker refused is somebody's to correct,
// anything else may pass. Needs is the permission that the request takes, such as "ALTER of the topic bids".
func (c *Cluster) wrap(err error, doing, needs string) error {
	if err == nil {
		return nil
	}
	if cause := c.dials.cause(); cause != nil && !answered(err) {
		err = fmt.Errorf("%w (the last connection: %w)", err, cause)
	}
	reason, kind, remedy := judge(err, needs)
	return verdict.Because(reason, fault.Wrap(kind, err, "%s", doing).Do("%s", remedy))
}

// wrapJob is wrap for an error of what workers do too, which has its kind and says what was being done.
func (c *Cluster) wrapJob(err error, needs string) error {
	if err == nil || fault.KindOf(err) == fault.User && !answered(err) {
		return err
	}
	if fault.KindOf(err) != fault.User && !answered(err) {
		return c.wrap(err, "ask the brokers", needs)
	}
	reason, _, _ := judge(err, needs)
	return verdict.Because(reason, err)
}

// answered says whether an error is a broker's answer.
func answered(err error) bool {
	_, ok := errors.AsType[*kerr.Error](err)
	return ok
}

// judge is the reason for an error, its kind, and what to do about it.
func judge(err error, needs string) (reason string, kind fault.Kind, remedy string) {
	var refused *kerr.Error
	switch {
	case errors.As(err, &refused):
		return refusal(refused, needs)
	case untrusted(err):
		return v1alpha1.ReasonBrokersUntrusted, fault.User,
			"give the authority of the brokers' certificates in spec.tls.ca of the KafkaConnection, and bootstrap servers by names that the certificates hold"
	case alerted(err):
		return v1alpha1.ReasonAuthenticationFailed, fault.User,
			"give a certificate that the brokers take in spec.tls.clientCertificate of the KafkaConnection; a Secret that changes is read again"
	}
	if ofCredentials(err) {
		return v1alpha1.ReasonAuthenticationFailed, fault.User, "correct spec.sasl of the KafkaConnection, or what its Secret holds; it is read again"
	}
	if errors.Is(err, io.EOF) {
		return v1alpha1.ReasonBrokersUnreachable, fault.Transient,
			"a broker ended the connection without a word: look whether it wants TLS or SASL at this address, or does not take the credentials"
	}
	return v1alpha1.ReasonBrokersUnreachable, fault.Transient,
		"look whether the brokers run, and whether the operator reaches spec.bootstrapServers of the KafkaConnection and the addresses that the brokers advertise"
}

// ofCredentials says whether an error is about our credentials: a token's server has refused us.
func ofCredentials(err error) bool {
	for e, ok := errors.AsType[*fault.Error](err); ok; e, ok = errors.AsType[*fault.Error](e.Cause) {
		if e.Kind == fault.User {
			return true
		}
	}
	return false
}

// refusal is judge for what a broker has answered.
func refusal(err *kerr.Error, needs string) (reason string, kind fault.Kind, remedy string) {
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed), errors.Is(err, kerr.UnsupportedSaslMechanism), errors.Is(err, kerr.IllegalSaslState):
		return v1alpha1.ReasonAuthenticationFailed, fault.User,
			"correct the user or the password in the Secret that spec.sasl of the KafkaConnection names, or its type; a Secret that changes is read again"
	case errors.Is(err, kerr.TopicAuthorizationFailed), errors.Is(err, kerr.GroupAuthorizationFailed),
		errors.Is(err, kerr.TransactionalIDAuthorizationFailed), errors.Is(err, kerr.ClusterAuthorizationFailed):
		return v1alpha1.ReasonAuthorizationFailed, fault.User,
			fmt.Sprintf("give the connection's principal the permission %s: see docs/reference/kafka-permissions.md", needs)
	case err.Retriable:
		return v1alpha1.ReasonBrokersUnreachable, fault.Transient, "it is tried again"
	}
	return v1alpha1.ReasonKafkaError, fault.User, "correct what the broker names; it is tried again"
}

// untrusted says whether we did not take the other side's certificate, or whether it speaks no TLS.
func untrusted(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, header := errors.AsType[tls.RecordHeaderError](err)
	return certificate || header
}

// alerted says whether the other side did not take ours.
func alerted(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "remote error"
}

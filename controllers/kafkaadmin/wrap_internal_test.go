package kafkaadmin

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/runtime/fault"
)

func TestAnErrorOfKafkaHasItsReason(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	cases := map[string]struct {
		err    error
		dialed error
		reason string
		kind   fault.Kind
		says   string
	}{
		"no broker":                    {err: refused, reason: v1alpha1.ReasonBrokersUnreachable, kind: fault.Transient, says: "connection refused"},
		"no broker, and no word why":   {err: errors.New("chosen broker has died"), dialed: refused, reason: v1alpha1.ReasonBrokersUnreachable, kind: fault.Transient, says: "connection refused"},
		"a wrong password":             {err: fmt.Errorf("x: %w", kerr.SaslAuthenticationFailed), reason: v1alpha1.ReasonAuthenticationFailed, kind: fault.User, says: "spec.sasl"},
		"a connection that ends":       {err: fmt.Errorf("read: %w", io.EOF), reason: v1alpha1.ReasonBrokersUnreachable, kind: fault.Transient, says: "wants TLS or SASL"},
		"another mechanism":            {err: kerr.UnsupportedSaslMechanism, reason: v1alpha1.ReasonAuthenticationFailed, kind: fault.User, says: "its type"},
		"a missing ACL of a topic":     {err: kerr.TopicAuthorizationFailed, reason: v1alpha1.ReasonAuthorizationFailed, kind: fault.User, says: "the permission ALTER of the topic bids"},
		"a missing ACL of a group":     {err: kerr.GroupAuthorizationFailed, reason: v1alpha1.ReasonAuthorizationFailed, kind: fault.User},
		"a missing ACL of the cluster": {err: kerr.ClusterAuthorizationFailed, reason: v1alpha1.ReasonAuthorizationFailed, kind: fault.User},
		"a foreign authority": {
			err: errors.New("died"), dialed: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
			reason: v1alpha1.ReasonBrokersUntrusted, kind: fault.User, says: "spec.tls.ca",
		},
		"a broker without TLS":     {err: tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, reason: v1alpha1.ReasonBrokersUntrusted, kind: fault.User},
		"our certificate refused":  {err: &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}, reason: v1alpha1.ReasonAuthenticationFailed, kind: fault.User, says: "clientCertificate"},
		"a token that was refused": {err: fmt.Errorf("x: %w", fault.New(fault.User, fault.Place{}, "the token's server answered 401")), reason: v1alpha1.ReasonAuthenticationFailed, kind: fault.User, says: "401"},
		"a token's server that is away": {
			err: fault.New(fault.Transient, fault.Place{}, "ask for a token"), reason: v1alpha1.ReasonBrokersUnreachable, kind: fault.Transient,
		},
		"a leader that moves":                         {err: kerr.NotLeaderForPartition, reason: v1alpha1.ReasonBrokersUnreachable, kind: fault.Transient},
		"a value that is wrong":                       {err: fmt.Errorf("%w: retention.ms", kerr.InvalidConfig), reason: v1alpha1.ReasonKafkaError, kind: fault.User, says: "retention.ms"},
		"an answer, and a dial that failed elsewhere": {err: kerr.InvalidConfig, dialed: refused, reason: v1alpha1.ReasonKafkaError, kind: fault.User},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cluster := &Cluster{dials: &dials{last: c.dialed}}
			err := cluster.wrap(c.err, "grow topic bids", "ALTER of the topic bids")
			if got := verdict.ReasonOf(err); got != c.reason || fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s, %v: %v", got, fault.KindOf(err), err)
			}
		})
	}
	if err := (&Cluster{dials: &dials{}}).wrap(nil, "x", "y"); err != nil {
		t.Errorf("no error becomes %v", err)
	}
}

func TestAnErrorOfAJobsStepKeepsWhatItSays(t *testing.T) {
	c := &Cluster{dials: &dials{}}
	own := fault.New(fault.User, fault.Place{}, "the internal topic x has 3 partitions")
	for name, e := range map[string]struct {
		err    error
		reason string
	}{
		"a finding":        {own, v1alpha1.ReasonKafkaError},
		"a missing ACL":    {fault.Wrap(fault.User, kerr.TopicAuthorizationFailed, "create"), v1alpha1.ReasonAuthorizationFailed},
		"a wrong password": {fault.Wrap(fault.User, kerr.SaslAuthenticationFailed, "create"), v1alpha1.ReasonAuthenticationFailed},
		"no broker":        {fault.Wrap(fault.Transient, errors.New("died"), "create"), v1alpha1.ReasonBrokersUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.wrapJob(e.err, "CREATE")
			if verdict.ReasonOf(got) != e.reason || fault.KindOf(got) != fault.KindOf(e.err) || !strings.Contains(got.Error(), e.err.Error()) {
				t.Errorf("%s: %v", verdict.ReasonOf(got), got)
			}
		})
	}
}

//go:build integration

package integration_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/access"
	"github.com/millrace/millrace/controllers/kafkaadmin"
	"github.com/millrace/millrace/controllers/topicplan"
	"github.com/millrace/millrace/controllers/verdict"
	"github.com/millrace/millrace/runtime/compile"
	runtimekafka "github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/connector/kafka/secretfile"
	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/worker"
	"github.com/millrace/millrace/test/kafka"
	"github.com/millrace/millrace/test/locked"
)

const (
	firstWord  = "First-and-secret-81"
	secondWord = "Second-and-secret-82"
)

// secrets is all that the operator can ask the API server for here: one Secret, one by one.
type secrets struct {
	client.Reader

	mu   sync.Mutex
	data map[string][]byte
}

// Get returns the Secret.
func (s *secrets) Get(_ context.Context, _ client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	into.(*corev1.Secret).Data = s.data
	return nil
}

func (s *secrets) put(authority []byte, password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = map[string][]byte{"ca": authority, "password": []byte(password)}
}

// securedConnection is the operator's way to a broker in TLS.
func securedConnection(b *kafka.Broker) *v1alpha1.KafkaConnection {
	c := &v1alpha1.KafkaConnection{}
	c.Name, c.Namespace, c.UID = "default", "shop", "u-1"
	c.Spec = v1alpha1.KafkaConnectionSpec{
		BootstrapServers: []string{b.Secured()},
		TLS:              &v1alpha1.KafkaTLS{CA: &v1alpha1.Authorities{Type: v1alpha1.AuthoritiesSecret, Secret: &v1alpha1.SecretKeyReference{Name: "s", Key: "ca"}}},
		SASL: &v1alpha1.KafkaSASL{Type: v1alpha1.SASLScramSHA512, ScramSHA512: &v1alpha1.SASLUser{
			Username: user, PasswordRef: v1alpha1.SecretKeyReference{Name: "s", Key: "password"},
		}},
	}
	return c
}

// TestTheOperatorSaysWhyABrokerRefusesIt goes from a broker that is not trusted to one that does as it is asked, and each
// permission in between is named by what it is missing for.
func TestTheOperatorSaysWhyABrokerRefusesIt(t *testing.T) {
	broker, other := kafka.Start(t, kafka.Secured()), kafka.Start(t, kafka.Secured())
	broker.SetPassword(t, user, firstWord)
	held := &secrets{}
	pool := kafkaadmin.NewPool(time.Now)
	defer pool.Close()
	open := access.Opener{Reader: held, Pool: pool}
	connection := securedConnection(broker)
	cluster := func() *kafkaadmin.Cluster {
		t.Helper()
		c, err := open.Open(t.Context(), connection)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	want := func(err error, reason, says string) {
		t.Helper()
		if err == nil || verdict.ReasonOf(err) != reason || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret-8") {
			t.Errorf("got %v, want %s with %q", err, reason, says)
		}
	}
	identify := func() error { _, _, err := cluster().Identify(t.Context()); return err }

	held.put(other.Authority(), firstWord)
	want(identify(), v1alpha1.ReasonBrokersUntrusted, "spec.tls.ca")
	held.put(broker.Authority(), secondWord)
	want(identify(), v1alpha1.ReasonAuthenticationFailed, "spec.sasl")
	held.put(broker.Authority(), firstWord)
	if err := identify(); err != nil {
		t.Fatal(err)
	}
	plain := connection.DeepCopy()
	plain.Spec.BootstrapServers = []string{broker.Address()}
	if c, err := open.Open(t.Context(), plain); err != nil {
		t.Error(err)
	} else {
		_, _, err = c.Identify(t.Context())
		want(err, v1alpha1.ReasonBrokersUnreachable, "wants TLS or SASL")
	}

	admin := newAdmin(t, broker)
	allow := func(operations ...kadm.ACLOperation) {
		t.Helper()
		made, err := admin.CreateACLs(t.Context(), kadm.NewACLs().Allow("User:"+user).AllowHosts("*").Operations(operations...).
			ResourcePatternType(kadm.ACLPatternLiteral).Topics("bids"))
		if err != nil || made[0].Err != nil {
			t.Fatal(err, made)
		}
	}
	// An ACL counts a moment after it was made: ask until the answer is another than before.
	until := func(what string, do func() error) {
		t.Helper()
		for begin := time.Now(); ; {
			err := do()
			if err == nil {
				return
			}
			if time.Since(begin) > 20*time.Second {
				t.Fatalf("%s: %v", what, err)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	apply := func(a topicplan.Action) func() error {
		return func() error { return cluster().Apply(t.Context(), "bids", a) }
	}
	topic := func() error { _, err := cluster().Topic(t.Context(), "bids"); return err }
	glance := func() error { _, err := cluster().Glance(t.Context(), "bids"); return err }
	for _, step := range []struct {
		do    func() error
		needs string
		allow kadm.ACLOperation
	}{
		{glance, "DESCRIBE of the topic bids", kadm.OpDescribe},
		{apply(topicplan.Action{Kind: topicplan.Create, Partitions: 1, Replicas: 1}), "CREATE of the topic bids", kadm.OpCreate},
		{topic, "DESCRIBE_CONFIGS of the topic bids", kadm.OpDescribeConfigs},
		{apply(topicplan.Action{Kind: topicplan.Grow, Partitions: 2}), "ALTER of the topic bids", kadm.OpAlter},
		{apply(topicplan.Action{Kind: topicplan.Alter, Set: map[string]string{"retention.ms": "5000"}}), "ALTER_CONFIGS of the topic bids", kadm.OpAlterConfigs},
		{apply(topicplan.Action{Kind: topicplan.Delete}), "DELETE of the topic bids", kadm.OpDelete},
	} {
		want(step.do(), v1alpha1.ReasonAuthorizationFailed, "give the connection's principal the permission "+step.needs)
		allow(step.allow)
		until(step.needs, step.do)
	}

	broker.SetPassword(t, user, secondWord)
	broker.Kill(t) // whoever was connected is not any more
	want(identify(), v1alpha1.ReasonBrokersUnreachable, "connection refused")
	broker.Restart(t)
	want(identify(), v1alpha1.ReasonAuthenticationFailed, "")
	held.put(broker.Authority(), secondWord)
	if err := identify(); err != nil {
		t.Errorf("with the new password: %v", err)
	}
}

func newAdmin(t *testing.T, broker *kafka.Broker) *kadm.Client {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(broker.Address()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return kadm.NewClient(cl)
}

// securedWorker is a worker that speaks TLS and has its password in a file.
type securedWorker struct {
	t      *testing.T
	broker *kafka.Broker
	dir    string
	worker *worker.Worker
	ended  chan error
	said   locked.Buffer
	rows   int64
}

// put writes a file at once, as the kubelet does it.
func (s *securedWorker) put(name string, text []byte) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// start makes the topics and the permissions, and runs the worker until the context ends.
func (s *securedWorker) start(ctx context.Context) {
	t, admin := s.t, newAdmin(s.t, s.broker)
	if _, err := admin.CreateTopics(t.Context(), 1, 1, nil, "rows_in", "copies", "counts"); err != nil {
		t.Fatal(err)
	}
	const job = "it.secured.job"
	for _, p := range readPermissions(t) {
		p.allow(t, admin, job)
	}
	files := secretfile.Files{
		TLS: true, CA: s.put("ca.crt", s.broker.Authority()), Mechanism: "SCRAM-SHA-512", Name: user, Password: s.put("password", []byte(firstWord)),
	}
	security, err := files.Security()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := compile.Compile(spec.Job{Name: "job", SQL: query, File: "query.sql", MaxParallelism: 2, BadRows: spec.BadRowsFail})
	if err != nil {
		t.Fatal(err)
	}
	s.worker, err = worker.New(worker.Config{
		Plan: plan, Topics: physical.Topics{Prefix: job, StateEpoch: 1}, Epoch: 1, Operated: true,
		Kafka:   runtimekafka.Options{Brokers: []string{s.broker.Secured()}, Security: security},
		Backend: memory.New(), Logger: slog.New(slog.NewTextHandler(&s.said, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.ended = make(chan error, 1)
	go func() { s.ended <- s.worker.Run(ctx) }()
}

// await waits while the worker runs.
func (s *securedWorker) await(what string, holds func() bool) {
	s.t.Helper()
	for begin := time.Now(); !holds(); time.Sleep(50 * time.Millisecond) {
		select {
		case err := <-s.ended:
			s.t.Fatalf("%s: the worker ended: %v", what, err)
		default:
		}
		if time.Since(begin) > 90*time.Second {
			s.t.Fatalf("%s: %+v\n%s", what, s.worker.Snapshot(), s.said.String())
		}
	}
}

// write adds ten rows to the input, past the listener that is secured.
func (s *securedWorker) write() {
	s.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(s.broker.Address()), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		s.t.Fatal(err)
	}
	defer cl.Close()
	for range 10 {
		s.rows++
		value, err := json.Marshal(row{K: "k", ID: s.rows, TS: s.rows * windowMillis})
		if err == nil {
			err = cl.ProduceSync(s.t.Context(), &kgo.Record{Topic: "rows_in", Value: value}).FirstErr()
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// hasRead says that the worker has read all rows.
func (s *securedWorker) hasRead() bool {
	return slices.ContainsFunc(s.worker.Snapshot().Tasks, func(t control.Task) bool { return t.Source && t.Position == s.rows })
}

// TestAWorkerOutlivesAPasswordThatChanges runs one worker, in TLS, over a password that brokers have before its file does, and
// over a restart of the broker, which ends all connections.
func TestAWorkerOutlivesAPasswordThatChanges(t *testing.T) {
	s := &securedWorker{t: t, broker: kafka.Start(t, kafka.Secured()), dir: t.TempDir()}
	s.broker.SetPassword(t, user, firstWord)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s.start(ctx)
	s.write()
	s.await("the first rows are read", s.hasRead)
	s.broker.SetPassword(t, user, secondWord)
	s.write()
	s.await("what is connected stays so", s.hasRead)
	s.broker.Kill(t)
	s.broker.Restart(t)
	s.await("the worker is refused", func() bool { return strings.Contains(s.said.String(), "SASL_AUTHENTICATION_FAILED") })
	time.Sleep(3 * time.Second) // refused again and again
	s.put("password", []byte(secondWord+"\n"))
	s.write()
	s.await("it goes on with the file as it is now", s.hasRead)
	stop()
	if err := <-s.ended; err != nil {
		t.Errorf("the worker ended with %v", err)
	}
	status, err := json.Marshal(s.worker.Snapshot())
	if said := s.said.String() + string(status); err != nil || strings.Contains(said, "secret-8") {
		t.Errorf("%v: the worker's log or status holds a password", err)
	}
}

// TestAWorkerThatStartsWithAWrongPasswordWaits: to be started again by the kubelet, ever more seldom, would help no sooner.
func TestAWorkerThatStartsWithAWrongPasswordWaits(t *testing.T) {
	s := &securedWorker{t: t, broker: kafka.Start(t, kafka.Secured()), dir: t.TempDir()}
	s.broker.SetPassword(t, user, secondWord)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s.start(ctx)
	s.await("it says so", func() bool { return strings.Contains(s.said.String(), "brokers do not take the credentials") })
	s.put("password", []byte(secondWord))
	s.write()
	s.await("it begins", s.hasRead)
}

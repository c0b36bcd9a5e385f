//go:build envtest

package envtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/api/v1alpha1"
)

func TestSamplesAreAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if text, err := kubectl(t.Context(), "apply", "-n", w.namespace, "-k", "../../config/samples"); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if text, err := kubectl(t.Context(), "get", "-n", w.namespace, "streaming"); err != nil || strings.Count(text, "millrace.dev/") != 4 {
		t.Errorf("kubectl get streaming: %v\n%s", err, text)
	}
	if text, err := kubectl(t.Context(), "apply", "-n", w.namespace, "-f", "../../config/samples/millrace_v1alpha1_streamjob_savepoints.yaml"); err != nil {
		t.Errorf("%v: %s", err, text)
	}
	if text, err := kubectl(t.Context(), "apply", "-n", w.namespace, "-f", "../../config/samples/millrace_v1alpha1_streamjob_batch.yaml"); err != nil {
		t.Errorf("%v: %s", err, text)
	}
	for _, short := range []string{"sj", "st", "kc"} {
		if text, err := kubectl(t.Context(), "get", "-n", w.namespace, short); err != nil {
			t.Errorf("kubectl get %s: %v: %s", short, err, text)
		}
	}
}

func TestDefaultsAreFilledIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(`{apiVersion: millrace.dev/v1alpha1, kind: StreamJob, metadata: {name: job}, spec: {sql: "x", state: {snapshots: {url: "s3://bucket/prefix?region=x"}}}}`)
	s := w.job().Spec
	if every := s.State.Snapshots.Interval.Duration; every != 5*time.Minute {
		t.Errorf("snapshots every %v", every)
	}
	got := []any{s.ConnectionRef.Name, s.StartFrom.Type, s.Parallelism, s.MaxParallelism, s.CommitInterval.Duration.String(), s.BadRows.Type, string(s.State.Backend), string(s.Deletion.InternalTopics), string(s.Delivery), s.MaxExchangeBytes.String(), s.MaxWatermarkDrift.Duration.String(), s.Overload.Type, string(s.Upgrade.Mode), string(s.Upgrade.OnIncompatible), s.Upgrade.Deadline.Duration.String(), s.Suspend}
	want := []any{"default", "Earliest", int32(1), int32(32), "100ms", "Fail", "Pebble", "Delete", "ExactlyOnce", "256Mi", "0s", "Wait", "Savepoint", "Refuse", "10m0s", false}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	w.apply(`{apiVersion: millrace.dev/v1alpha1, kind: StreamTopic, metadata: {name: t}, spec: {schema: {columns: [{name: at, type: TIMESTAMP}], eventTime: {column: at}}}}`)
	topic := &v1alpha1.StreamTopic{}
	if err := kube.Get(t.Context(), w.key("t"), topic); err != nil {
		t.Fatal(err)
	}
	if p := topic.Spec; p.Partitions != 1 || p.DeletionPolicy != "Retain" || p.AdoptionPolicy != "IfMatches" || p.Schema.Format.Type != "JSON" {
		t.Errorf("got %+v", p)
	}
}

func TestWhatIsWrongIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	job := func(spec string) string {
		return "{apiVersion: millrace.dev/v1alpha1, kind: StreamJob, metadata: {name: job}, spec: {" + spec + "}}"
	}
	topic := func(spec string) string {
		return "{apiVersion: millrace.dev/v1alpha1, kind: StreamTopic, metadata: {name: topic}, spec: {" + spec + "}}"
	}
	connection := func(spec string) string {
		return "{apiVersion: millrace.dev/v1alpha1, kind: KafkaConnection, metadata: {name: c}, spec: {bootstrapServers: ['kafka:9092'], " + spec + "}}"
	}
	const user, secret, url = "{username: ann, passwordRef: {name: s, key: k}}", "{name: s, key: k}", "tokenURL: 'https://login/token', clientID: me, clientSecretRef: {name: s, key: k}"
	cases := map[string]struct{ before, then, want string }{
		"a connection in TLS that changes its user": {
			connection("tls: {}, sasl: {type: Plain, plain: " + user + "}"), connection("tls: {ca: {type: Secret, secret: " + secret + "}}, sasl: {type: ScramSHA256, scramSHA256: " + user + "}"), "",
		},
		"a SASL type without its member":    {"", connection("sasl: {type: ScramSHA512}"), "scramSHA512 is given with type ScramSHA512"},
		"a SASL type with another's member": {"", connection("sasl: {type: ScramSHA512, scramSHA512: " + user + ", plain: " + user + "}"), "plain is given with type Plain"},
		"a SASL type that is not known":     {"", connection("sasl: {type: GSSAPI}"), "spec.sasl.type"},
		"a user of no name":                 {"", connection("sasl: {type: Plain, plain: {passwordRef: " + secret + "}}"), "exactly one of username and usernameRef"},
		"a user of two names":               {"", connection("sasl: {type: Plain, plain: {username: a, usernameRef: " + secret + ", passwordRef: " + secret + "}}"), "exactly one of username and usernameRef"},
		"a user without a password":         {"", connection("sasl: {type: Plain, plain: {username: a}}"), "passwordRef"},
		"authorities of no kind":            {"", connection("tls: {ca: {type: ConfigMap, secret: " + secret + "}}"), "configMap is given with type ConfigMap"},
		"authorities of two kinds":          {"", connection("tls: {ca: {type: Secret, secret: " + secret + ", configMap: " + secret + "}}"), "configMap is given with type ConfigMap"},
		"a certificate of no Secret":        {"", connection("tls: {clientCertificate: {}}"), "secretRef"},
		"a token from nowhere":              {"", connection("sasl: {type: OAuthBearer, oauthBearer: {type: Token}}"), "token is given with type Token"},
		"a token's server in plain text":    {"", connection("sasl: {type: OAuthBearer, oauthBearer: {type: ClientCredentials, clientCredentials: {" + strings.Replace(url, "https", "http", 1) + "}}}"), "must be https://HOST"},
		"a token's server with a password":  {"", connection("sasl: {type: OAuthBearer, oauthBearer: {type: ClientCredentials, clientCredentials: {" + strings.Replace(url, "login", "me:secret@login", 1) + "}}}"), "without a user or a password"},
		"a token's server and a Secret":     {connection("sasl: {type: OAuthBearer, oauthBearer: {type: ClientCredentials, clientCredentials: {" + url + ", scopes: [kafka]}}}"), connection("tls: {}"), ""},
		"a Secret of another namespace":     {"", connection("sasl: {type: Plain, plain: {username: a, passwordRef: {namespace: other, name: s, key: k}}}"), "namespace"},
		"a job without a query":             {"", job(""), "spec.sql is required"},
		"parallelism of none":               {"", job("sql: x, parallelism: 0"), "spec.parallelism"},
		"parallelism above the maximum":     {"", job("sql: x, parallelism: 5, maxParallelism: 4"), "must not be above spec.maxParallelism"},
		"a maximum that changes":            {job("sql: x"), job("sql: x, maxParallelism: 8"), "maxParallelism is immutable"},
		"another connection":                {job("sql: x"), job("sql: x, connectionRef: {name: other}"), "spec.connectionRef is immutable"},
		"another start":                     {job("sql: x"), job("sql: x, startFrom: {type: Latest}"), "spec.startFrom is immutable"},
		"a commit interval of nothing":      {"", job("sql: x, commitInterval: 0s"), "between 10ms and 5s"},
		"a commit interval that is none":    {"", job("sql: x, commitInterval: soon"), "spec.commitInterval"},
		"a policy that is not known":        {"", job("sql: x, badRows: {type: Maybe}"), "spec.badRows.type"},
		"a volume for memory":               {"", job("sql: x, state: {backend: Memory, storage: {size: 1Gi}}"), "for the backend Pebble only"},
		"a volume that changes":             {job("sql: x, state: {storage: {size: 1Gi}}"), job("sql: x, state: {storage: {size: 2Gi}}"), "spec.state.storage is immutable"},
		"a volume that comes later":         {job("sql: x"), job("sql: x, state: {storage: {size: 2Gi}}"), "spec.state.storage is immutable"},
		"snapshots nowhere":                 {"", job("sql: x, state: {snapshots: {}}"), "spec.state.snapshots.url"},
		"snapshots to a web server":         {"", job("sql: x, state: {snapshots: {url: 'https://host/x'}}"), "must be s3://BUCKET/PREFIX"},
		"snapshots with a password":         {"", job("sql: x, state: {snapshots: {url: 's3://user:secret@bucket'}}"), "must not hold a user or a password"},
		"savepoints nowhere":                {"", job("sql: x, savepoints: {}"), "spec.savepoints.url"},
		"savepoints with a password":        {"", job("sql: x, savepoints: {url: 's3://user:secret@bucket'}"), "must not hold a user or a password"},
		"a drift into the past":             {"", job("sql: x, maxWatermarkDrift: -1s"), "between 0s and 8760h"},
		"an exchange of nothing":            {"", job("sql: x, maxExchangeBytes: 0"), "above 0 and below 1Pi"},
		"an overload of no bound":           {"", job("sql: x, overload: {type: Shed}"), "maxLagRecords is given with the type Shed"},
		"a bound that sheds nothing":        {"", job("sql: x, overload: {maxLagRecords: 5}"), "maxLagRecords is given with the type Shed"},
		"a lag of nothing":                  {"", job("sql: x, overload: {type: Shed, maxLagRecords: 0}"), "spec.overload.maxLagRecords"},
		"an overload that is not known":     {"", job("sql: x, overload: {type: Drop}"), "spec.overload.type"},
		"snapshots all the time":            {"", job("sql: x, state: {snapshots: {url: 's3://bucket', interval: 1s}}"), "between 10s and 24h"},
		"an API without a Secret":           {"", job("sql: x, api: {}"), "spec.api.secretRef"},
		"an API whose Secret has no name":   {"", job("sql: x, api: {secretRef: {name: ''}}"), "must be the name of a Secret"},
		"a Secret that is none":             {"", job("sql: x, api: {secretRef: {name: a/b}}"), "must be the name of a Secret"},
		"an API that opens and closes":      {job("sql: x, api: {secretRef: {name: a.b-c}}"), job("sql: x"), ""},
		"more in sync than there are":       {"", job("sql: x, internalTopics: {replicas: 2, minInSyncReplicas: 3}"), "must not be above replicas"},
		"no replica at all":                 {"", job("sql: x, internalTopics: {replicas: 0}"), "spec.internalTopics.replicas"},
		"replicas that come later":          {job("sql: x"), job("sql: x, internalTopics: {replicas: 3}"), "spec.internalTopics is immutable"},
		"other replicas":                    {job("sql: x, internalTopics: {replicas: 1}"), job("sql: x, internalTopics: {replicas: 3}"), "spec.internalTopics is immutable"},
		"a name that is too long":           {"", strings.Replace(job("sql: x"), "name: job", "name: "+strings.Repeat("j", 41), 1), "at most 40 characters"},
		"a name with a dot":                 {"", strings.Replace(job("sql: x"), "name: job", "name: a.b", 1), "metadata.name"},
		"partitions that shrink":            {topic("partitions: 4"), topic("partitions: 3"), "partitions can only grow"},
		"replicas that change":              {topic("replicas: 1"), topic("replicas: 3"), "spec.replicas is immutable"},
		"another topic name":                {topic("topicName: a"), topic("topicName: b"), "spec.topicName is immutable"},
		"a topic name that comes later":     {topic(""), topic("topicName: b"), "spec.topicName is immutable"},
		"a name that Kafka refuses":         {"", topic(`topicName: "a b"`), "spec.topicName"},
		"an event time of no column":        {"", topic("schema: {columns: [{name: a, type: TIMESTAMP}], eventTime: {column: b}}"), "must name a column of type TIMESTAMP"},
		"an event time of another type":     {"", topic("schema: {columns: [{name: a, type: INT}], eventTime: {column: a}}"), "must name a column of type TIMESTAMP"},
		"disorder below nothing":            {"", topic("schema: {columns: [{name: a, type: TIMESTAMP}], eventTime: {column: a, maxOutOfOrderness: -1s}}"), "must not be negative"},
		"a type that is not known":          {"", topic("schema: {columns: [{name: a, type: TEXTY}]}"), "spec.schema.columns[0].type"},
		"a column that comes twice":         {"", topic("schema: {columns: [{name: a, type: INT}, {name: a, type: INT}]}"), "a"},
		"a server without a port":           {"", "{apiVersion: millrace.dev/v1alpha1, kind: KafkaConnection, metadata: {name: c}, spec: {bootstrapServers: [kafka]}}", "spec.bootstrapServers[0]"},
		"a connection without servers":      {"", "{apiVersion: millrace.dev/v1alpha1, kind: KafkaConnection, metadata: {name: c}, spec: {bootstrapServers: []}}", "spec.bootstrapServers"},
		"a field that does not exist":       {"", job("sql: x, paralelism: 2"), "paralelism"},
		"a topic's own name is no change":   {topic(""), topic("topicName: topic"), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if c.before != "" {
				w.apply(c.before)
			}
			err := w.tryApply(c.then)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestEachCRDIsSmall(t *testing.T) {
	const limit = 200_000 // bytes: client-side apply keeps a copy in an annotation
	files, err := filepath.Glob("../../config/crd/bases/*.yaml")
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Size() > limit {
			t.Errorf("%s: %v %v", f, info.Size(), err)
		}
	}
}

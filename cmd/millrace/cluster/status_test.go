package cluster_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/cmd/millrace/cluster"
	"github.com/millrace/millrace/runtime/fault"
)

func TestJobsAreListedAsKubectlWould(t *testing.T) {
	s := newServer(t)
	waits := job("waits")
	waits.Status = v1alpha1.StreamJobStatus{Phase: v1alpha1.PhasePending, Conditions: []metav1.Condition{
		{Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: "Other"},
		{Type: v1alpha1.ConditionReconciling, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonWaitingForTopics},
	}}
	s.objects[jobsPath] = []runtime.Object{job("delays"), waits}
	for layout, want := range map[cluster.Layout]string{
		cluster.Table: `NAME     PHASE     WORKERS   LAG      DELAY    REASON             AGE
delays   Running   2/2       1234     4.2s     Ready              26h
waits    Pending   0/2       <none>   <none>   WaitingForTopics   26h
`,
		cluster.Wide: `NAME     PHASE     WORKERS   LAG      DELAY    REASON             AGE   EPOCH   IMAGE                PREFIX
delays   Running   2/2       1234     4.2s     Ready              26h   2       millrace/worker:v1   east.prod.delays
waits    Pending   0/2       <none>   <none>   WaitingForTopics   26h   0       <none>               <none>
`,
	} {
		var out bytes.Buffer
		if err := s.cluster.Status(t.Context(), cluster.StatusOptions{Layout: layout, Now: now(), Stdout: &out}); err != nil {
			t.Fatal(err)
		}
		same(t, &out, want)
	}
}

func TestAJobIsShownWithItsReasonsWorkersAndEvents(t *testing.T) {
	s := newServer(t)
	s.objects[jobsPath] = []runtime.Object{job("delays")}
	s.objects[podsPath] = []runtime.Object{pod("delays-2-10"), pod("delays-2-9")}
	event := func(ago time.Duration, message string) runtime.Object {
		return &corev1.Event{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Event"}, ObjectMeta: metav1.ObjectMeta{Namespace: "prod", Name: "e"},
			Type: "Normal", Reason: "Deploying", Message: message, EventTime: metav1.NewMicroTime(now().Add(-ago)),
		}
	}
	for i := range 12 {
		s.objects[eventsPath] = append(s.objects[eventsPath], event(time.Duration(i+1)*time.Minute, "step\n"+strings.Repeat("x", i)))
	}
	var out, said bytes.Buffer
	if err := s.cluster.Status(t.Context(), cluster.StatusOptions{Job: "delays", Now: now(), Stdout: &out, Stderr: &said}); err != nil {
		t.Fatal(err)
	}
	same(t, &out, `Name:        delays
Namespace:   prod
Phase:       Running (Ready)
Epoch:       2 (of the state: 1)
Workers:     2 ready, 2 there, 2 wanted
Image:       millrace/worker:v1
Plan:        abc, format 3
On Kafka:    east.prod.delays, by KafkaConnection default
Lag:         1234 records, 20s ago
Watermark:   4.2s behind the clock, 20s ago

Conditions:
  TYPE    STATUS   REASON   SINCE   MESSAGE
  Ready   True     Ready    60m     as the spec says

Workers:
  POD           EPOCH   READY   STATUS    RESTARTS   NODE     AGE
  delays-2-9    2       yes     Running   1          node-a   60m
  delays-2-10   2       yes     Running   1          node-a   60m

Events:
  LAST SEEN   TYPE     REASON      MESSAGE
`+events())
	if said.Len() > 0 {
		t.Errorf("said %s", &said)
	}
	out.Reset()
	if err := s.cluster.Status(t.Context(), cluster.StatusOptions{Job: "delays", Layout: cluster.JSON, Now: now(), Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	var read v1alpha1.StreamJob
	if err := json.Unmarshal(out.Bytes(), &read); err != nil || read.Status.Epoch != 2 || read.Kind != "StreamJob" {
		t.Errorf("%v: %s", err, &out)
	}
}

// events are the last ten, the newest last.
func events() string {
	ages := []string{"10m", "9m", "8m", "7m", "6m", "5m", "4m", "3m", "2m", "60s"}
	var b strings.Builder
	for i, age := range ages {
		line := "  " + age + strings.Repeat(" ", 12-len(age)) + "Normal   Deploying   step " + strings.Repeat("x", 9-i)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

func TestWhatIsAskedForInVainSaysWhatToDo(t *testing.T) {
	s := newServer(t)
	s.objects[jobsPath] = []runtime.Object{job("delays")}
	for name, c := range map[string]struct {
		ask  func() error
		kind fault.Kind
		want string
	}{
		"a job that is not there": {
			func() error { return s.cluster.Status(t.Context(), cluster.StatusOptions{Job: "nobody"}) },
			fault.User, "StreamJob prod/nobody is not there; give its namespace by -n",
		},
		"a cluster without Millrace": {
			func() error { return newServer(t).cluster.Status(t.Context(), cluster.StatusOptions{Job: "delays"}) },
			fault.User, "the cluster knows no StreamJob prod/delays; install Millrace's CRDs",
		},
		"a layout that there is not": {
			func() error { return s.cluster.Lag(t.Context(), cluster.LagOptions{Job: "delays", Layout: "wide"}) },
			fault.User, `--output: "wide" is none of json, yaml`,
		},
		"workers beyond maxParallelism": {
			func() error { return s.cluster.Scale(t.Context(), "delays", 9, nil) },
			fault.User, "StreamJob delays takes 1 to 8",
		},
		"a savepoint without a place": {
			func() error { _, err := s.cluster.Savepoint(t.Context(), "delays"); return err },
			fault.User, "spec.savepoints: StreamJob prod/delays has no place for savepoints; set spec.savepoints.url",
		},
		"brokers that are out of reach": {
			func() error { return (&cluster.Asked{Brokers: []string{"127.0.0.1:1"}}).Reach(t.Context()) },
			fault.Transient, "reach the job's Kafka at 127.0.0.1:1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.ask(); err == nil || fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v (%v), want %q (%v)", err, fault.KindOf(err), c.want, c.kind)
			}
		})
	}
}

func TestAJobOnProbationSaysUntilWhen(t *testing.T) {
	at := metav1.NewTime(now().Add(time.Minute))
	probation := &v1alpha1.Probation{Deadline: &at, Epoch: 1, Runtime: &v1alpha1.RuntimeStatus{}}
	clock := probation.DeepCopy()
	clock.CommittedAt, clock.Until = &at, &at
	for want, change := range map[string]func(s *v1alpha1.StreamJobStatus){
		"back to the plan of epoch 1 at " + at.UTC().Format(time.RFC3339): func(s *v1alpha1.StreamJobStatus) { s.Probation = probation },
		"until " + at.UTC().Format(time.RFC3339) + ", or else back":       func(s *v1alpha1.StreamJobStatus) { s.Probation = clock },
		"at the last commit of epoch 2, 60s ago": func(s *v1alpha1.StreamJobStatus) {
			s.Probation, s.Held = clock, &v1alpha1.Held{Since: metav1.NewTime(now().Add(-time.Minute))}
		},
	} {
		s := newServer(t)
		shown := job("delays")
		change(&shown.Status)
		s.objects[jobsPath] = []runtime.Object{shown}
		var out, said bytes.Buffer
		if err := s.cluster.Status(t.Context(), cluster.StatusOptions{Job: "delays", Now: now(), Stdout: &out, Stderr: &said}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

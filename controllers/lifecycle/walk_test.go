package lifecycle_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/command"
)

// The plans of the walks: their state, and those that can't take over the state of others.
var plans = map[string]struct {
	state  string
	broken bool // its workers never become ready
	// crashes has workers that end once they have committed a few times: at a row of a source, or of an exchange, which is read though sources are held.
	crashes, behind bool
	// stuck has workers that read nothing any more by then.
	stuck bool
}{
	"a": {state: "s"}, "a2": {state: "s"}, "b": {state: "t"}, "c": {state: "misfit"}, "bad": {state: "u", broken: true},
	"poison": {state: "v", crashes: true}, "poison2": {state: "v", crashes: true}, "behind": {state: "w", crashes: true, behind: true}, "stuck": {state: "x", stuck: true},
}

// someCommits is after how many commits a version fails.
const someCommits = 3

// walked is a small model of the world: what Kubernetes, Kafka and the workers would do.
type walked struct {
	r   *rand.Rand
	now time.Time
	job *v1alpha1.StreamJob
	// finalizer and plans are of Kubernetes; pods are those of a workload, or are left of one that was deleted.
	finalizer bool
	stored    map[int64]string
	workloads map[int64]lifecycle.Action
	pods      map[int64]*walker
	url       map[int64]string // that the pods of an epoch know
	// control and state are of Kafka, by state epoch; group is the stamp that all partitions have.
	control map[int64]*topic
	state   map[int64]*kept
	group   struct {
		exists           bool
		epoch, offset, n int64 // n counts commits since the state epoch began
	}
	saved map[string]kept
	// recorded are the versions in the job's history.
	recorded map[string]bool
	tryAgain bool
	replays  int // ways back on which rows are written again
	waiting  int64
	flying   []func() // requests that arrive late
	refused  string   // why a worker does not begin
	trials
	// reckless walks give state up now and then.
	reckless bool
	batch    *ending // nil of a streaming job
	trace    []string
}

// walker is what runs of an epoch.
type walker struct {
	plan              string
	handedOver, ready bool
	restarts          int32
	failedAt          time.Time
}

// topic is a control topic.
type topic struct {
	log  command.Log
	next int64
}

func (t *topic) add(r command.Record) {
	t.log.Add(t.next, r)
	t.next++
}

// kept is state: the rows from base on, up to upto, are in it.
type kept struct {
	base, upto, epoch int64
	plan              string
}

func newWalk(seed uint64) *walked {
	w := &walked{
		r: rand.New(rand.NewPCG(seed, 1)), now: time.Unix(1_000_000, 0), stored: map[int64]string{}, workloads: map[int64]lifecycle.Action{},
		pods: map[int64]*walker{}, url: map[int64]string{}, control: map[int64]*topic{}, state: map[int64]*kept{}, saved: map[string]kept{}, recorded: map[string]bool{},
		job: &v1alpha1.StreamJob{ObjectMeta: metav1.ObjectMeta{Name: "j", Namespace: "ns", Generation: 1, UID: "u"}},
	}
	w.job.Spec.Parallelism, w.job.Spec.SQL = 1, "a"
	w.job.Spec.Savepoints = &v1alpha1.Savepoints{URL: store}
	w.job.Spec.Upgrade = v1alpha1.Upgrade{Mode: v1alpha1.UpgradeSavepoint, Deadline: metav1.Duration{Duration: time.Minute}}
	w.job.Spec.Upgrade.Rollback = []v1alpha1.RollbackPolicy{v1alpha1.RollbackCarry, v1alpha1.RollbackHold, v1alpha1.RollbackReplay}[seed%3]
	lasts := time.Duration(seed%5) * 10 * time.Second // none, too
	w.job.Spec.Upgrade.Probation = &v1alpha1.UpgradeProbation{Duration: &metav1.Duration{Duration: lasts}}
	return w
}

// observe is what the operator sees.
func (w *walked) observe(away bool) *lifecycle.Observed {
	s := &w.job.Status
	p := plans[w.job.Spec.SQL]
	o := &lifecycle.Observed{
		Now: w.now, Job: w.job.DeepCopy(), Finalizer: w.finalizer, Prefix: "c.ns.j", Image: "w:1", Version: "v-" + w.job.Spec.SQL,
		Plan: &lifecycle.Plan{Format: 3, Hash: w.job.Spec.SQL, StateHash: p.state, InputHash: w.job.Spec.SQL},
	}
	if away {
		o.Connection = lifecycle.Obstacle{Reason: v1alpha1.ReasonBrokersUnreachable, Message: "away", Waiting: true}
	}
	epoch, want := s.Epoch, ""
	switch {
	case s.Attempt != nil && s.Attempt.Kind != v1alpha1.AttemptSuspend && s.Attempt.Kind != v1alpha1.AttemptHold && s.Attempt.Kind != v1alpha1.AttemptComplete:
		epoch, want = s.Attempt.Epoch, s.Attempt.Runtime.PlanHash
	case s.Runtime != nil:
		want = s.Runtime.PlanHash
	}
	o.PlanStored = want != "" && w.stored[epoch] == want
	o.Stateful, o.Commands = true, true
	if s.Runtime != nil && (p.state == "misfit") != (plans[s.Runtime.PlanHash].state == "misfit") {
		o.Misfit, o.MisfitDropped = "why", "why"
	}
	o.TryAgain = w.tryAgain
	w.observeBefore(o)
	w.observeWorkloads(o)
	w.observeTrial(o, away)
	if !away {
		w.observeKafka(o)
	}
	if !away && w.batch != nil {
		w.batch.observe(w, o)
	}
	return o
}

// observeBefore looks for the plan that the job may go back to.
func (w *walked) observeBefore(o *lifecycle.Observed) {
	s := &w.job.Status
	before := s.Probation
	if before == nil || before.Runtime == nil || w.stored[before.Epoch] != before.Runtime.PlanHash {
		return
	}
	o.PlanBefore = true
	if (plans[before.Runtime.PlanHash].state == "misfit") != (plans[s.Runtime.PlanHash].state == "misfit") {
		o.MisfitBack = "why"
	}
}

func (w *walked) observeWorkloads(o *lifecycle.Observed) {
	for e := range w.workloads {
		o.Workloads = append(o.Workloads, lifecycle.Workload{Epoch: e, Settled: true})
	}
	for e, p := range w.pods {
		o.Pods = append(o.Pods, lifecycle.Pod{
			Name: strconv.FormatInt(e, 10), Epoch: e, Ready: p.ready, Current: w.url[e] == w.place(), Savepoints: w.url[e],
			Restarts: p.restarts, FailedAt: p.failedAt.Truncate(time.Second), Failure: "poison", BackOff: p.restarts > 0 && !p.ready,
		})
	}
}

func (w *walked) observeKafka(o *lifecycle.Observed) {
	s := &w.job.Status
	if s.Probation != nil && (s.Attempt == nil || s.Attempt.Kind == v1alpha1.AttemptRollBack) {
		o.Commits = lifecycle.CommitsNone
		if w.group.epoch >= s.StateEpoch && w.group.n > 0 {
			o.Commits = lifecycle.CommitsSome
		}
	}
	if s.Attempt == nil && s.Epoch > 0 && s.Held == nil {
		o.Progress = &lifecycle.Progress{ReadRecords: w.group.offset, LagRecords: w.waiting}
	}
	if a := s.Attempt; a != nil && a.Phase == v1alpha1.PhaseSavepointing {
		o.Savepoint = w.look(a.Savepoint)
	}
}

func (w *walked) look(id string) *lifecycle.Savepoint {
	log := &w.control[w.job.Status.StateEpoch].log
	c, found := log.Find(id)
	_, busy := log.Active(w.now)
	switch {
	case !found && busy:
		return &lifecycle.Savepoint{State: lifecycle.SavepointBusy}
	case !found:
		return &lifecycle.Savepoint{}
	case c.State == command.Finished && log.Held(w.now) == c.Number:
		return &lifecycle.Savepoint{State: lifecycle.SavepointFinished}
	case c.Over():
		return &lifecycle.Savepoint{State: lifecycle.SavepointFailed, Reason: c.Reason}
	}
	return &lifecycle.Savepoint{State: lifecycle.SavepointAsked}
}

func (w *walked) place() string {
	if w.job.Spec.Savepoints == nil {
		return ""
	}
	return w.job.Spec.Savepoints.URL
}

// pass is one pass of an operator, which may die at any point of it.
func (w *walked) pass(mortal bool) error {
	away := mortal && w.r.IntN(10) == 0
	d := lifecycle.Next(w.observe(away))
	w.note(fmt.Sprintf("%s/%v: %s", w.job.Spec.SQL, w.job.Spec.Suspend, tellTrial(d)))
	if err := w.proven(&d.Status); err != nil {
		return err
	}
	for _, a := range d.Actions {
		if mortal && w.r.IntN(12) == 0 {
			w.note("  dies before: " + a.Kind.String())
			return nil
		}
		if err := w.do(a); err != nil {
			return fmt.Errorf("%s: %w", a.Kind, err)
		}
		if mortal && w.r.IntN(12) == 0 { // it was done, and nobody knows
			w.note("  dies after: " + a.Kind.String())
			return nil
		}
	}
	if mortal && w.r.IntN(12) == 0 {
		w.note("  dies before the status is written")
		return nil
	}
	w.job.Status = d.Status
	return nil
}

// note keeps what happened, for whoever reads of a walk that went wrong.
func (w *walked) note(text string) {
	if n := len(w.trace); n == 0 || !strings.HasSuffix(w.trace[n-1], text) {
		w.trace = append(w.trace, w.now.Format("04:05 ")+text)
	}
}

// do is the operator's hands.
func (w *walked) do(a lifecycle.Action) error {
	switch a.Kind {
	case lifecycle.AddFinalizer:
		w.finalizer = true
	case lifecycle.StorePlan:
		return w.storePlan(a)
	case lifecycle.RecordVersion:
		w.recorded[a.Version] = true
	case lifecycle.EndVersion:
		back := []v1alpha1.AttemptKind{v1alpha1.AttemptRollBack, v1alpha1.AttemptCarry, v1alpha1.AttemptReplay}
		if r := w.job.Status.Runtime; r.Revision == a.Version && !slices.Contains(back, w.job.Status.Attempt.Kind) {
			return fmt.Errorf("the version %s is to go on, and its end is noted: %s", a.Version, a.Outcome)
		}
	case lifecycle.StopOthers:
		maps.DeleteFunc(w.workloads, func(e int64, _ lifecycle.Action) bool { return e != a.Epoch })
		maps.DeleteFunc(w.stored, func(e int64, _ string) bool { return e != a.Epoch && e != a.Keep && e != a.Before })
	case lifecycle.DropTryAgain:
		w.tryAgain = false
	case lifecycle.ApplyWorkload:
		return w.applyWorkload(a)
	case lifecycle.ApplyTrial, lifecycle.StopTrial, lifecycle.EndTrial:
		return w.doTrial(a)
	case lifecycle.DeletePod:
		maps.DeleteFunc(w.pods, func(e int64, _ *walker) bool { return a.Pod == strconv.FormatInt(e, 10) })
	default:
		return w.doOnKafka(a)
	}
	return nil
}

func (w *walked) doOnKafka(a lifecycle.Action) error {
	switch a.Kind {
	case lifecycle.Fence:
		maps.DeleteFunc(w.pods, func(e int64, _ *walker) bool { return e < a.Epoch })
	case lifecycle.CreateInternal:
		if w.state[a.StateEpoch] == nil {
			w.control[a.StateEpoch], w.state[a.StateEpoch] = &topic{}, &kept{base: -1}
		}
	case lifecycle.DropState:
		if w.group.epoch < a.StateEpoch || w.group.n == 0 {
			return errors.New("it is deleted before its successor has committed")
		}
		maps.DeleteFunc(w.state, func(e int64, _ *kept) bool { return e != a.StateEpoch })
		maps.DeleteFunc(w.control, func(e int64, _ *topic) bool { return e != a.StateEpoch })
	case lifecycle.RequestSavepoint:
		w.request(w.control[a.StateEpoch], command.Record{Kind: command.Savepoint, ID: a.ID, At: w.now, Deadline: a.Deadline, Stop: true})
	case lifecycle.ResumeJob:
		t := w.control[a.StateEpoch]
		if _, there := t.log.Find(a.ID); !there {
			t.add(command.Record{Kind: command.Savepoint, ID: a.ID, At: w.now, Deadline: w.now, Stop: true})
		}
		t.add(command.Record{Kind: command.Resume, ID: a.ID, At: w.now})
	case lifecycle.CleanUp:
		if w.batch == nil {
			return errors.New("nobody expects this")
		}
		return w.batch.cleanUp(w)
	case lifecycle.KeepRecord:
		w.keepRecord(a.Record)
	case lifecycle.RemoveMembers, lifecycle.DropConsent:
	default:
		return errors.New("nobody expects this")
	}
	return nil
}

func (w *walked) storePlan(a lifecycle.Action) error {
	hash := w.job.Spec.SQL
	if a.From > 0 {
		if hash = w.stored[a.From]; hash == "" {
			return fmt.Errorf("the plan of epoch %d is gone", a.From)
		}
	}
	w.stored[a.Epoch] = hash
	return nil
}

func (w *walked) applyWorkload(a lifecycle.Action) error {
	for e := range w.pods {
		if e != a.Epoch {
			return fmt.Errorf("workers of epoch %d run beside epoch %d", e, a.Epoch)
		}
	}
	for e := range w.workloads {
		if e != a.Epoch {
			return fmt.Errorf("the workload of epoch %d is there beside epoch %d", e, a.Epoch)
		}
	}
	if plan := w.stored[a.Epoch]; !w.recorded["v-"+plan] {
		return fmt.Errorf("the plan %s is to run, and its version is not in the history", plan)
	}
	w.workloads[a.Epoch] = a
	if w.batch != nil {
		return w.batch.tell(w)
	}
	return nil
}

// request appends a record, at once, twice, or some time later.
func (w *walked) request(t *topic, r command.Record) {
	if w.r.IntN(8) == 0 {
		w.flying = append(w.flying, func() { t.add(r) })
		return
	}
	t.add(r)
	if w.r.IntN(8) == 0 {
		t.add(r)
	}
}

// turn lets Kubernetes and the workers do something.
func (w *walked) turn() error {
	if len(w.flying) > 0 && w.r.IntN(3) == 0 {
		w.flying[0]()
		w.flying = w.flying[1:]
	}
	w.turnTrials()
	for _, e := range slices.Sorted(maps.Keys(w.workloads)) {
		if w.pods[e] == nil && w.r.IntN(2) == 0 {
			w.pods[e], w.url[e] = &walker{plan: w.stored[e]}, w.place()
		}
	}
	for _, e := range slices.Sorted(maps.Keys(w.pods)) {
		p := w.pods[e]
		a, wanted := w.workloads[e]
		if !wanted && w.r.IntN(3) == 0 {
			delete(w.pods, e)
			continue
		}
		if !wanted {
			a = lifecycle.Action{Epoch: e, StateEpoch: w.job.Status.StateEpoch}
		}
		if err := w.work(a, p); err != nil {
			return err
		}
	}
	return nil
}

// work is what the workers of an epoch do.
func (w *walked) work(a lifecycle.Action, p *walker) error {
	if p.plan == "" {
		return fmt.Errorf("epoch %d runs without a plan", a.Epoch)
	}
	t, state := w.control[a.StateEpoch], w.state[a.StateEpoch]
	if plans[p.plan].broken || t == nil || w.group.epoch > a.Epoch {
		p.ready = false
		return nil
	}
	if w.group.epoch < a.Epoch {
		if err := w.handOver(a, p, state); err != nil || !p.handedOver {
			return err
		}
	}
	held := t.log.Held(w.now) != 0
	if w.crash(p, held) {
		return nil
	}
	p.ready = true
	w.save(a.Epoch, p, t, state)
	if plans[p.plan].stuck && w.group.n >= someCommits {
		w.waiting++
		return nil
	}
	if held || w.r.IntN(3) == 0 {
		return nil
	}
	if state.upto != w.group.offset || plans[state.plan].state != plans[p.plan].state {
		return fmt.Errorf("epoch %d reads on at %d with the state of %+v", a.Epoch, w.group.offset, *state)
	}
	w.commit(state)
	return nil
}

// commit reads some rows and brings them into the state.
func (w *walked) commit(state *kept) {
	if w.group.offset += 1 + w.r.Int64N(5); w.batch != nil {
		w.group.offset = min(w.group.offset, w.batch.told)
	}
	state.upto = w.group.offset
	w.group.n++
}

// crash lets a worker end at what its version can't process.
func (w *walked) crash(p *walker, held bool) bool {
	plan := plans[p.plan]
	if !plan.crashes || w.group.n < someCommits || held && !plan.behind {
		return false
	}
	p.ready, p.restarts, p.failedAt = false, p.restarts+1, w.now
	return true
}

// save is what the workers of an epoch do about a savepoint.
func (w *walked) save(epoch int64, p *walker, t *topic, state *kept) {
	switch c, active := t.log.Active(w.now); {
	case active && w.r.IntN(4) == 0:
		w.saved[c.ID] = kept{base: state.base, upto: state.upto, epoch: epoch, plan: p.plan}
		w.group.n++ // a cut is a commit
		t.add(command.Record{Kind: command.Done, ID: c.ID})
	case active && w.r.IntN(10) == 0:
		t.add(command.Record{Kind: command.Aborted, ID: c.ID, Reason: "because"})
	}
	if c, expired := t.log.Expired(w.now); expired {
		t.add(command.Record{Kind: command.Aborted, ID: c.ID, Reason: "late"})
	}
}

// handOver is what the first worker of an epoch does.
func (w *walked) handOver(a lifecycle.Action, p *walker, state *kept) error {
	committed := w.group.epoch >= a.StateEpoch && w.group.n > 0
	switch {
	case a.RestoreFrom != "" && !committed:
		from, there := w.saved[a.RestoreFrom]
		switch {
		case !there:
			w.refused = "no savepoint"
			return nil
		case a.RestoreExactly && (w.group.offset != from.upto || w.group.epoch > from.epoch && w.group.n > 0):
			w.refused = "the job has gone on"
			return nil
		case from.upto < w.group.offset && w.job.Spec.Upgrade.Rollback != v1alpha1.RollbackReplay:
			return fmt.Errorf("rows from %d to %d are written again", from.upto, w.group.offset)
		case from.upto < w.group.offset:
			w.replays++
		}
		*state = kept{base: from.base, upto: from.upto, plan: p.plan}
		w.group.offset = from.upto
	case state.base < 0: // new topics: empty from where the sources are
		*state = kept{base: w.group.offset, upto: w.group.offset, plan: p.plan}
	}
	if w.group.epoch < a.StateEpoch {
		w.group.n = 0
	}
	w.group.exists, w.group.epoch, p.handedOver = true, a.Epoch, true
	return nil
}

// change lets the user do something.
func (w *walked) change() {
	spec := &w.job.Spec
	if w.job.Status.Held != nil && w.r.IntN(3) == 0 {
		w.tryAgain = true
		return
	}
	w.job.Generation++
	if w.toggle(spec) {
		return
	}
	n := w.r.IntN(6)
	if w.batch != nil && n == 1 { // it has no savepoints
		n = 0
	}
	switch n {
	case 0:
		spec.Suspend = !spec.Suspend
	case 1:
		spec.Savepoints = &v1alpha1.Savepoints{URL: store}
		if w.r.IntN(3) == 0 {
			spec.Savepoints = nil
		}
	case 2:
		if w.reckless {
			spec.Upgrade.Mode = []v1alpha1.UpgradeMode{v1alpha1.UpgradeSavepoint, v1alpha1.UpgradeStateless}[w.r.IntN(2)]
		}
		spec.Upgrade.Deadline.Duration = time.Duration(30+w.r.IntN(60)) * time.Second
	default:
		list := []string{"a", "a2", "b", "c", "bad", "poison", "poison", "poison2", "behind", "stuck"}
		if !w.group.exists {
			list = list[:4] // a first start with a plan that does not work has nothing to go back to
		}
		spec.SQL = list[w.r.IntN(len(list))]
	}
}

// expects is whether the rows that were read are all in the state, and whether a job that is held has what it could go back to.
func (w *walked) expects() error {
	if s := &w.job.Status; s.Held != nil && s.Probation != nil && s.Probation.Runtime != nil && w.stored[s.Probation.Epoch] != s.Probation.Runtime.PlanHash {
		return fmt.Errorf("the plan of epoch %d, to which it could go back, is gone", s.Probation.Epoch)
	}
	if !w.group.exists || w.reckless {
		return nil
	}
	if s := w.state[w.job.Status.StateEpoch]; w.job.Status.Attempt == nil && w.job.Status.Suspended == nil && s != nil && s.base > 0 {
		return fmt.Errorf("the state begins at %d, as if the job had begun anew", s.base)
	}
	return nil
}

// remembers is whether the status names the versions that there are.
func (w *walked) remembers() error {
	s := &w.job.Status
	if s.Phase != v1alpha1.PhaseRunning {
		return nil
	}
	runs := "v-" + s.Runtime.PlanHash
	followed := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionStalled) == nil
	if s.CurrentRevision != runs || followed && s.UpdateRevision != runs {
		return fmt.Errorf("%s runs, and the status says %s and %s", runs, s.CurrentRevision, s.UpdateRevision)
	}
	return nil
}

// failsForGood says whether a version that fails has nowhere to go back to, or no probation to fail in: it has passed, was stopped before its end, or
// there is none.
func (w *walked) failsForGood(stalled bool) bool {
	s := &w.job.Status
	if w.reckless && s.Runtime != nil && plans[s.Runtime.PlanHash].broken {
		return true
	}
	if s.Runtime == nil || s.Probation != nil && s.Probation.Runtime != nil && w.job.Spec.Upgrade.ProbationTime() > 0 {
		return false
	}
	plan := plans[s.Runtime.PlanHash]
	return (plan.crashes || plan.stuck) && (stalled || w.job.Spec.SQL == s.Runtime.PlanHash && !w.job.Spec.Suspend)
}

// settled says whether the job has come to an end of what it was asked for.
func (w *walked) settled() bool {
	if w.batch != nil {
		return w.batch.settled(w)
	}
	return w.follows()
}

// follows says whether a streaming job does what it was asked for, or says what keeps it from that.
func (w *walked) follows() bool {
	s := &w.job.Status
	stalled := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionStalled)
	switch {
	case s.Attempt != nil:
		return false
	case w.failsForGood(stalled != nil):
		return true
	case s.Held != nil: // and asks for nothing that can be done
		return s.Phase == v1alpha1.PhaseHeld && stalled != nil && stalled.Reason == v1alpha1.ReasonHeld && len(w.pods) == 0
	case w.job.Spec.Suspend && (s.Suspended != nil || s.Epoch == 0 && s.Phase == v1alpha1.PhaseSuspended):
		return true
	case stalled != nil:
		return w.refuses(stalled)
	default:
		return meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionReady) && s.Runtime.PlanHash == w.job.Spec.SQL && !w.job.Spec.Suspend
	}
}

// refuses says whether the job says what keeps it from its spec, and runs or rests.
func (w *walked) refuses(stalled *metav1.Condition) bool {
	s := &w.job.Status
	return stalled.Reason != "" && stalled.Message != "" && (s.Suspended != nil || meta.IsStatusConditionTrue(s.Conditions, v1alpha1.ConditionJobRunning))
}

func (w *walked) walk() error {
	patience := 600
	for range 300 {
		w.now = w.now.Add(time.Duration(w.r.IntN(5000)) * time.Millisecond)
		if w.r.IntN(25) == 0 {
			w.change()
		}
		if err := errors.Join(w.pass(true), w.turn(), w.expects()); err != nil {
			return err
		}
	}
	for quiet := 0; quiet < 30; {
		w.now = w.now.Add(time.Second)
		if err := errors.Join(w.pass(false), w.turn(), w.expects()); err != nil {
			return err
		}
		quiet++
		if !w.settled() || w.job.Status.Trial != nil {
			quiet = 0
		}
		if patience--; patience == 0 {
			break
		}
	}
	if !w.settled() {
		return fmt.Errorf("it does not come to an end: %+v, refused: %s", w.job.Status, w.refused)
	}
	if err := errors.Join(w.remembers(), w.tidied()); err != nil {
		return err
	}
	if t := w.control[w.job.Status.StateEpoch]; w.job.Status.Phase == v1alpha1.PhaseRunning && t.log.Held(w.now) != 0 {
		return errors.New("its workers are ready, and a savepoint that nobody waits for holds its sources")
	}
	return nil
}

// end walks to the end, and says what that is.
func (w *walked) end(t *testing.T, seed uint64) string {
	t.Helper()
	if err := w.walk(); err != nil {
		last := w.trace[max(0, len(w.trace)-60):]
		t.Fatalf("seed %d: %v\n%s", seed, err, strings.Join(last, "\n"))
	}
	end := string(w.job.Status.Phase)
	if c := meta.FindStatusCondition(w.job.Status.Conditions, v1alpha1.ConditionStalled); c != nil {
		end += " " + c.Reason
	}
	return end
}

// Whatever the user changes, and wherever the operator dies: no two epochs work at once, no state begins empty that was not empty, nothing is deleted
// too early, and in the end the job runs what it was told, or rests, or says what keeps it from that.
func TestEveryWalkEndsWell(t *testing.T) {
	const seeds = 400
	ends := map[string]int{}
	for seed := range uint64(seeds) {
		w := newWalk(seed)
		w.reckless = seed%4 == 3
		ends[w.end(t, seed)]++
		if w.replays > 0 {
			ends["replays"]++
		}
	}
	t.Log(ends)
	for _, want := range []string{"Running", "Suspended", "Running RolledBack", "Running StateChanged", "Running SavepointsMissing", string(v1alpha1.PhaseHeld + " " + v1alpha1.ReasonHeld), "replays"} {
		if ends[want] == 0 {
			t.Errorf("no walk ends in %s", want)
		}
	}
}

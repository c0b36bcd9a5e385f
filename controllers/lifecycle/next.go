package lifecycle

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
)

// Next decides what to do about a job.
func Next(o *Observed) Decision {
	d := Decision{Status: *o.Job.Status.DeepCopy()}
	s := &d.Status
	if !o.Job.DeletionTimestamp.IsZero() {
		deletion(o, &d)
		return d
	}
	if !o.Finalizer {
		d.Actions = []Action{{Kind: AddFinalizer}}
		d.RequeueAfter = soon
		return d
	}
	s.ObservedGeneration = o.Job.Generation
	if s.Prefix == "" {
		s.Prefix = o.Prefix
	}
	s.Selector = "millrace.dev/job=" + o.Job.Name
	count(o, s)
	failing(o, s)
	switch {
	case s.Attempt != nil:
		proceed(o, &d)
	case s.Epoch == 0:
		first(o, &d)
	case s.CompletedAt != nil:
		completed(o, &d)
	case s.Held != nil:
		held(o, &d)
	case s.Suspended != nil:
		suspended(o, &d)
	default:
		running(o, &d)
	}
	retain(o, &d)
	tidy(o, &d)
	return d
}

// count writes the numbers of pods of the epoch that runs.
func count(o *Observed, s *v1alpha1.StreamJobStatus) {
	s.Parallelism = v1alpha1.ParallelismStatus{Desired: workers(o)}
	if (s.Suspended != nil || s.Held != nil || s.CompletedAt != nil) && s.Attempt == nil {
		s.Parallelism.Desired = 0
	}
	for _, p := range o.Pods {
		if p.Epoch != s.Epoch {
			continue
		}
		s.Parallelism.Current++
		if p.Ready && !p.Terminating {
			s.Parallelism.Ready++
		}
	}
	running := s.Parallelism.Ready > 0
	reason, message := v1alpha1.ReasonWaitingForWorkers, "no worker is ready"
	if running {
		reason, message = v1alpha1.ReasonReady, fmt.Sprintf("workers run in epoch %d", s.Epoch)
	} else if s.CompletedAt != nil {
		reason, message = v1alpha1.ReasonCompleted, "the job is complete"
	}
	verdict.Set(&s.Conditions, v1alpha1.ConditionJobRunning, running, reason, message, o.Job.Generation, o.Now)
}

// first waits until a job that never ran can begin.
func first(o *Observed, d *Decision) {
	s := &d.Status
	topics(o, s)
	if o.Job.Spec.Suspend {
		s.Phase = v1alpha1.PhaseSuspended
		verdict.Verdict{State: verdict.Resting, Reason: v1alpha1.ReasonSuspended, Message: "the job starts when spec.suspend is false"}.
			Apply(&s.Conditions, o.Job.Generation, o.Now)
		return
	}
	from, unfit := beginsAt(o)
	for _, obstacle := range []Obstacle{o.Connection, o.Query, o.Template, o.Topics, unfit} {
		if obstacle.Is() {
			hold(o, d, obstacle)
			return
		}
	}
	if from != "" && o.Plan.NoCommands {
		hold(o, d, BeginsFromNone(o.Plan.Format))
		return
	}
	if o.StateFound {
		found(o, d)
		return
	}
	if !ranged(o, d) {
		return
	}
	if o.DeleteFound {
		d.Actions = append(d.Actions, Action{Kind: DropConsent})
	}
	drop := from != "" && o.Job.Spec.Upgrade.OnIncompatible == v1alpha1.IncompatibleDropRemoved
	begin(o, d, next{kind: v1alpha1.AttemptFirstStart, from: from, dropRemoved: drop})
}

// found is about what Kafka holds of an earlier job of the same name. A job never starts empty over it, and never
// deletes it, unless the user says so, and once: the consent is dropped when it is gone.
func found(o *Observed, d *Decision) {
	s := &d.Status
	if !o.DeleteFound {
		hold(o, d, Obstacle{Reason: v1alpha1.ReasonStateFound, Message: fmt.Sprintf(
			"Kafka holds a group or topics named %s of an earlier job, and this job has no record of them. Give the job another name, or delete them and start empty: "+
				"kubectl -n %s annotate streamjob %s %s=%s", s.Prefix, o.Job.Namespace, o.Job.Name, v1alpha1.AnnotationFoundState, v1alpha1.FoundStateDelete)})
		return
	}
	d.Actions = []Action{{Kind: CleanUp}}
	hold(o, d, Obstacle{Reason: v1alpha1.ReasonStateFound, Message: "what the earlier job has on Kafka is being deleted", Waiting: true})
	d.RequeueAfter = time.Second
}

// hold says why the job can't begin.
func hold(o *Observed, d *Decision, obstacle Obstacle) {
	s := &d.Status
	v := verdict.Verdict{State: verdict.Stalled, Reason: obstacle.Reason, Message: obstacle.Message}
	s.Phase = v1alpha1.PhaseStalled
	if obstacle.Waiting {
		v.State, s.Phase = verdict.Reconciling, v1alpha1.PhasePending
		d.RequeueAfter = PollInterval
	}
	if o.Query.Is() {
		verdict.Set(&s.Conditions, v1alpha1.ConditionPlanAccepted, false, o.Query.Reason, o.Query.Message, o.Job.Generation, o.Now)
	}
	v.Apply(&s.Conditions, o.Job.Generation, o.Now)
}

// topics writes the condition about the world that the job needs.
func topics(o *Observed, s *v1alpha1.StreamJobStatus) {
	for _, obstacle := range []Obstacle{o.Connection, o.Topics} {
		if obstacle.Is() {
			verdict.Set(&s.Conditions, v1alpha1.ConditionTopicsReady, false, obstacle.Reason, obstacle.Message, o.Job.Generation, o.Now)
			return
		}
	}
	if o.Plan == nil {
		return
	}
	verdict.Set(&s.Conditions, v1alpha1.ConditionTopicsReady, true, v1alpha1.ReasonReady, "every topic is there", o.Job.Generation, o.Now)
}

// next is a new epoch that should begin.
type next struct {
	kind v1alpha1.AttemptKind
	// stop says that the job stops at a savepoint first, and from is the one to begin from where it is there already.
	stop bool
	from string
	// dropRemoved gives up the state of operators that the plan lacks.
	dropRemoved bool
}

// begin writes the intent of a new epoch with the plan that the spec compiles to.
func begin(o *Observed, d *Decision, n next) {
	s := &d.Status
	store := Action{Kind: StorePlan}
	if o.PlanStored && s.Runtime != nil && o.Plan.Hash == s.Runtime.PlanHash { // it was not compiled then
		store.From = s.Epoch
	}
	a := intend(o, d, n.kind, v1alpha1.RuntimeStatus{
		Image: o.Image, PlanFormat: o.Plan.Format, PlanHash: o.Plan.Hash, StateHash: o.Plan.StateHash,
		InputHash: o.Plan.InputHash, PodHash: PodHash(&o.Job.Spec, &o.Brokers), DropRemoved: n.dropRemoved,
	}, store)
	versionBegins(o, d, &a.Runtime)
	switch {
	case n.stop:
		stopAtSavepoint(o, d)
		a.Runtime.RestoreFrom, a.Runtime.RestoreExactly = a.Savepoint, true
	case n.from != "":
		a.Savepoint, a.Runtime.RestoreFrom, a.Runtime.RestoreExactly = n.from, n.from, n.kind != v1alpha1.AttemptFirstStart
	case s.Runtime != nil && !newTopics(a):
		beginsFrom(s, &a.Runtime, s.Runtime)
	}
	accepted(o, s, a.Epoch)
}

// again writes the intent of a new epoch with the plan and image that run.
func again(o *Observed, d *Decision) {
	s := &d.Status
	a := intend(o, d, v1alpha1.AttemptMorePartitions, *s.Runtime.DeepCopy(), Action{Kind: StorePlan, From: s.Epoch})
	beginsFrom(s, &a.Runtime, s.Runtime)
}

// beginsFrom lets a further epoch on the same internal topics begin from the savepoint that the one before began from, if that has committed
// nothing yet; otherwise it goes on.
func beginsFrom(s *v1alpha1.StreamJobStatus, to, before *v1alpha1.RuntimeStatus) {
	to.RestoreFrom, to.RestoreExactly, to.DropRemoved = "", false, false
	if s.Probation != nil {
		to.RestoreFrom, to.RestoreExactly, to.DropRemoved = before.RestoreFrom, before.RestoreExactly, before.DropRemoved
	}
}

// intend writes an intent: the plan is stored, and nothing else happens before the intent is written.
func intend(o *Observed, d *Decision, kind v1alpha1.AttemptKind, runtime v1alpha1.RuntimeStatus, store Action) *v1alpha1.Attempt {
	s := &d.Status
	epoch := s.Epoch + 1
	a := &v1alpha1.Attempt{
		Epoch: epoch, Kind: kind, Phase: v1alpha1.PhaseFencing, StartedAt: metav1.NewTime(o.Now), Runtime: runtime, Generation: o.Job.Generation,
	}
	s.Attempt = a
	s.MaxOrdinal = max(s.MaxOrdinal, workers(o)-1)
	s.Phase = v1alpha1.PhaseFencing
	if !kind.Stops() {
		store.Epoch = epoch
		d.Actions = append(d.Actions, store)
	}
	d.RequeueAfter = soon
	reason, message := v1alpha1.ReasonFencing, fmt.Sprintf("epoch %d begins: %s", epoch, kind)
	switch kind {
	case v1alpha1.AttemptMorePartitions:
		reason, message = v1alpha1.ReasonMorePartitions, fmt.Sprintf("epoch %d begins, to take up partitions that were added: %s", epoch, few(o.Progress.Added))
	case v1alpha1.AttemptSuspend:
		message = "the job is being stopped"
	case v1alpha1.AttemptComplete:
		message = "the job has read its range, and its workers are being stopped"
	default:
	}
	verdict.Verdict{State: verdict.Reconciling, Reason: reason, Message: message}.Apply(&s.Conditions, o.Job.Generation, o.Now)
	return a
}

// few lists names, and of many the first.
func few(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

func accepted(o *Observed, s *v1alpha1.StreamJobStatus, epoch int64) {
	verdict.Set(&s.Conditions, v1alpha1.ConditionPlanAccepted, true, v1alpha1.ReasonPlanAccepted,
		fmt.Sprintf("the query is that of epoch %d", epoch), o.Job.Generation, o.Now)
}

// proceed does the next step of the attempt in the journal. From the fence on it runs to its end, which takes seconds: a newer spec
// then begins the next one.
func proceed(o *Observed, d *Decision) {
	s, a := &d.Status, d.Status.Attempt
	if a.Phase == v1alpha1.PhaseSavepointing {
		saving(o, d)
		return
	}
	lost := Obstacle{}
	if !o.PlanStored && !a.Kind.Stops() {
		lost = restore(o, d, a.Epoch, a.Runtime.PlanHash)
	}
	for _, obstacle := range []Obstacle{o.Connection, lost} {
		if obstacle.Is() {
			hold(o, d, obstacle)
			s.Phase = a.Phase
			return
		}
	}
	switch a.Phase {
	case v1alpha1.PhaseFencing:
		fence(o, d)
	case v1alpha1.PhaseRollingBack:
		lookBack(o, d)
	default:
		deploy(o, d)
	}
}

// fence makes an end of all epochs before the attempt's.
func fence(o *Observed, d *Decision) {
	s, a := &d.Status, d.Status.Attempt
	s.Phase = v1alpha1.PhaseFencing
	until := a.StartedAt.Add(StopGrace)
	if a.Deadline != nil {
		until = a.Deadline.Time
	}
	stop := Action{Kind: StopOthers, Epoch: a.Epoch, Keep: kept(s), Before: before(s)}
	if a.Kind == v1alpha1.AttemptHold { // what was stored for an epoch that will not be
		stop.Epoch = 0
	}
	if others(o, a.Epoch) && o.Now.Before(until) {
		d.Actions = append(d.Actions, stop)
		d.RequeueAfter = PollInterval
		return
	}
	d.Actions = append(d.Actions, stop, Action{Kind: Fence, Epoch: a.Epoch, MaxOrdinal: s.MaxOrdinal})
	d.RequeueAfter = soon
	if a.Kind == v1alpha1.AttemptSuspend {
		rest(o, d)
		return
	}
	if a.Kind == v1alpha1.AttemptComplete {
		complete(o, d)
		return
	}
	if a.Kind == v1alpha1.AttemptHold {
		beHeld(o, d)
		return
	}
	if a.Kind == v1alpha1.AttemptReplay || a.Kind == v1alpha1.AttemptCarry {
		versionEnds(d, s.Runtime, &a.Runtime, v1alpha1.ReasonRolledBack)
	}
	if a.Kind == v1alpha1.AttemptRollBack {
		a.Phase, s.Phase = v1alpha1.PhaseRollingBack, v1alpha1.PhaseRollingBack
		return
	}
	deploying(o, s)
}

func deploying(o *Observed, s *v1alpha1.StreamJobStatus) {
	a := s.Attempt
	a.Phase, s.Phase = v1alpha1.PhaseDeploying, v1alpha1.PhaseDeploying
	verdict.Verdict{State: verdict.Reconciling, Reason: v1alpha1.ReasonDeploying, Message: fmt.Sprintf("epoch %d is being deployed", a.Epoch)}.
		Apply(&s.Conditions, o.Job.Generation, o.Now)
}

// kept is the epoch whose plan is kept besides the attempt's: the job may go back to it, or the next plan is compared with it.
func kept(s *v1alpha1.StreamJobStatus) int64 {
	switch a := s.Attempt; {
	case a.Kind == v1alpha1.AttemptFirstStart:
		return 0
	case a.Kind.Stops() || newTopics(a):
		return s.Epoch
	case s.Probation != nil:
		return s.Probation.Epoch
	default:
		return 0
	}
}

// deploy makes the internal topics and the workers of the attempt's epoch, and closes the attempt.
func deploy(o *Observed, d *Decision) {
	s, a := &d.Status, d.Status.Attempt
	if o.Template.Is() {
		hold(o, d, o.Template)
		s.Phase = a.Phase
		return
	}
	replicas := min(workers(o), s.MaxOrdinal+1) // more need a journal entry first, which a running job makes
	state := s.StateEpoch
	if newTopics(a) {
		state = a.Epoch
	}
	d.Actions = append(d.Actions,
		Action{Kind: CreateInternal, Epoch: a.Epoch, StateEpoch: state}, workload(&a.Runtime, a.Epoch, state, replicas))
	s.Probation = probation(o, s)
	s.Epoch, s.StateEpoch, s.Runtime, s.Attempt, s.Suspended, s.Held = a.Epoch, state, a.Runtime.DeepCopy(), nil, nil, nil
	s.Phase = v1alpha1.PhaseDeploying
	verdict.Verdict{State: verdict.Reconciling, Reason: v1alpha1.ReasonWaitingForWorkers, Message: fmt.Sprintf("epoch %d waits for its workers", s.Epoch)}.
		Apply(&s.Conditions, o.Job.Generation, o.Now)
	d.RequeueAfter = soon
}

// newTopics says whether an attempt's epoch has internal topics of its own.
func newTopics(a *v1alpha1.Attempt) bool {
	switch a.Kind {
	case v1alpha1.AttemptFirstStart, v1alpha1.AttemptNewState, v1alpha1.AttemptRollBack, v1alpha1.AttemptCarry, v1alpha1.AttemptReplay:
		return true
	default:
		return a.Savepoint != ""
	}
}

func workload(r *v1alpha1.RuntimeStatus, epoch, state int64, replicas int32) Action {
	return Action{
		Kind: ApplyWorkload, Epoch: epoch, StateEpoch: state, Replicas: replicas, Image: r.Image, PodHash: r.PodHash,
		RestoreFrom: r.RestoreFrom, RestoreExactly: r.RestoreExactly, DropRemoved: r.DropRemoved,
	}
}

// restore stores the plan of an epoch once more, whose ConfigMap somebody deleted. Only what the spec compiles to now can
// be stored; when that is another plan, the user is asked for the one that is lost.
func restore(o *Observed, d *Decision, epoch int64, hash string) Obstacle {
	if o.Plan != nil && o.Plan.Hash == hash {
		d.Actions = append(d.Actions, Action{Kind: StorePlan, Epoch: epoch})
		return Obstacle{}
	}
	return Obstacle{Reason: v1alpha1.ReasonPlanMissing, Message: fmt.Sprintf("the ConfigMap with the plan of epoch %d was deleted, and the spec no longer compiles to that plan: "+
		"the workers that run go on, and none can start: set spec.sql back to what epoch %d runs", epoch, epoch)}
}

// others says whether workers of another epoch are still there.
func others(o *Observed, epoch int64) bool {
	for _, w := range o.Workloads {
		if w.Epoch != epoch {
			return true
		}
	}
	for _, p := range o.Pods {
		if p.Epoch != epoch {
			return true
		}
	}
	return false
}

package lifecycle

import (
	"cmp"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/verdict"
)

// lagStands is for how long a version has to have fallen behind before that is held against it: records that have arrived just now are read by nobody yet.
const lagStands = 10 * time.Second

// shortfall says why a version on probation, which has committed, is not to be kept. It is empty where nothing speaks against it, and where not enough
// is known.
func shortfall(o *Observed, s *v1alpha1.StreamJobStatus) string {
	p, lasts := s.Probation, o.Job.Spec.Upgrade.ProbationTime()
	if p == nil || p.Runtime == nil || p.CommittedAt == nil || lasts == 0 || o.Connection.Is() {
		return ""
	}
	most := int32(0)
	if rules := o.Job.Spec.Upgrade.Probation; rules != nil {
		most = rules.MaxRestarts
	}
	if n, how := failures(o, s); n > most {
		return fmt.Sprintf("its workers ended with an error, %d in all where spec.upgrade.probation.maxRestarts is %d (%s)", n, most, how)
	}
	switch late := o.Now.Sub(p.CommittedAt.Time) - lasts; {
	case late < 0:
		return ""
	case late >= patience(o) && !allReady(s):
		return fmt.Sprintf("%d of %d workers are ready", s.Parallelism.Ready, s.Parallelism.Desired)
	default:
		return behind(o, p, lasts)
	}
}

// failures counts the ends of an epoch's workers with an error since it has committed, and says how the first one was. Pods that are being deleted say
// nothing: theirs may be the end of a node.
func failures(o *Observed, s *v1alpha1.StreamJobStatus) (n int32, how string) {
	for i := range o.Pods {
		p := &o.Pods[i]
		if p.Epoch != s.Epoch || p.Terminating || !p.FailedAt.After(s.Probation.CommittedAt.Time) {
			continue
		}
		n++
		how = cmp.Or(how, p.Name+": "+p.Failure)
	}
	if n > 0 { // a container tells of its last end alone
		n = max(n, restarts(o, s.Epoch)-s.Probation.Restarts)
	}
	return n, how
}

// restarts is how often the containers of an epoch's workers have begun anew. It falls when a pod is replaced.
func restarts(o *Observed, epoch int64) (n int32) {
	for i := range o.Pods {
		if o.Pods[i].Epoch == epoch {
			n += o.Pods[i].Restarts
		}
	}
	return n
}

// behind says what speaks against a version by what it has read.
func behind(o *Observed, p *v1alpha1.Probation, lasts time.Duration) string {
	if o.Progress == nil || p.Read == nil || p.Lag == nil {
		return ""
	}
	lag := o.Job.Status.Lag
	stood := lag != nil && lag.ObservedAt.After(p.CommittedAt.Time) && o.Now.Sub(lag.ObservedAt.Time) >= lagStands && lag.Records > *p.Lag
	if stood && o.Progress.ReadRecords == *p.Read && o.Progress.LagRecords >= lag.Records { // markers of transactions alone are lag that nobody reads
		return fmt.Sprintf("it has read nothing for %s, and %d records wait", lasts, o.Progress.LagRecords)
	}
	rules := o.Job.Spec.Upgrade.Probation
	if grown := o.Progress.LagRecords - *p.Lag; rules != nil && rules.MaxLagGrowth != nil && grown > *rules.MaxLagGrowth {
		return fmt.Sprintf("its lag has grown by %d records in %s, and %d are allowed", grown, lasts, *rules.MaxLagGrowth)
	}
	return ""
}

// fallsBack writes the intent to leave a version that has failed on probation, by spec.upgrade.rollback.
func fallsBack(o *Observed, d *Decision) bool {
	s := &d.Status
	why := shortfall(o, s)
	if why == "" {
		return false
	}
	why = fmt.Sprintf("the version of epoch %d failed on probation: %s", s.Epoch, why)
	obstacle := ""
	switch o.Job.Spec.Upgrade.Rollback {
	case v1alpha1.RollbackHold:
	case v1alpha1.RollbackReplay:
		if o.PlanBefore {
			replay(o, d, why)
			return true
		}
		obstacle = "the plan before is gone"
	default:
		if obstacle = uncarried(o, s); obstacle == "" {
			carryBack(o, d, why)
			return true
		}
		obstacle = "its state can't be carried back: " + obstacle
	}
	if obstacle != "" {
		why += "; " + obstacle
	}
	stopToHold(o, d, why)
	return true
}

// uncarried says what keeps the state of a version from being carried into the plan before; empty where nothing does.
func uncarried(o *Observed, s *v1alpha1.StreamJobStatus) string {
	switch {
	case !o.PlanBefore:
		return "the plan before is gone"
	case o.MisfitBack != "":
		return o.MisfitBack
	case o.Job.Spec.Savepoints == nil:
		return "there is no place for a savepoint"
	case elsewhere(o, s).Is():
		return "its workers write savepoints to another place than spec.savepoints.url"
	case !o.PlanStored:
		return "its own plan is gone"
	case !o.Commands:
		return "its plan is of a format that knows no savepoints"
	default:
		return ""
	}
}

// blamed is the generation that asked for the version that has failed.
func blamed(o *Observed, s *v1alpha1.StreamJobStatus) int64 {
	if o.Plan != nil && o.Plan.Hash == s.Runtime.PlanHash { // other fields have changed since
		return o.Job.Generation
	}
	return s.Probation.Generation
}

// carryBack begins a way back on which no row counts twice: the job stops at a savepoint of where it stands, and the plan before begins from that. The
// request is in the job's control topic before its workers begin anew, and a source that is to be cut reads nothing before that: so what crashes them
// stays unread. Why is empty where the spec asks for it.
func carryBack(o *Observed, d *Decision, why string) {
	p := d.Status.Probation
	a := intend(o, d, v1alpha1.AttemptCarry, *p.Runtime.DeepCopy(), Action{Kind: StorePlan, From: p.Epoch})
	a.Message = why
	stopAtSavepoint(o, d)
	a.Runtime.RestoreFrom, a.Runtime.RestoreExactly, a.Runtime.DropRemoved = a.Savepoint, true, true
}

// replay begins the way back on which rows are written again: the plan before begins from the savepoint of before the upgrade, whatever was committed
// since. Why is empty where the spec asks for it.
func replay(o *Observed, d *Decision, why string) {
	s, p := &d.Status, d.Status.Probation
	from := s.Runtime.RestoreFrom
	again := "what was read since is read again, and rows are written twice"
	if p.Begun != nil && o.Progress != nil && o.Progress.ReadRecords >= *p.Begun {
		again = fmt.Sprintf("%d records that were read since are read again, and rows of them are written twice", o.Progress.ReadRecords-*p.Begun)
	}
	message := fmt.Sprintf("the job goes back to the plan of epoch %d and the savepoint %s: %s", p.Epoch, from, again)
	if why != "" {
		message = why + ". " + message
		s.LastFailure = &v1alpha1.Failure{Generation: blamed(o, s), Reason: v1alpha1.ReasonRolledBack, Message: message + ". Change the spec to try again"}
	}
	runtime := *p.Runtime.DeepCopy()
	runtime.RestoreFrom, runtime.RestoreExactly, runtime.DropRemoved = from, false, p.DropRemoved
	a := intend(o, d, v1alpha1.AttemptReplay, runtime, Action{Kind: StorePlan, From: p.Epoch})
	a.Savepoint = from
	verdict.Verdict{State: verdict.Reconciling, Reason: v1alpha1.ReasonReplayed, Message: message}.Apply(&s.Conditions, o.Job.Generation, o.Now)
}

// asksForOther says whether the spec has come to ask for a plan that is neither the one to leave nor the one to go back to.
func asksForOther(o *Observed, s *v1alpha1.StreamJobStatus) bool {
	a := s.Attempt
	return a.Generation != o.Job.Generation && o.Plan != nil && o.Plan.Hash != s.Runtime.PlanHash && o.Plan.Hash != a.Runtime.PlanHash
}

// carried notes that the savepoint of a way back is there.
func carried(o *Observed, d *Decision) {
	s, a := &d.Status, d.Status.Attempt
	if a.Message != "" {
		s.LastFailure = &v1alpha1.Failure{Generation: blamed(o, s), Reason: v1alpha1.ReasonRolledBack, Message: fmt.Sprintf(
			"%s. The job went back to the plan of epoch %d with the state of its last commit, the savepoint %s; no row counts twice. Change the spec to try again",
			a.Message, s.Probation.Epoch, a.Savepoint)}
	}
}

// stopToHold begins to stop a job at its last commit.
func stopToHold(o *Observed, d *Decision, why string) {
	s := &d.Status
	generation := blamed(o, s)
	a := intend(o, d, v1alpha1.AttemptHold, *s.Runtime.DeepCopy(), Action{})
	a.Message, a.Generation = why, generation
	saysHolding(o, s)
}

// holdInstead turns an attempt whose savepoint there will not be into a stop at the last commit.
func holdInstead(o *Observed, d *Decision, why string) {
	s, a := &d.Status, d.Status.Attempt
	message := a.Message
	switch {
	case s.Held != nil:
		message = s.Held.Message
	case s.Probation != nil && s.Probation.Runtime != nil:
		a.Generation = blamed(o, s)
	}
	if a.Kind != v1alpha1.AttemptCarry {
		versionEnds(d, &a.Runtime, s.Runtime, v1alpha1.ReasonGivenUp)
	}
	grace := metav1.NewTime(o.Now.Add(StopGrace))
	a.Kind, a.Phase, a.Deadline, a.Runtime, a.Message = v1alpha1.AttemptHold, v1alpha1.PhaseFencing, &grace, *s.Runtime.DeepCopy(), joined(message, why)
	s.Phase = v1alpha1.PhaseFencing
	saysHolding(o, s)
	d.RequeueAfter = soon
}

// joined puts two sentences together, as long as that is not a story.
func joined(message, why string) string {
	const most = 2000
	switch {
	case message == "":
		return why
	case len(message) > most:
		return message
	default:
		return message + "; " + why
	}
}

func saysHolding(o *Observed, s *v1alpha1.StreamJobStatus) {
	verdict.Verdict{State: verdict.Reconciling, Reason: v1alpha1.ReasonHeld, Message: "the job is being stopped at its last commit: " + s.Attempt.Message}.
		Apply(&s.Conditions, o.Job.Generation, o.Now)
}

// crashingAgain is how long after the beginning of a way back a worker that has ended twice is held against it: until then it may not have heard of the request.
const crashingAgain = 30 * time.Second

// assist sees to it that there are workers to make a savepoint which stands in the control topic already: those of a job that was held are begun, and
// those that wait for their next start after a crash are replaced. Where workers crash though their sources are held, since what waits behind an exchange is what
// they can't process, it gives up and says so.
func assist(o *Observed, d *Decision) (over bool) {
	s, a := &d.Status, d.Status.Attempt
	if a.Kind != v1alpha1.AttemptCarry && s.Held == nil || o.Template.Is() {
		return false
	}
	if s.Held != nil { // none runs, and what was mended may be what they need: a place for savepoints, memory
		image(o, s)
	}
	d.Actions = append(d.Actions, workload(s.Runtime, s.Epoch, s.StateEpoch, min(workers(o), s.MaxOrdinal+1)))
	for i := range o.Pods {
		p := &o.Pods[i]
		if p.Epoch != s.Epoch || p.Ready || p.Terminating {
			continue
		}
		late := p.FailedAt.After(a.StartedAt.Add(crashingAgain))
		if late && p.Restarts > 1 {
			d.Actions = nil
			holdInstead(o, d, fmt.Sprintf("its workers end with an error though their sources are held (%s: %s)", p.Name, p.Failure))
			return true
		}
		if p.BackOff && !late {
			d.Actions = append(d.Actions, Action{Kind: DeletePod, Pod: p.Name})
		}
	}
	return false
}

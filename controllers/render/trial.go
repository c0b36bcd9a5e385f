package render

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/physical"
)

// LabelTrial is the label with the job's name on what a trial has. It has not LabelJob: its pod is none of the job's workers, for the Service, the disruption budget and
// whoever counts them.
const LabelTrial = "millrace.dev/trial"

// trialSlack is what the work of a trial may take longer than its time: it is ended then though no operator is there.
const trialSlack = 10 * time.Minute

// longestWait is how long a trial waits for rows; a quarter of its time at most.
const longestWait = 30 * time.Second

// Trial is what the objects of a trial are made from.
type Trial struct {
	// Workload is what the workers of the version would be made from. Its state epoch is the epoch.
	Workload
	// ID tells the trial from others, Rows is what it reads, and Timeout how long it may take.
	ID      string
	Rows    int64
	Timeout time.Duration
}

// TrialName names the objects of a trial.
func TrialName(job, id string) string { return job + "-trial-" + id }

// Plan holds the trial's plan.
func (t *Trial) Plan(plan *physical.Plan) (*corev1.ConfigMap, error) {
	m, err := PlanConfigMap(t.Job, t.Epoch, plan)
	if err != nil {
		return nil, err
	}
	m.Name, m.Labels = TrialName(t.Job.Name, t.ID), t.labels()
	return m, nil
}

// Work is the one worker of the trial, with all of the job's state, which it keeps on a volume of the size that each of the job's workers has. It is not begun again
// when it has failed: that is what a trial is for. A pod that is evicted, or whose node goes, is replaced, and goes on where that was.
func (t *Trial) Work() (*batchv1.Job, error) {
	once := t.Workload
	once.Job, once.StateEpoch, once.RestoreExactly = t.Job.DeepCopy(), t.Epoch, false
	state := &once.Job.Spec.State
	state.Snapshots = nil
	if state.Backend != v1alpha1.StateMemory {
		state.Backend = v1alpha1.StatePebble // a server's would have to be tidied up as well
	}
	storage := state.Storage
	state.Storage = nil
	document, err := once.Pods()
	if err != nil {
		return nil, err
	}
	made, err := once.inEpoch(document)
	if err != nil {
		return nil, err
	}
	template := &made.Template
	args := slices.DeleteFunc(once.argsInEpoch(), func(arg string) bool {
		return strings.HasPrefix(arg, "--pod-name=") || strings.HasPrefix(arg, "--shed-lag-records=")
	})
	onlyWorker(&template.Spec, append(args, "--ordinal=0", "--trial="+t.ID, "--trial-rows="+strconv.FormatInt(t.Rows, 10), "--trial-for="+min(longestWait, t.Timeout/4).String()))
	if template.Labels == nil {
		template.Labels = map[string]string{}
	}
	for _, own := range []string{LabelJob, LabelEpoch} {
		delete(template.Labels, own)
	}
	maps.Copy(template.Labels, t.labels())
	template.Spec.TopologySpreadConstraints = nil
	t.mount(&template.Spec, storage)
	never, seconds := int32(0), int64((t.Timeout + trialSlack).Seconds())
	return &batchv1.Job{
		TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{
			Name: TrialName(t.Job.Name, t.ID), Namespace: t.Job.Namespace, Labels: t.labels(), OwnerReferences: []metav1.OwnerReference{Owner(t.Job)},
		},
		Spec: batchv1.JobSpec{
			BackoffLimit: &never, ActiveDeadlineSeconds: &seconds, Template: *template,
			PodFailurePolicy: &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{{
				Action:          batchv1.PodFailurePolicyActionIgnore,
				OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue}},
			}}},
		},
	}, nil
}

// mount gives the pod the trial's plan and, where the job's workers have volumes for their state, one for as long as it lives.
func (t *Trial) mount(pod *corev1.PodSpec, storage *v1alpha1.Storage) {
	for i := range pod.Volumes {
		switch v := &pod.Volumes[i]; {
		case v.Name == planVolume && v.ConfigMap != nil:
			v.ConfigMap.Name = TrialName(t.Job.Name, t.ID)
		case v.Name == stateVolume && storage != nil:
			c := claim(t.Job.Name, storage)
			v.VolumeSource = corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{
				VolumeClaimTemplate: &corev1.PersistentVolumeClaimTemplate{ObjectMeta: metav1.ObjectMeta{Labels: t.labels()}, Spec: c.Spec},
			}}
		}
	}
}

func (t *Trial) labels() map[string]string {
	l := labels(t.Job.Name, 0)
	delete(l, LabelJob)
	l[LabelTrial] = t.Job.Name
	l["app.kubernetes.io/name"], l["app.kubernetes.io/component"] = "millrace-trial", "trial"
	return l
}

package render

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/api/v1alpha1"
)

// LabelRemoval is the label on the work that deletes a savepoint's data, with the uid of its StreamSavepoint.
const LabelRemoval = "millrace.dev/savepoint-removal"

const (
	// removalRetries is how often a Pod that fails is started again, and removalSeconds how long all of it may take.
	removalRetries = 3
	removalSeconds = 900
)

// RemovalName names the work that deletes a savepoint's data.
func RemovalName(s *v1alpha1.StreamSavepoint) string { return "savepoint-" + string(s.UID) }

// Removal is the work that deletes a savepoint's data: the operator has no credentials of the store, so a Pod does it that has what the job's
// workers have, their ServiceAccount and what spec.template of the job gives their container. Job is nil where there is none any more: then
// the Pod has the namespace's default ServiceAccount. Of the template other containers are left out, which would not end.
func Removal(s *v1alpha1.StreamSavepoint, job *v1alpha1.StreamJob, image string) (*batchv1.Job, error) {
	yes, no, user := true, false, int64(workerUser)
	retries, seconds := int32(removalRetries), int64(removalSeconds)
	own := map[string]string{
		LabelRemoval: string(s.UID), "app.kubernetes.io/name": "millrace-savepoint-removal", "app.kubernetes.io/managed-by": "millrace",
	}
	args := []string{"--delete-savepoint=" + s.Status.ID, savepointsFlag + s.Status.URL, "--prefix=" + s.Status.Job}
	template := &corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: own},
		Spec: corev1.PodSpec{
			RestartPolicy:                corev1.RestartPolicyNever,
			AutomountServiceAccountToken: &no,
			EnableServiceLinks:           &no,
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: &yes, RunAsUser: &user, RunAsGroup: &user, FSGroup: &user,
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []corev1.Container{{
				Name: WorkerContainer, Image: image, ImagePullPolicy: corev1.PullIfNotPresent, Args: args,
				TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
				Resources: corev1.ResourceRequirements{
					Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m"), corev1.ResourceMemory: resource.MustParse("64Mi")},
					Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("256Mi")},
				},
				SecurityContext: &corev1.SecurityContext{
					AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes,
					Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				},
			}},
		},
	}
	if job != nil {
		template.Spec.ServiceAccountName = WorkerName(job.Name)
		var err error
		if template, err = merge(template, job.Spec.Template); err != nil {
			return nil, err
		}
		onlyWorker(&template.Spec, args)
	}
	return &batchv1.Job{
		TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{
			Name: RemovalName(s), Namespace: s.Namespace, Labels: own,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(s, v1alpha1.GroupVersion.WithKind("StreamSavepoint"))},
		},
		Spec: batchv1.JobSpec{BackoffLimit: &retries, ActiveDeadlineSeconds: &seconds, Template: *template},
	}, nil
}

// onlyWorker makes a Pod that ends of one that a template has been merged into.
func onlyWorker(pod *corev1.PodSpec, args []string) {
	for i := range pod.Containers {
		if c := pod.Containers[i]; c.Name == WorkerContainer {
			c.Args, c.LivenessProbe, c.ReadinessProbe, c.StartupProbe = args, nil, nil, nil
			pod.Containers = []corev1.Container{c}
			break
		}
	}
	pod.RestartPolicy = corev1.RestartPolicyNever
}

package render

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const (
	stateVolume = "state"
	stateDir    = "/var/lib/millrace"
	planVolume  = "plan"
	planDir     = "/etc/millrace"
	// workerUser is the user and group that the worker runs as; the image has no other.
	workerUser = 65532
	// annotationDefaultContainer tells kubectl logs and exec whom they mean in a pod to which a template adds containers.
	annotationDefaultContainer = "kubectl.kubernetes.io/default-container"
	// terminationSeconds is what a worker may take to commit, which it gives up after ten seconds, and to leave its group.
	terminationSeconds = 30
	// startSeconds is what a worker may take before it answers at all: until its store on disk is open. What it then restores from Kafka or
	// snapshots may take as long as it likes: it is alive meanwhile, and not ready.
	startSeconds = 300
)

// podTemplate is the worker's pod with the user's part merged in, and marks where its epoch belongs. It passes the Pod Security level restricted
// as it is. What it says is kept for as long as the user asks for nothing else: a flag that is new here meets only workers of the operator's own image,
// or of the one that spec.runtimeVersion names.
func (w *Workload) podTemplate() (*corev1.PodTemplateSpec, error) {
	yes, no, user, grace := true, false, int64(workerUser), int64(terminationSeconds)
	onMismatch := corev1.FSGroupChangeOnRootMismatch // a volume of many files is not gone through at each start
	base := &corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: marked(w.Job.Name), Annotations: map[string]string{annotationDefaultContainer: WorkerContainer}},
		Spec: corev1.PodSpec{
			ServiceAccountName:            WorkerName(w.Job.Name),
			AutomountServiceAccountToken:  &no,
			EnableServiceLinks:            &no,
			TerminationGracePeriodSeconds: &grace,
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: &yes, RunAsUser: &user, RunAsGroup: &user, FSGroup: &user, FSGroupChangePolicy: &onMismatch,
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			TopologySpreadConstraints: w.spread(),
			Containers:                []corev1.Container{w.container()},
			Volumes:                   w.volumes(),
		},
	}
	if w.Operator != "" {
		base.Annotations[AnnotationRenderedBy] = w.Operator
	}
	merged, err := merge(base, w.Job.Spec.Template)
	if err != nil {
		return nil, err
	}
	tolerate(&merged.Spec)
	provide(&merged.Spec)
	return merged, nil
}

func (w *Workload) container() corev1.Container {
	yes, no := true, false
	return corev1.Container{
		Name: WorkerContainer, Image: w.Image, ImagePullPolicy: corev1.PullIfNotPresent,
		Args:      w.args(),
		Resources: w.Job.Spec.Resources,
		Env: []corev1.EnvVar{{
			Name: "POD_NAME", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.name"}},
		}},
		Ports: w.ports(),
		VolumeMounts: append([]corev1.VolumeMount{
			{Name: planVolume, MountPath: planDir, ReadOnly: true},
			{Name: stateVolume, MountPath: stateDir},
		}, slices.Concat(w.connectionMounts(), w.apiMounts(), w.server().mounts())...),
		StartupProbe:             probe("/healthz", 1, startSeconds),
		LivenessProbe:            probe("/healthz", 10, 6),
		ReadinessProbe:           probe("/readyz", 2, 3),
		TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError, // the last lines of its log say why it ended
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes,
			Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
	}
}

// args is the worker's command line; the image's entry point is the worker.
func (w *Workload) args() []string {
	list := []string{
		"--plan=" + planDir + "/" + PlanKey,
		"--brokers=" + strings.Join(w.Connection.BootstrapServers, ","),
		"--prefix=" + w.Prefix,
		"--epoch=" + markEpoch,
		"--state-epoch=" + markStateEpoch,
		"--pod-name=$(POD_NAME)",
		"--start-from=" + w.Job.Spec.StartFrom.Type,
		"--state-backend=" + strings.ToLower(string(w.Job.Spec.State.Backend)),
		"--state-dir=" + stateDir + "/state", // below the mount: a worker that starts afresh removes the folder, which a mount point refuses
		"--commit-interval=" + w.Job.Spec.CommitInterval.Duration.String(),
		"--http=:" + strconv.Itoa(httpPort),
	}
	list = append(list, w.connectionArgs()...)
	list = append(list, w.apiArgs()...)
	list = append(list, w.server().args()...)
	list = append(list, w.savepointArgs()...)
	list = append(list, w.endsArgs()...)
	if drift := w.Job.Spec.MaxWatermarkDrift.Duration; drift > 0 {
		list = append(list, "--max-watermark-drift="+drift.String())
	}
	if most := w.Job.Spec.MaxExchangeBytes; most != nil {
		list = append(list, "--max-exchange-bytes="+strconv.FormatInt(most.Value(), 10))
	}
	if most := ShedLagRecords(w.Job); most > 0 {
		list = append(list, "--shed-lag-records="+strconv.FormatInt(most, 10))
	}
	if s := w.Job.Spec.State.Snapshots; s != nil {
		list = append(list, "--snapshots="+s.URL)
		if every := s.Interval.Duration; every > 0 {
			list = append(list, "--snapshot-interval="+every.String())
		}
	}
	replicas, minInSync := Durability(w.Job)
	if replicas > 0 {
		list = append(list, "--replication="+strconv.Itoa(int(replicas)))
	}
	if minInSync > 0 {
		list = append(list, "--min-insync-replicas="+strconv.Itoa(int(minInSync)))
	}
	return list
}

func probe(path string, period, failures int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("http")}},
		PeriodSeconds: period, TimeoutSeconds: 2, FailureThreshold: failures,
	}
}

func (w *Workload) volumes() []corev1.Volume {
	list := []corev1.Volume{{
		Name: planVolume,
		VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: w.Job.Name + "-" + markEpoch},
		}},
	}}
	list = append(list, w.connectionVolumes()...)
	list = append(list, w.apiVolumes()...)
	if v := w.server().volume(); v != nil {
		list = append(list, *v)
	}
	if w.Job.Spec.State.Storage != nil {
		return list // the claim template brings the volume
	}
	return append(list, corev1.Volume{Name: stateVolume, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}})
}

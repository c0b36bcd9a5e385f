package render

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/millrace/millrace/api/v1alpha1"
)

// httpPort is the worker's port for health and metrics.
const httpPort = 8080

// Workload is what the objects of an epoch are made from.
type Workload struct {
	Job *v1alpha1.StreamJob
	// Prefix names the job on Kafka.
	Prefix string
	// Connection is how the brokers are reached.
	Connection v1alpha1.KafkaConnectionSpec
	// Epoch is the job's epoch, StateEpoch the one in the names of its internal topics.
	Epoch, StateEpoch int64
	// Replicas is the number of workers.
	Replicas int32
	// Image is the worker image, and PullSecrets the names of the Secrets of the job's namespace that it is pulled with where the template names none.
	Image       string
	PullSecrets []string
	// Operator is the version of the operator that makes the pods; empty leaves their annotation out.
	Operator string
	// Kept is the document of the pods that were made before for this very workload; empty makes them anew. KeptFor is its key: see PodsKey.
	Kept, KeptFor string
	// RestoreFrom is the savepoint that the state epoch begins from; empty is none. RestoreExactly and DropRemoved say how.
	RestoreFrom                 string
	RestoreExactly, DropRemoved bool
}

// Objects returns the objects of a workload in the order in which they are applied, each with its kind and version.
// The plan's ConfigMap is not among them: it is made once.
func (w *Workload) Objects() ([]runtime.Object, error) {
	set, err := w.statefulSet()
	if err != nil {
		return nil, err
	}
	return []runtime.Object{w.serviceAccount(), w.service(), w.networkPolicy(), w.disruptionBudget(), set}, nil
}

func (w *Workload) meta(name string, epoch int64) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: name, Namespace: w.Job.Namespace, Labels: labels(w.Job.Name, epoch),
		OwnerReferences: []metav1.OwnerReference{Owner(w.Job)},
	}
}

// Owner is the reference by which Kubernetes deletes an object with its job.
func Owner(job *v1alpha1.StreamJob) metav1.OwnerReference {
	yes := true
	return metav1.OwnerReference{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "StreamJob", Name: job.Name, UID: job.UID,
		Controller: &yes, BlockOwnerDeletion: &yes,
	}
}

// serviceAccount has no rights and no token: a worker does not speak to the API server. It has the names of the pull secrets, so that another
// list of them replaces no pod.
func (w *Workload) serviceAccount() *corev1.ServiceAccount {
	no := false
	account := &corev1.ServiceAccount{
		TypeMeta:                     metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"},
		ObjectMeta:                   w.meta(WorkerName(w.Job.Name), 0),
		AutomountServiceAccountToken: &no,
	}
	for _, name := range w.PullSecrets {
		account.ImagePullSecrets = append(account.ImagePullSecrets, corev1.LocalObjectReference{Name: name})
	}
	return account
}

// service gives each worker a name; it is headless, as a StatefulSet wants it.
func (w *Workload) service() *corev1.Service {
	return &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: w.meta(WorkerName(w.Job.Name), 0),
		Spec: corev1.ServiceSpec{
			Type: corev1.ServiceTypeClusterIP, ClusterIP: corev1.ClusterIPNone, PublishNotReadyAddresses: true,
			Selector: selector(w.Job.Name, 0),
			Ports:    w.servicePorts(),
		},
	}
}

// disruptionBudget lets a node drain take one worker at a time, and one that does not work whenever it likes: a broken job is not to keep a node from
// being emptied.
func (w *Workload) disruptionBudget() *policyv1.PodDisruptionBudget {
	one, always := intstr.FromInt32(1), policyv1.AlwaysAllow
	return &policyv1.PodDisruptionBudget{
		TypeMeta:   metav1.TypeMeta{APIVersion: "policy/v1", Kind: "PodDisruptionBudget"},
		ObjectMeta: w.meta(WorkerName(w.Job.Name), 0),
		Spec: policyv1.PodDisruptionBudgetSpec{
			MaxUnavailable: &one, Selector: &metav1.LabelSelector{MatchLabels: selector(w.Job.Name, 0)},
			UnhealthyPodEvictionPolicy: &always,
		},
	}
}

// statefulSet holds the epoch's workers. Pods come and go in parallel, and a new template reaches them only when the
// operator deletes them: under the ordered ways a broken template can't be replaced.
func (w *Workload) statefulSet() (*appsv1.StatefulSet, error) {
	document := w.Kept
	if document == "" {
		var err error
		if document, err = w.Pods(); err != nil {
			return nil, err
		}
	}
	pods, err := w.inEpoch(document)
	if err != nil {
		return nil, err
	}
	replicas, history := w.Replicas, int32(3)
	set := &appsv1.StatefulSet{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "StatefulSet"},
		ObjectMeta: w.meta(EpochName(w.Job.Name, w.Epoch), w.Epoch),
		Spec: appsv1.StatefulSetSpec{
			Replicas:             &replicas,
			ServiceName:          WorkerName(w.Job.Name),
			PodManagementPolicy:  appsv1.ParallelPodManagement,
			UpdateStrategy:       appsv1.StatefulSetUpdateStrategy{Type: appsv1.OnDeleteStatefulSetStrategyType},
			Selector:             &metav1.LabelSelector{MatchLabels: selector(w.Job.Name, w.Epoch)},
			RevisionHistoryLimit: &history,
			Template:             pods.Template,
		},
	}
	if w.KeptFor != "" {
		keep(set, w.KeptFor, document)
	}
	if len(pods.Claims) > 0 {
		set.Spec.VolumeClaimTemplates = pods.Claims
		set.Spec.PersistentVolumeClaimRetentionPolicy = &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{
			WhenDeleted: appsv1.DeletePersistentVolumeClaimRetentionPolicyType, // a cache of what Kafka holds
			WhenScaled:  appsv1.RetainPersistentVolumeClaimRetentionPolicyType,
		}
	}
	return set, nil
}

func claim(job string, storage *v1alpha1.Storage) corev1.PersistentVolumeClaim {
	c := corev1.PersistentVolumeClaim{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"},
		ObjectMeta: metav1.ObjectMeta{Name: stateVolume, Labels: marked(job)},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: storage.Size}},
		},
	}
	if storage.StorageClassName != "" {
		c.Spec.StorageClassName = &storage.StorageClassName
	}
	return c
}

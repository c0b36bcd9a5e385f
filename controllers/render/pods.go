package render

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/runtime/fault"
)

const (
	// AnnotationPods is the annotation with a Pods document, on the ConfigMap of the plan that they run and on their StatefulSet.
	AnnotationPods = "millrace.dev/pods"
	// AnnotationPodsOf is the annotation with what that document was made from: see PodsKey.
	AnnotationPodsOf = "millrace.dev/pods-of"
	// AnnotationRenderedBy is the annotation of a pod with the version of the operator that made its template.
	AnnotationRenderedBy = "millrace.dev/rendered-by"

	// maxPodsBytes keeps an object's annotations within the 256 KiB that an API server takes.
	maxPodsBytes = 192 << 10

	// What an epoch is to its pods stands in the document as these marks, so that another epoch can run the same pods.
	markEpoch      = "%{epoch}"
	markStateEpoch = "%{stateEpoch}"
	markRestore    = "%{restore}" // an argument by itself, for as many as there are
)

// pods are a job's workers as one operator has made them, whatever the epoch. As JSON it is kept: an operator of another version would make others, and
// takes those that are kept as long as the user asks for nothing else (docs/decisions/0085-pinned-pods.md).
type pods struct {
	Template corev1.PodTemplateSpec `json:"template"`
	// Claims are the volumes of a StatefulSet; it can't be changed in them at all.
	Claims []corev1.PersistentVolumeClaim `json:"claims,omitempty"`
}

// PodsKey says what pods are made from: the hash of what the user says of them, and the image.
func PodsKey(podHash, image string) string { return podHash + " " + image }

// KeptPods returns the Pods document that an object holds for a key; false where it has none for it, or one that somebody has damaged.
func KeptPods(annotations map[string]string, key string) (string, bool) {
	text := annotations[AnnotationPods]
	if text == "" || annotations[AnnotationPodsOf] != key {
		return "", false
	}
	kept := pods{}
	if err := json.Unmarshal([]byte(text), &kept); err != nil || len(kept.Template.Spec.Containers) == 0 {
		return "", false
	}
	return text, true
}

// Pods makes the workload's pods anew, as a document to keep.
func (w *Workload) Pods() (string, error) {
	template, err := w.podTemplate()
	if err != nil {
		return "", err
	}
	made := pods{Template: *template}
	if storage := w.Job.Spec.State.Storage; storage != nil {
		made.Claims = []corev1.PersistentVolumeClaim{claim(w.Job.Name, storage)}
	}
	text, err := json.Marshal(made)
	if err != nil {
		return "", fault.Wrap(fault.Bug, err, "encode the pods")
	}
	if len(text) > maxPodsBytes {
		return "", fault.New(fault.User, fault.InField("spec.template"), "the pods take %d bytes, more than the %d that are kept of them", len(text), maxPodsBytes).
			Do("move what is large into a ConfigMap, and mount it")
	}
	return string(text), nil
}

// RenderedBy returns the version of the operator that made the pods of a document; empty where it does not say.
func RenderedBy(document string) string {
	kept := pods{}
	if err := json.Unmarshal([]byte(document), &kept); err != nil {
		return ""
	}
	return kept.Template.Annotations[AnnotationRenderedBy]
}

// inEpoch returns the pods of a document as the workload's epoch runs them.
func (w *Workload) inEpoch(document string) (*pods, error) {
	out := &pods{}
	if err := json.Unmarshal([]byte(w.marks().Replace(document)), out); err != nil {
		return nil, fault.Wrap(fault.Corrupt, err, "decode the pods of %s", EpochName(w.Job.Name, w.Epoch))
	}
	containers := out.Template.Spec.Containers
	for i := range containers {
		containers[i].Args = w.restoring(containers[i].Args)
	}
	return out, nil
}

// argsInEpoch are the worker's arguments, as the workload's epoch has them.
func (w *Workload) argsInEpoch() []string {
	args := w.args()
	for i := range args {
		args[i] = w.marks().Replace(args[i])
	}
	return w.restoring(args)
}

func (w *Workload) marks() *strings.Replacer {
	return strings.NewReplacer(markEpoch, strconv.FormatInt(w.Epoch, 10), markStateEpoch, strconv.FormatInt(w.StateEpoch, 10))
}

// restoring puts what the epoch begins from in the place of its mark.
func (w *Workload) restoring(args []string) []string {
	if at := slices.Index(args, markRestore); at >= 0 {
		return slices.Replace(args, at, at+1, w.restoreArgs()...)
	}
	return args
}

// keep notes on the StatefulSet which pods it runs, beside the plan's ConfigMap: either may be deleted.
func keep(set *appsv1.StatefulSet, key, document string) {
	metav1.SetMetaDataAnnotation(&set.ObjectMeta, AnnotationPodsOf, key)
	metav1.SetMetaDataAnnotation(&set.ObjectMeta, AnnotationPods, document)
}

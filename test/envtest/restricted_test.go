//go:build envtest

package envtest

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// A namespace that enforces the Pod Security level restricted takes workers of every kind.
func TestWorkersMayRunWhereLittleIsAllowed(t *testing.T) {
	t.Parallel()
	restricted := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		GenerateName: "restricted-", Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "latest"},
	}}
	if err := kube.Create(t.Context(), restricted); err != nil {
		t.Fatal(err)
	}
	for name, more := range map[string]string{
		"plain":            "",
		"with an API":      "api: {secretRef: {name: s}},",
		"with a server":    "state: {backend: Redis, redis: {url: 'redis://r:6379', passwordRef: {name: r, key: p}}},",
		"with snapshots":   "state: {backend: Pebble, snapshots: {url: 's3://b/p'}}, savepoints: {url: 's3://b/q'},",
		"with a volume":    "state: {backend: Pebble, storage: {size: 1Gi}},",
		"with a template":  "template: {spec: {nodeSelector: {disk: ssd}, imagePullSecrets: [{name: r}]}},",
		"with a container": "template: {spec: {containers: [{name: side, image: s, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]}},",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template := running(t, more).set(1).Spec.Template
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: restricted.Name, Name: "p", Labels: template.Labels}, Spec: template.Spec}
			pod.Spec.ServiceAccountName = ""
			if len(pod.Spec.Volumes) == 1 { // the volume of the claim
				pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: "state", VolumeSource: corev1.VolumeSource{
					PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "state-p"},
				}})
			}
			if err := kube.Create(t.Context(), pod, client.DryRunAll); err != nil {
				t.Errorf("the pod is refused: %v", err)
			}
		})
	}
}

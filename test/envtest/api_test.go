//go:build envtest

package envtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// Opening the API rolls the pods within the epoch, and brings the Secret into them; closing it takes it away.
func TestTheAPIOpensByARoll(t *testing.T) {
	t.Parallel()
	w := running(t, "parallelism: 2,")
	for n, api := range []string{"api: {secretRef: {name: job-api}},", ""} {
		w.apply(jobYAML(sql1, "parallelism: 2, "+api))
		w.await("all pods replaced", func() error {
			w.mu.Lock()
			defer w.mu.Unlock()
			if len(w.killed) != 2*(n+1) {
				return fmt.Errorf("replaced %v", w.killed)
			}
			return nil
		})
		if job := w.awaitJob("Running 1 Ready"); job.Status.Epoch != 1 {
			t.Errorf("epoch %d", job.Status.Epoch)
		}
		set, service := &appsv1.StatefulSet{}, &corev1.Service{}
		if err := kube.Get(t.Context(), w.key("job-1"), set); err != nil {
			t.Fatal(err)
		}
		if err := kube.Get(t.Context(), w.key("job-worker"), service); err != nil {
			t.Fatal(err)
		}
		open := api != ""
		pod := set.Spec.Template.Spec
		mounted := slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Secret != nil && v.Secret.SecretName == "job-api" })
		listens := slices.ContainsFunc(pod.Containers[0].Args, func(a string) bool { return strings.HasPrefix(a, "--https=") })
		named := slices.ContainsFunc(service.Spec.Ports, func(p corev1.ServicePort) bool { return p.Name == "https" && p.Port == 8443 })
		if mounted != open || listens != open || named != open {
			t.Errorf("%q: mounted %v, listens %v, named %v", api, mounted, listens, named)
		}
	}
}

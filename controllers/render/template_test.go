package render_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/millrace/millrace/api/v1alpha1"
)

// podOf is the pod of a job.
func podOf(t *testing.T, j *v1alpha1.StreamJob) *corev1.PodTemplateSpec {
	t.Helper()
	objects, err := workload(j).Objects()
	if err != nil {
		t.Fatal(err)
	}
	set, ok := objects[len(objects)-1].(*appsv1.StatefulSet)
	if !ok {
		t.Fatalf("%T is no StatefulSet", objects[len(objects)-1])
	}
	return &set.Spec.Template
}

// What a template names counts, and of the rest nothing is lost: lists whose members have names are merged by these.
func TestATemplateIsMergedByName(t *testing.T) {
	cases := map[string]struct {
		template string
		field    func(*corev1.PodTemplateSpec) any
		want     string
	}{
		"a variable more": {
			`{"spec":{"containers":[{"name":"worker","env":[{"name":"A","value":"1"}]}]}}`,
			func(p *corev1.PodTemplateSpec) any {
				return names(p.Spec.Containers[0].Env, func(e corev1.EnvVar) string { return e.Name })
			},
			`["A","POD_NAME"]`,
		},
		"a variable of ours": {
			`{"spec":{"containers":[{"name":"worker","env":[{"name":"POD_NAME","value":"x-7","valueFrom":null}]}]}}`,
			func(p *corev1.PodTemplateSpec) any { return p.Spec.Containers[0].Env },
			`[{"name":"POD_NAME","value":"x-7"}]`,
		},
		"a container more": {
			`{"spec":{"containers":[{"name":"side","image":"s"}]}}`,
			func(p *corev1.PodTemplateSpec) any {
				return []any{
					names(p.Spec.Containers, func(c corev1.Container) string { return c.Name + "=" + c.Image }),
					p.Annotations["kubectl.kubernetes.io/default-container"],
				}
			},
			`[["side=s","worker=millrace/worker:1"],"worker"]`,
		},
		"another image": {
			`{"spec":{"containers":[{"name":"worker","image":"mirror/worker:2","imagePullPolicy":"Always"}]}}`,
			func(p *corev1.PodTemplateSpec) any {
				c := p.Spec.Containers[0]
				return []any{c.Image, c.ImagePullPolicy, len(c.Args)}
			},
			`["mirror/worker:2","Always",11]`,
		},
		"a volume, mounted beside ours": {
			`{"spec":{"volumes":[{"name":"ca","configMap":{"name":"ca"}}],"containers":[{"name":"worker","volumeMounts":[{"name":"ca","mountPath":"/etc/ssl"}]}]}}`,
			func(p *corev1.PodTemplateSpec) any {
				return []any{
					names(p.Spec.Volumes, func(v corev1.Volume) string { return v.Name }),
					names(p.Spec.Containers[0].VolumeMounts, func(m corev1.VolumeMount) string { return m.MountPath }),
				}
			},
			`[["ca","plan","state"],["/etc/ssl","/etc/millrace","/var/lib/millrace"]]`,
		},
		"Secrets to pull with": {
			`{"spec":{"imagePullSecrets":[{"name":"mine"}]}}`,
			func(p *corev1.PodTemplateSpec) any { return p.Spec.ImagePullSecrets },
			`[{"name":"mine"}]`,
		},
		"one of the two ways to spread": {
			`{"spec":{"topologySpreadConstraints":[{"topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"DoNotSchedule","maxSkew":2}]}}`,
			func(p *corev1.PodTemplateSpec) any {
				return names(p.Spec.TopologySpreadConstraints, func(c corev1.TopologySpreadConstraint) string {
					return c.TopologyKey + " " + string(c.WhenUnsatisfiable) + " " + c.LabelSelector.MatchLabels["millrace.dev/epoch"]
				})
			},
			`["kubernetes.io/hostname ScheduleAnyway 3","topology.kubernetes.io/zone DoNotSchedule 3"]`,
		},
		"a toleration more": {
			`{"spec":{"tolerations":[{"key":"gpu","operator":"Exists"}]}}`,
			func(p *corev1.PodTemplateSpec) any { return tolerations(p) },
			`["gpu ","node.kubernetes.io/not-ready 30s","node.kubernetes.io/unreachable 30s"]`,
		},
		"a toleration of a lost node": {
			`{"spec":{"tolerations":[{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":600}]}}`,
			func(p *corev1.PodTemplateSpec) any { return tolerations(p) },
			`["node.kubernetes.io/unreachable 600s","node.kubernetes.io/not-ready 30s"]`,
		},
		"a toleration of everything": {
			`{"spec":{"tolerations":[{"operator":"Exists"}]}}`,
			func(p *corev1.PodTemplateSpec) any { return tolerations(p) }, `[" "]`,
		},
		"a field of the security context": {
			`{"spec":{"securityContext":{"runAsUser":1000,"fsGroup":2000}}}`,
			func(p *corev1.PodTemplateSpec) any {
				c := p.Spec.SecurityContext
				return []any{c.RunAsUser, c.FSGroup, c.RunAsNonRoot, c.SeccompProfile.Type}
			},
			`[1000,2000,true,"RuntimeDefault"]`,
		},
		"a probe": {
			`{"spec":{"containers":[{"name":"worker","startupProbe":{"failureThreshold":900}}]}}`,
			func(p *corev1.PodTemplateSpec) any {
				c := p.Spec.Containers[0]
				return []any{c.StartupProbe.FailureThreshold, c.StartupProbe.HTTPGet.Path, c.ReadinessProbe.HTTPGet.Path}
			},
			`[900,"/healthz","/readyz"]`,
		},
		"labels, but not those that pods are found by": {
			`{"metadata":{"labels":{"team":"x","millrace.dev/job":"other","millrace.dev/epoch":"9"}}}`,
			func(p *corev1.PodTemplateSpec) any {
				return []string{p.Labels["team"], p.Labels["millrace.dev/job"], p.Labels["millrace.dev/epoch"]}
			},
			`["x","sales","3"]`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			j := job()
			j.Spec.Template = &runtime.RawExtension{Raw: []byte(c.template)}
			got, err := json.Marshal(c.field(podOf(t, j)))
			if err != nil || string(got) != c.want {
				t.Errorf("got %s, want %s: %v", got, c.want, err)
			}
		})
	}
}

func names[T any](list []T, name func(T) string) []string {
	var all []string
	for _, x := range list {
		all = append(all, name(x))
	}
	return all
}

func tolerations(p *corev1.PodTemplateSpec) []string {
	return names(p.Spec.Tolerations, func(t corev1.Toleration) string {
		if t.TolerationSeconds == nil {
			return t.Key + " "
		}
		return t.Key + " " + resource.NewQuantity(*t.TolerationSeconds, resource.DecimalSI).String() + "s"
	})
}

// The limit of memory is what a worker's budget follows: only who names memory has another one, or none.
func TestAWorkerHasALimitOfMemoryUnlessSomebodySaysOtherwise(t *testing.T) {
	list := func(pairs ...string) corev1.ResourceList {
		l := corev1.ResourceList{}
		for i := 0; i < len(pairs); i += 2 {
			l[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
		}
		return l
	}
	cases := map[string]struct {
		resources corev1.ResourceRequirements
		template  string
		want      string
	}{
		"nobody":           {want: `{"limits":{"memory":"512Mi"},"requests":{"cpu":"100m","memory":"512Mi"}}`},
		"a limit":          {resources: corev1.ResourceRequirements{Limits: list("memory", "4Gi")}, want: `{"limits":{"memory":"4Gi"},"requests":{"cpu":"100m"}}`},
		"a request alone":  {resources: corev1.ResourceRequirements{Requests: list("memory", "4Gi")}, want: `{"requests":{"cpu":"100m","memory":"4Gi"}}`},
		"CPUs":             {resources: corev1.ResourceRequirements{Limits: list("cpu", "2")}, want: `{"limits":{"cpu":"2","memory":"512Mi"},"requests":{"memory":"512Mi"}}`},
		"the template":     {template: `{"limits":{"memory":"3Gi"}}`, want: `{"limits":{"memory":"3Gi"},"requests":{"cpu":"100m"}}`},
		"something beside": {resources: corev1.ResourceRequirements{Limits: list("ephemeral-storage", "9Gi")}, want: `{"limits":{"ephemeral-storage":"9Gi","memory":"512Mi"},"requests":{"cpu":"100m","memory":"512Mi"}}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			j := job()
			j.Spec.Resources = c.resources
			if c.template != "" {
				j.Spec.Template = &runtime.RawExtension{Raw: []byte(`{"spec":{"containers":[{"name":"side","image":"s"},{"name":"worker","resources":` + c.template + `}]}}`)}
			}
			pod := podOf(t, j)
			i := slices.IndexFunc(pod.Spec.Containers, func(c corev1.Container) bool { return c.Name == "worker" })
			got, err := json.Marshal(pod.Spec.Containers[i].Resources)
			if err != nil || string(got) != c.want {
				t.Errorf("got %s, want %s: %v", got, c.want, err)
			}
			if len(j.Spec.Resources.Requests) != len(c.resources.Requests) {
				t.Error("the job was changed")
			}
		})
	}
}

// Pull secrets are the account's, so that another list of them replaces no pod.
func TestPullSecretsAreTheAccounts(t *testing.T) {
	w := workload(job())
	w.PullSecrets = []string{"registry", "mirror"}
	objects, err := w.Objects()
	if err != nil {
		t.Fatal(err)
	}
	account, ok := objects[0].(*corev1.ServiceAccount)
	if !ok || len(account.ImagePullSecrets) != 2 || account.ImagePullSecrets[1].Name != "mirror" {
		t.Errorf("the account is %+v", objects[0])
	}
	text, err := json.Marshal(objects[len(objects)-1])
	if err != nil || strings.Contains(string(text), "mirror") {
		t.Errorf("the pods name them: %v", err)
	}
}

//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/controllers/render"
	"github.com/millrace/millrace/runtime/release"
)

// A user of the release before upgrades the chart. What this operator would make of pods is not what that one has made: at least they say who made them.
var _ = Describe("an upgrade of the operator from the release before", Ordered, Label("release"), func() {
	It("restarts no worker, and gives a job its pods when the job changes", func(ctx SpecContext) {
		if world.release == "" {
			Skip("E2E_RELEASE is not set: the history has no release to come from, or the cluster is another one's")
		}
		upgraded := false
		DeferCleanup(func(ctx SpecContext) {
			if !upgraded {
				installOperator(ctx, "tree")
			}
		}, NodeTimeout(3*time.Minute))
		installOperator(ctx, "release")
		j := newJob(ctx, "release")
		j.applyTopics(ctx)
		j.applyQuery(ctx, `  runtimeVersion: "${VERSION}"`+"\n", "") // the image is the operator's
		j.runs(ctx)
		j.feed(ctx)
		before, pods, template := j.statusNow(ctx), j.pods(ctx), j.template(ctx)
		listed := table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs"))
		Expect(before.Runtime.RenderedBy).To(Equal(strings.TrimPrefix(world.release, "v")))
		Expect(before.Runtime.Image).To(Equal("millrace/worker:" + world.release))

		installOperator(ctx, "tree")
		upgraded = true
		j.isLookedAfter(ctx)
		for _, kind := range []string{"streamjobs", "streamtopics", "kafkaconnections", "streamsavepoints"} {
			Expect(schemaOnCluster(ctx, kind)).To(Equal(schemaOfTree(kind)), "the CRD of "+kind)
		}
		j.moves(ctx, j.written(ctx))
		j.runs(ctx)
		Expect(j.pods(ctx)).To(Equal(pods), "the same pods run")
		Expect(j.template(ctx)).To(Equal(template), "their template is the same")
		after := j.statusNow(ctx)
		Expect(after.Epoch).To(Equal(before.Epoch))
		Expect(after.Runtime).To(And(HaveField("PlanHash", before.Runtime.PlanHash), HaveField("InputHash", before.Runtime.InputHash),
			HaveField("PodHash", before.Runtime.PodHash), HaveField("Image", before.Runtime.Image), HaveField("RenderedBy", before.Runtime.RenderedBy)))
		for condition, reason := range reasonsOf(before) {
			Expect(reasonsOf(after)).To(HaveKeyWithValue(condition, reason))
		}
		now := table(kubectl(ctx, "-n", j.namespace, "get", "streamjobs"))
		Expect(now[0]).To(ContainElements(listed[0]), "the columns that there were")
		Expect(now[1][:2]).To(Equal(listed[1][:2]))
		j.check(ctx)
		j.noWorkerFailed(ctx)

		j.feed(ctx)
		Expect(millrace(ctx, "-n", j.namespace, "restart", jobName, "--timeout=60s")).To(ContainSubstring("streamjob.millrace.dev/totals restarted: "))
		Eventually(j.renderedBy).WithContext(ctx).Should(Equal(release.Version), "the user has asked for it")
		j.runs(ctx)
		Expect(j.pods(ctx)).NotTo(ContainElements(pods))
		Expect(j.statusNow(ctx).Runtime.Image).To(Equal(world.image))
		j.moves(ctx, j.written(ctx))
		j.check(ctx)
		j.noWorkerFailed(ctx)
	})
})

// installOperator installs the operator of this tree or of the release over the one that is there, and waits until it alone runs.
func installOperator(ctx context.Context, which string) {
	GinkgoHelper()
	GinkgoWriter.Println("$ helm upgrade, to the chart of the", which)
	out, err := exec.CommandContext(ctx, "./operator.sh", which).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
	Eventually(func(ctx context.Context) error {
		if err := operatorReady(ctx); err != nil {
			return err
		}
		var pods corev1.PodList
		if err := world.cluster.List(ctx, &pods, client.InNamespace(operatorNamespace), client.MatchingLabels{"app.kubernetes.io/name": operatorName}); err != nil {
			return err
		}
		if len(pods.Items) != 1 {
			return errors.New("the one before is still there")
		}
		return nil
	}).WithContext(ctx).Should(Succeed())
}

// isLookedAfter waits until the operator has done something for the job: it gives it the budget back that is taken away.
func (j *job) isLookedAfter(ctx context.Context) {
	GinkgoHelper()
	budget := &policyv1.PodDisruptionBudget{}
	key := client.ObjectKey{Namespace: j.namespace, Name: render.WorkerName(jobName)}
	Expect(world.cluster.Get(ctx, key, budget)).To(Succeed())
	old := budget.UID
	Expect(world.cluster.Delete(ctx, budget)).To(Succeed())
	Eventually(func(ctx context.Context) error {
		if err := world.cluster.Get(ctx, key, budget); err != nil {
			return err
		}
		if budget.UID == old {
			return errors.New("it is the old one")
		}
		return nil
	}).WithContext(ctx).Should(Succeed())
}

func (j *job) statusNow(ctx context.Context) v1alpha1.StreamJobStatus {
	GinkgoHelper()
	o, err := j.get(ctx)
	Expect(err).NotTo(HaveOccurred())
	return o.Status
}

func (j *job) renderedBy(ctx context.Context) (string, error) {
	o, err := j.get(ctx)
	if err != nil {
		return "", err
	}
	return o.Status.Runtime.RenderedBy, nil
}

// template returns the pod template of the job's StatefulSet.
func (j *job) template(ctx context.Context) corev1.PodTemplateSpec {
	GinkgoHelper()
	set := &appsv1.StatefulSet{}
	Expect(world.cluster.Get(ctx, client.ObjectKey{Namespace: j.namespace, Name: render.EpochName(jobName, j.epoch(ctx))}, set)).To(Succeed())
	return set.Spec.Template
}

// reasonsOf lists what the conditions say.
func reasonsOf(s v1alpha1.StreamJobStatus) map[string]string {
	said := map[string]string{}
	for _, c := range s.Conditions {
		said[c.Type] = string(c.Status) + " " + c.Reason
	}
	return said
}

type crd struct {
	Spec struct {
		Versions []struct {
			Schema map[string]any `json:"schema"`
		} `json:"versions"`
	} `json:"spec"`
}

func schemaOnCluster(ctx context.Context, kind string) map[string]any {
	GinkgoHelper()
	out, err := tryKubectl(ctx, "", "get", "crd", kind+".millrace.dev", "-o", "json")
	Expect(err).NotTo(HaveOccurred(), out)
	var c crd
	Expect(json.Unmarshal([]byte(out), &c)).To(Succeed())
	return c.Spec.Versions[0].Schema
}

func schemaOfTree(kind string) map[string]any {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join("..", "..", "charts", "millrace", "files", "crds", "millrace.dev_"+kind+".yaml"))
	Expect(err).NotTo(HaveOccurred())
	var c crd
	Expect(yaml.Unmarshal(text, &c)).To(Succeed())
	return c.Spec.Versions[0].Schema
}

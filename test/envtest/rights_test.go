//go:build envtest

package envtest

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/millrace/millrace/cmd/operator/wire"
)

var rewrite = flag.Bool("rewrite", false, "write testdata anew")

// as is an account of a namespace.
func as(namespace, account string) *rest.Config {
	c := rest.CopyConfig(administrator)
	c.Impersonate = rest.ImpersonationConfig{
		UserName: "system:serviceaccount:" + namespace + ":" + account,
		Groups:   []string{"system:serviceaccounts", "system:serviceaccounts:" + namespace, "system:authenticated"},
	}
	return c
}

// rights are what an account may do in a namespace, as kubectl auth can-i --list has it, a line a resource. What everybody may do, who is
// known at all, is left out.
func rights(t *testing.T, config *rest.Config, namespace string) string {
	t.Helper()
	c, err := client.New(config, client.Options{Scheme: kube.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace}}
	if err := c.Create(t.Context(), review); err != nil {
		t.Fatal(err)
	}
	if review.Status.Incomplete {
		t.Fatalf("the API server does not know all: %s", review.Status.EvaluationError)
	}
	may := map[string][]string{}
	for _, rule := range review.Status.ResourceRules {
		for _, group := range rule.APIGroups {
			if group == "authorization.k8s.io" || group == "authentication.k8s.io" {
				continue
			}
			for _, resource := range rule.Resources {
				if group != "" {
					resource += "." + group
				}
				if len(rule.ResourceNames) > 0 {
					resource += " " + strings.Join(rule.ResourceNames, ",")
				}
				may[resource] = append(may[resource], rule.Verbs...)
			}
		}
	}
	var lines []string
	for resource, verbs := range may {
		slices.Sort(verbs)
		lines = append(lines, resource+": "+strings.Join(slices.Compact(verbs), " "))
	}
	slices.Sort(lines)
	if len(lines) == 0 {
		return "nothing\n"
	}
	return strings.Join(lines, "\n") + "\n"
}

func space(t *testing.T, prefix string) string {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: prefix}}
	if err := kube.Create(t.Context(), ns); err != nil {
		t.Fatal(err)
	}
	return ns.Name
}

// installRights applies what a release's accounts may do.
func installRights(t *testing.T, namespace string, args ...string) {
	t.Helper()
	text, err := helm(t, append([]string{"template", "scoped-" + namespace, chart, "--namespace", namespace, "--set", "fullnameOverride=millrace,rbac.aggregate=false"}, args...)...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var taken bytes.Buffer
	for document := range strings.SplitSeq("\n"+text, "\n---") {
		var o struct{ Kind string }
		if err := yaml.Unmarshal([]byte(document), &o); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(o.Kind, "Role") || strings.HasSuffix(o.Kind, "RoleBinding") || o.Kind == "ServiceAccount" {
			taken.WriteString("---\n" + document + "\n")
		}
	}
	file := filepath.Join(t.TempDir(), "rights.yaml")
	if err := os.WriteFile(file, taken.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := kubectl(t.Context(), "apply", "-f", file); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// What operator and workers may do is committed: whoever gives them more changes a file that is looked at. It runs before the tests that run side by
// side, some of which give the operator more.
func TestRightsAreThoseOfTheFiles(t *testing.T) {
	own, watched, other := space(t, "own-"), space(t, "watched-"), space(t, "other-")
	installRights(t, own, "--set", "webhook.enabled=false,watchNamespaces={"+watched+"}")
	operator := as(own, "millrace-operator")
	for name, got := range map[string]string{
		"operator-of-the-cluster":                    rights(t, as("millrace-system", "millrace-operator"), other),
		"operator-of-the-cluster-in-its-own":         rights(t, as("millrace-system", "millrace-operator"), "millrace-system"),
		"operator-of-namespaces-in-one-of-them":      rights(t, operator, watched),
		"operator-of-namespaces-in-its-own":          rights(t, operator, own),
		"operator-of-namespaces-in-a-stranger":       rights(t, operator, other),
		"worker-of-a-namespace-with-jobs-in-its-own": rights(t, as(watched, "job-worker"), watched),
	} {
		file := filepath.Join("testdata", "rights", name+".txt")
		if *rewrite {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || string(want) != got {
			t.Errorf("%s differs (%v); look at it and run with -rewrite:\n%s", file, err, got)
		}
	}
}

// An operator of a few namespaces needs no right beyond them.
func TestAnOperatorOfNamespacesRunsWithRightsInThemAlone(t *testing.T) {
	t.Parallel()
	running(t, "") // the operator of the whole cluster works, and says no more that it begins to
	own, watched, more := space(t, "own-"), space(t, "watched-"), space(t, "watched-")
	installRights(t, own, "--set", "webhook.enabled=false,watchNamespaces={"+watched+","+more+"}")
	o, err := options(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o.Namespace, o.Namespaces, o.Webhook, o.AllowSameNames = own, []string{watched, more}, wire.Webhook{}, true
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	began := strings.Count(operatorLog.String(), "Starting workers")
	go func() { ended <- wire.Run(ctx, as(own, "millrace-operator"), o) }()
	for deadline := time.Now().Add(patience); strings.Count(operatorLog.String(), "Starting workers") < began+3; time.Sleep(100 * time.Millisecond) {
		select {
		case err := <-ended:
			t.Fatalf("it ended: %v", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("it does not begin to work")
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if strings.Contains(operatorLog.String(), "system:serviceaccount:"+own+":millrace-operator\\\" cannot") {
		t.Error("it was refused something; see the log")
	}
}

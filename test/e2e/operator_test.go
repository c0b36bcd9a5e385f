//go:build e2e

package e2e

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	operatorNamespace = "millrace-system"
	operatorName      = "millrace-operator"
	operatorLabel     = "app.kubernetes.io/name=" + operatorName
)

// operatorReady says whether the operator serves.
func operatorReady(ctx context.Context) error {
	d := &appsv1.Deployment{}
	if err := world.cluster.Get(ctx, client.ObjectKey{Namespace: operatorNamespace, Name: operatorName}, d); err != nil {
		return err
	}
	if d.Status.ReadyReplicas == 0 || d.Status.UnavailableReplicas != 0 {
		return fmt.Errorf("the operator is not ready: %d replicas are", d.Status.ReadyReplicas)
	}
	return nil
}

// killOperator takes its pod away without a word, as a lost node does. The Deployment brings another.
func killOperator(ctx context.Context) {
	GinkgoHelper()
	kubectl(ctx, "-n", operatorNamespace, "delete", "pod", "-l", operatorLabel, "--grace-period=0", "--force", "--wait=false")
}

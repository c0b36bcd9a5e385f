package wire

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	clusterIDName = "millrace-cluster-id"
	clusterIDKey  = "clusterID"
	// clusterIDBytes of randomness make two clusters on one Kafka as good as never meet.
	clusterIDBytes = 5
)

// clusterID reads the cluster's id from its ConfigMap, and makes it the first time. It must never change: every name on
// Kafka begins with it.
func clusterID(ctx context.Context, c client.Client, namespace string) (string, error) {
	m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: clusterIDName}}
	key := client.ObjectKeyFromObject(m)
	for range 2 { // another replica may make it between the two
		err := c.Get(ctx, key, m)
		if err == nil {
			if id := m.Data[clusterIDKey]; id != "" {
				return id, nil
			}
			return "", fmt.Errorf("configmap %s holds no %s: restore it, or pass --cluster-id; another id would lose every job's state", key, clusterIDKey)
		}
		if !apierrors.IsNotFound(err) {
			return "", fmt.Errorf("read the cluster's id: %w", err)
		}
		yes := true
		m = &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: clusterIDName},
			Immutable:  &yes, Data: map[string]string{clusterIDKey: newClusterID()},
		}
		if err := c.Create(ctx, m); err == nil {
			return m.Data[clusterIDKey], nil
		} else if !apierrors.IsAlreadyExists(err) {
			return "", fmt.Errorf("keep the cluster's id: %w", err)
		}
	}
	return "", fmt.Errorf("configmap %s comes and goes", key)
}

func newClusterID() string {
	var random [clusterIDBytes]byte
	_, _ = rand.Read(random[:]) // never fails
	return strings.ToLower(base32.StdEncoding.EncodeToString(random[:]))
}

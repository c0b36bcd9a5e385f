package main

import (
	"context"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// provisionerName is what a storage class names, and provisionedBy the annotation that marks our volumes.
const (
	provisionerName = "e2e.local/directory"
	provisionedBy   = "pv.kubernetes.io/provisioned-by"
)

type provisioner struct {
	client client.Client
	root   string
}

// reconcileClaim makes the volume of a new claim and grows that of a bound one.
func (p provisioner) reconcileClaim(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	var claim corev1.PersistentVolumeClaim
	if err := p.client.Get(ctx, request.NamespacedName, &claim); err != nil || claim.DeletionTimestamp != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if claim.Spec.StorageClassName == nil {
		return reconcile.Result{}, nil
	}
	var class storagev1.StorageClass
	if err := p.client.Get(ctx, client.ObjectKey{Name: *claim.Spec.StorageClassName}, &class); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	switch {
	case class.Provisioner != provisionerName:
		return reconcile.Result{}, nil
	case claim.Spec.VolumeName != "":
		return reconcile.Result{}, p.grow(ctx, &claim)
	default:
		return reconcile.Result{}, p.provision(ctx, &claim, &class)
	}
}

// grow gives a bound claim the size that it asks for: a folder has no size of its own.
func (p provisioner) grow(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	want, have := claim.Spec.Resources.Requests[corev1.ResourceStorage], claim.Status.Capacity[corev1.ResourceStorage]
	if claim.Status.Phase != corev1.ClaimBound || want.Cmp(have) <= 0 {
		return nil
	}
	var volume corev1.PersistentVolume
	if err := p.client.Get(ctx, client.ObjectKey{Name: claim.Spec.VolumeName}, &volume); err != nil {
		return err
	}
	volume.Spec.Capacity[corev1.ResourceStorage] = want
	if err := p.client.Update(ctx, &volume); err != nil {
		return err
	}
	claim.Status.Capacity[corev1.ResourceStorage] = want
	claim.Status.Conditions = nil
	return p.client.Status().Update(ctx, claim)
}

// provision makes the folder and the volume of an unbound claim.
func (p provisioner) provision(ctx context.Context, claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass) error {
	folder := filepath.Join(p.root, "pvc-"+string(claim.UID))
	const everybody = 0o777 // as a network volume: the kubelet gives it to the pod's fsGroup, a pod without one may write too
	if err := os.MkdirAll(folder, everybody); err != nil {
		return err
	}
	if err := os.Chmod(folder, everybody); err != nil { // past the umask
		return err
	}
	volume := newVolume(claim, class, claim.Spec.Resources.Requests[corev1.ResourceStorage], folder)
	if err := p.client.Create(ctx, volume); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return nil
}

func newVolume(claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass, size resource.Quantity, folder string) *corev1.PersistentVolume {
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: filepath.Base(folder), Annotations: map[string]string{provisionedBy: provisionerName}},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: size},
			AccessModes:                   claim.Spec.AccessModes,
			VolumeMode:                    claim.Spec.VolumeMode,
			StorageClassName:              class.Name,
			PersistentVolumeReclaimPolicy: *class.ReclaimPolicy,
			ClaimRef: &corev1.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID,
			},
			PersistentVolumeSource: corev1.PersistentVolumeSource{Local: &corev1.LocalVolumeSource{Path: folder}},
			// a local volume must say its nodes: any
			NodeAffinity: &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
				MatchExpressions: []corev1.NodeSelectorRequirement{{Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpExists}},
			}}}},
		},
	}
}

// reconcileVolume removes a volume of ours that its claim has left, and its folder.
func (p provisioner) reconcileVolume(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	var volume corev1.PersistentVolume
	if err := p.client.Get(ctx, request.NamespacedName, &volume); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	ours := volume.Annotations[provisionedBy] == provisionerName
	if !ours || volume.Status.Phase != corev1.VolumeReleased || volume.Spec.PersistentVolumeReclaimPolicy != corev1.PersistentVolumeReclaimDelete {
		return reconcile.Result{}, nil
	}
	if err := os.RemoveAll(volume.Spec.Local.Path); err != nil {
		return reconcile.Result{}, err
	}
	return reconcile.Result{}, client.IgnoreNotFound(p.client.Delete(ctx, &volume))
}

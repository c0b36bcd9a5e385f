package object

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// WriteStatus writes the status of after when it differs from that of before, two versions of one object. It fails with
// a conflict when somebody else wrote in between: the status is a journal.
func WriteStatus(ctx context.Context, c client.Client, before, after client.Object) error {
	if equality.Semantic.DeepEqual(before, after) {
		return nil
	}
	return c.Status().Patch(ctx, after, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}), client.FieldOwner(FieldOwner))
}

// AddFinalizer puts a finalizer on an object.
func AddFinalizer(ctx context.Context, c client.Client, o client.Object, finalizer string) error {
	before, ok := o.DeepCopyObject().(client.Object)
	if !ok || !controllerutil.AddFinalizer(o, finalizer) {
		return nil
	}
	return c.Patch(ctx, o, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}), client.FieldOwner(FieldOwner))
}

// RemoveFinalizer takes a finalizer off an object; one that is gone is fine.
func RemoveFinalizer(ctx context.Context, c client.Client, o client.Object, finalizer string) error {
	before, ok := o.DeepCopyObject().(client.Object)
	if !ok || !controllerutil.RemoveFinalizer(o, finalizer) {
		return nil
	}
	return client.IgnoreNotFound(c.Patch(ctx, o, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}), client.FieldOwner(FieldOwner)))
}

// RemoveAnnotation takes an annotation off an object; one that is gone is fine.
func RemoveAnnotation(ctx context.Context, c client.Client, o client.Object, annotation string) error {
	before, ok := o.DeepCopyObject().(client.Object)
	left := o.GetAnnotations()
	if _, has := left[annotation]; !ok || !has {
		return nil
	}
	delete(left, annotation)
	o.SetAnnotations(left)
	return c.Patch(ctx, o, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}), client.FieldOwner(FieldOwner))
}

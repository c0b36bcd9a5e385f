package cluster

import (
	"context"
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/millrace/millrace/api/v1alpha1"
	"github.com/millrace/millrace/runtime/fault"
)

// fieldManager owns the fields that the command line changes.
const fieldManager = "millrace-cli"

// warnings takes what the API server warns of.
type warnings func(text string)

// HandleWarningHeader implements rest.WarningHandler.
func (w warnings) HandleWarningHeader(code int, _ string, text string) {
	const miscellaneous = 299 // the one code there is
	if code == miscellaneous && text != "" {
		w(text)
	}
}

// patch changes fields of a job's spec, or with dry has the API server only say what it makes of that. Warnings, the webhook's among them, go to
// warn as they come.
func (c *Cluster) patch(ctx context.Context, name string, spec map[string]any, dry bool, warn warnings) (*v1alpha1.StreamJob, error) {
	return c.patchObject(ctx, name, map[string]any{"spec": spec}, dry, warn)
}

// annotate sets an annotation of a job.
func (c *Cluster) annotate(ctx context.Context, name, annotation, value string, warn warnings) (*v1alpha1.StreamJob, error) {
	return c.patchObject(ctx, name, map[string]any{"metadata": map[string]any{"annotations": map[string]any{annotation: value}}}, false, warn)
}

func (c *Cluster) patchObject(ctx context.Context, name string, body map[string]any, dry bool, warn warnings) (*v1alpha1.StreamJob, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fault.Wrap(fault.Bug, err, "encode the patch")
	}
	config := rest.CopyConfig(c.config)
	config.WarningHandler = warn
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fault.Wrap(fault.User, err, "connect to %s", config.Host)
	}
	options := metav1.PatchOptions{FieldManager: fieldManager}
	if dry {
		options.DryRun = []string{metav1.DryRunAll}
	}
	ctx, cancel := context.WithTimeout(ctx, requestPatience)
	defer cancel()
	o, err := objects.Resource(jobs().GroupVersionResource).Namespace(c.Namespace).Patch(ctx, name, types.MergePatchType, text, options)
	if err != nil {
		return nil, c.said(err, "patch streamjobs", "StreamJob "+c.Namespace+"/"+name)
	}
	return typed[v1alpha1.StreamJob](o)
}

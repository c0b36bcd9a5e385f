package cluster

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/millrace/millrace/runtime/fault"
)

// said makes an error of ours of what the API server has said, or has not. Verb and thing are what was asked.
func (c *Cluster) said(err error, verb, thing string) error {
	var status apierrors.APIStatus
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case !errors.As(err, &status):
		return fault.Wrap(fault.Transient, err, "%s", verb).Do("look whether kubectl reaches the cluster: kubectl get --raw /readyz")
	case apierrors.IsNotFound(err) && apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse): // the path is unknown, not the name
		return fault.New(fault.User, fault.Place{}, "the cluster knows no %s", thing).Do("install Millrace's CRDs: helm install millrace charts/millrace")
	case apierrors.IsNotFound(err):
		return fault.New(fault.User, fault.Place{}, "%s is not there", thing).Do("give its namespace by -n; millrace status -A shows all jobs")
	case apierrors.IsForbidden(err):
		return fault.Wrap(fault.User, err, "%s", verb).Do("ask for the right to %s in %s", verb, c.where())
	case apierrors.IsUnauthorized(err):
		return fault.Wrap(fault.User, err, "%s", verb).Do("log in to the cluster again")
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), apierrors.IsConflict(err):
		return fault.Wrap(fault.User, err, "%s", verb)
	default:
		return fault.Wrap(fault.Transient, err, "%s", verb)
	}
}

// where names the namespace.
func (c *Cluster) where() string {
	if c.Namespace == "" {
		return "all namespaces"
	}
	return "the namespace " + c.Namespace
}

package streamjob

import (
	"context"

	"github.com/millrace/millrace/controllers/object"
)

//+kubebuilder:rbac:groups="",resources=namespaces,verbs=get

// observeNamespace looks whether the namespace of a job that is deleted goes, too. It is asked for past the cache, which
// would watch all namespaces.
func (p *pass) observeNamespace(ctx context.Context) error {
	goes, err := object.NamespaceGoes(ctx, p.Reader, p.job.Namespace)
	p.observed.NamespaceGoes = goes
	return err
}

// observeLast looks for the savepoint that a deleted job is to stop at.
func (p *pass) observeLast(ctx context.Context) error {
	if p.kafka == nil {
		return nil
	}
	return p.observeUpgrade(ctx)
}

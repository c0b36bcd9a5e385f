package streamjob

import (
	"context"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/millrace/millrace/api/v1alpha1"
)

// known holds the version of each job that was read past the cache, or written, last. The status is a journal: a pass must not begin from an
// older page than the last that was written, and a cached job of the same version is that page. So a job that nobody changes costs no request.
// The zero value knows none. It is safe for concurrent use.
type known struct {
	mu       sync.Mutex
	versions map[types.NamespacedName]string
}

func (k *known) is(job types.NamespacedName, version string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return version != "" && k.versions[job] == version
}

func (k *known) set(job types.NamespacedName, version string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.versions == nil {
		k.versions = map[types.NamespacedName]string{}
	}
	k.versions[job] = version
}

func (k *known) forget(job types.NamespacedName) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.versions, job)
}

// read returns the job as it is: from the cache where that is not behind.
func (r *Reconciler) read(ctx context.Context, key types.NamespacedName) (*v1alpha1.StreamJob, error) {
	job := &v1alpha1.StreamJob{}
	if err := r.Client.Get(ctx, key, job); err == nil && r.known.is(key, job.ResourceVersion) {
		return job, nil
	} else if err != nil && !apierrors.IsNotFound(err) {
		return nil, err
	}
	job = &v1alpha1.StreamJob{}
	if err := r.Reader.Get(ctx, key, job); err != nil {
		return nil, err
	}
	r.known.set(key, job.ResourceVersion)
	return job, nil
}

package streamjob

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/millrace/millrace/controllers/lifecycle"
)

// unmade remembers since when jobs have had fewer pods than their StatefulSets ask for. Kubernetes says so in events alone, which the operator may
// not read; an operator that begins anew waits as long again before it says it. The zero value knows of none. It is safe for concurrent use.
type unmade struct {
	mu    sync.Mutex
	since map[types.NamespacedName]lack
}

// lack is of an epoch's pods.
type lack struct {
	epoch int64
	since time.Time
}

// look notes how many pods of an epoch are there, and how many there should be.
func (u *unmade) look(job types.NamespacedName, epoch int64, have, want int32, now time.Time) lifecycle.Unmade {
	u.mu.Lock()
	defer u.mu.Unlock()
	if have >= want {
		delete(u.since, job)
		return lifecycle.Unmade{}
	}
	began, known := u.since[job]
	if !known || began.epoch != epoch {
		began = lack{epoch, now}
		if u.since == nil {
			u.since = map[types.NamespacedName]lack{}
		}
		u.since[job] = began
	}
	return lifecycle.Unmade{Pods: want - have, Of: want, For: now.Sub(began.since)}
}

func (u *unmade) forget(job types.NamespacedName) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.since, job)
}

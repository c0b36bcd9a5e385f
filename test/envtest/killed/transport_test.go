//go:build envtest

package killed

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
)

// kinds are the resources whose writes are effects on a job. What the operator does about topics and connections is another matter, and events
// are written when there is time.
var kinds = map[string]string{
	"streamjobs": "StreamJob", "statefulsets": "StatefulSet", "configmaps": "ConfigMap", "services": "Service", "serviceaccounts": "ServiceAccount",
	"poddisruptionbudgets": "PodDisruptionBudget", "networkpolicies": "NetworkPolicy", "pods": "Pod",
	"controllerrevisions": "ControllerRevision", "streamsavepoints": "StreamSavepoint",
}

// unnamed are resources whose names hang on a hash or a uid.
var unnamed = map[string]bool{"controllerrevisions": true, "streamsavepoints": true}

// others are resources whose writes are no effects on a job.
var others = map[string]bool{"streamtopics": true, "kafkaconnections": true, "events": true}

// kill says by which effect an operator dies: the first of a name, before it or after it.
type kill struct {
	name  string
	after bool
}

// transport sees what operators write, one after the other, and lets one of them die.
type transport struct {
	mu    sync.Mutex
	armed bool
	kill  *kill
	names []string
}

// hand is one operator's connection to the API server.
type hand struct {
	*transport
	inner http.RoundTripper
	stop  context.CancelFunc

	mu   sync.Mutex
	dead bool
}

var errDead = errors.New("this operator is dead")

// RoundTrip carries a request, as long as the operator lives.
func (h *hand) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	dead := h.dead
	h.mu.Unlock()
	if dead {
		return nil, errDead
	}
	k := h.see(describe(r))
	if k != nil && !k.after {
		h.die()
		return nil, errDead
	}
	response, err := h.inner.RoundTrip(r)
	if k == nil {
		return response, err
	}
	if err == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	h.die()
	return nil, errDead
}

func (h *hand) die() {
	h.mu.Lock()
	h.dead = true
	h.mu.Unlock()
	h.stop()
}

// see notes an effect, and returns how the operator dies by it.
func (t *transport) see(name string) *kill {
	t.mu.Lock()
	defer t.mu.Unlock()
	if name == "" || !t.armed {
		return nil
	}
	t.names = append(t.names, name)
	if t.kill == nil || t.kill.name != name {
		return nil
	}
	k := t.kill
	t.kill = nil
	return k
}

func (t *transport) arm() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.armed = true
}

// describe names a write to the API server as test/killpoints does; what is none, or of no interest, has no name.
func describe(r *http.Request) string {
	if r.Method == http.MethodGet {
		return ""
	}
	_, path, ok := strings.Cut(r.URL.Path, "/namespaces/")
	parts := strings.Split(path, "/") // namespace, resource, name, subresource
	if !ok || len(parts) < 2 || others[parts[1]] {
		return ""
	}
	kind, known := kinds[parts[1]]
	if !known {
		return r.Method + " " + r.URL.Path // nobody has thought of it
	}
	if len(parts) > 3 {
		return parts[3] + " " + kind
	}
	if len(parts) > 2 {
		verb := map[string]string{http.MethodDelete: "delete", http.MethodPatch: "patch", http.MethodPut: "update"}[r.Method]
		if strings.Contains(r.Header.Get("Content-Type"), "apply-patch") {
			verb = "apply"
		}
		if unnamed[parts[1]] {
			return verb + " " + kind
		}
		return verb + " " + kind + " " + parts[2]
	}
	return "create " + kind // its name is in the body, in one of two encodings
}

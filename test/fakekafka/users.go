// Package fakekafka makes the broker in the process behave more as a real one does, where tests need it.
package fakekafka

import (
	"regexp"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Users are those that a cluster knows by SCRAM. It is safe for concurrent use.
type Users struct {
	mu    sync.Mutex
	known map[string]bool
}

// user finds the name in a client's first SCRAM message (RFC 5802): n,,n=NAME,r=NONCE.
var user = regexp.MustCompile(`^n,,n=([^,]*),`)

// Refuse has a cluster answer users that it does not know as Kafka does, with an error. The broker in the process ends the
// connection without a word; for a wrong password it still does.
func Refuse(cluster *kfake.Cluster, known ...string) *Users {
	u := &Users{known: map[string]bool{}}
	for _, name := range known {
		u.known[name] = true
	}
	cluster.ControlKey(int16(kmsg.SASLAuthenticate), func(request kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		asked, ok := request.(*kmsg.SASLAuthenticateRequest)
		if !ok {
			return nil, nil, false
		}
		name := user.FindSubmatch(asked.SASLAuthBytes)
		if name == nil || u.has(string(name[1])) {
			return nil, nil, false
		}
		answer := asked.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		answer.ErrorCode = kerr.SaslAuthenticationFailed.Code
		return answer, nil, true
	})
	return u
}

// Add makes a name known.
func (u *Users) Add(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.known[name] = true
}

func (u *Users) has(name string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.known[name]
}

package sim

import (
	"bytes"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const (
	beatEvery = time.Second      // fake
	standing  = 20 * time.Second // real: this long without a beat, and fake time stands still
	stallsMax = 5                // then a seed says nothing
)

// inBubble runs f in a bubble. It returns false when fake time stood still.
//
// Fake time moves on only while every goroutine waits for something that synctest knows of, and a mutex is not among
// those. franz-go holds one over InitProducerId: when a second goroutine wants the producer's id meanwhile, and the
// answer takes (fake) time, neither gets on. In real time nothing would be wrong, so such a run says nothing. It is left
// standing, and the caller plays it again. A run that stands still for any other reason fails, with its goroutines.
func inBubble(t *testing.T, f func(t *testing.T)) bool {
	t.Helper()
	var beats atomic.Int64
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		synctest.Test(t, func(t *testing.T) {
			stop := make(chan struct{})
			defer close(stop)
			go beat(&beats, stop)
			f(t)
		})
	}()
	look := time.NewTicker(standing)
	defer look.Stop()
	for last := int64(-1); ; {
		select {
		case <-ended:
			return true
		case <-look.C:
		}
		now := beats.Load()
		if now == last {
			if all := stacks(); !waitsForProducerID(all) {
				t.Fatalf("fake time stands still:\n%s", all)
			}
			return false
		}
		last = now
	}
}

func beat(beats *atomic.Int64, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(beatEvery):
			beats.Add(1)
		}
	}
}

func stacks() string {
	const most = 64 << 20
	for size := 1 << 20; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size || size >= most {
			return string(bytes.TrimSpace(buf[:n]))
		}
	}
}

// waitsForProducerID says whether a goroutine waits for the mutex that franz-go holds while it asks for a producer's id.
func waitsForProducerID(all string) bool {
	for g := range strings.SplitSeq(all, "\n\n") {
		state, frames, _ := strings.Cut(g, "\n")
		if !strings.Contains(state, "sync.Mutex.Lock") {
			continue
		}
		for line := range strings.Lines(frames) {
			if strings.HasPrefix(line, "sync.") || strings.HasPrefix(line, "internal/sync.") || strings.HasPrefix(line, "\t") {
				continue
			}
			return strings.Contains(line, "kgo.(*Client).producerID(")
		}
	}
	return false
}

// allWaitToJoin says whether every member of the group waits for the answer to its JoinGroup. kfake begins the group's timeout
// anew with each join, where Kafka keeps to the first one; so with one member that is dead and some that try again in
// between, the group waits for ever. Such a run says nothing either.
func allWaitToJoin(all string) bool {
	members, joining := 0, 0
	for g := range strings.SplitSeq(all, "\n\n") {
		switch {
		case strings.Contains(g, "kgo.(*groupConsumer).joinAndSync.func") && strings.Contains(g, "kmsg.(*JoinGroupRequest).RequestWith"):
			joining++
		case strings.Contains(g, "kgo.(*groupConsumer).manage("):
			members++
		}
	}
	return members > 0 && joining == members
}

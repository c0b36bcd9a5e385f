package worker

import (
	"strings"

	"github.com/millrace/millrace/runtime/control"
)

// covered is what a commit covers.
type covered struct {
	bytes   control.Bytes
	fetches fetches
	stages  map[string]reading
}

// cover adds what a task has taken since its last commit, and begins the next.
func (c *covered) cover(t *running) {
	stage, _, _ := strings.Cut(t.ID(), "/")
	r := c.stages[stage]
	r.see(t.open.oldest)
	r.see(t.open.newest)
	c.stages[stage] = r
	c.bytes.In += t.open.bytes
	t.bytesIn += t.open.bytes
	t.open = reading{}
}

//go:build mutants

package program

import (
	"flag"
	"strconv"
	"strings"
	"syscall"

	"github.com/millrace/millrace/runtime/worker"
)

// plants are bugs that the end-to-end tests plant and must then find. They exist only in builds with the tag "mutants".
type plants struct {
	skipOffsets, giveTwice, restoreToStable, rewindOnUnknown bool
	snapshotAhead, shortenToEnd                              bool
	die                                                      string
}

func (p *plants) flags(f *flag.FlagSet) {
	f.BoolVar(&p.skipOffsets, "plant-skip-offsets", false, "leave TxnOffsetCommit out")
	f.BoolVar(&p.giveTwice, "plant-give-twice", false, "give a partition of each topic to every worker")
	f.BoolVar(&p.restoreToStable, "plant-restore-to-stable", false, "restore up to the last stable offset")
	f.BoolVar(&p.rewindOnUnknown, "plant-rewind-on-unknown", false, "take an unknown outcome for an abort")
	f.BoolVar(&p.snapshotAhead, "plant-snapshot-ahead", false, "let snapshots claim the position of the next commit")
	f.StringVar(&p.die, "plant-die", "", "kill the process at a moment of a commit, MOMENT:N for its n-th: before-offsets or after-offsets")
	f.BoolVar(&p.shortenToEnd, "plant-shorten-to-end", false, "delete the whole changelog after a snapshot")
}

func (p plants) apply(c *worker.Config) {
	c.Kafka.Plants.SkipOffsets, c.Kafka.Plants.RestoreToStable = p.skipOffsets, p.restoreToStable
	c.Kafka.Plants.GiveTwice = p.giveTwice
	c.Plants.RewindOnUnknown = p.rewindOnUnknown
	c.Plants.SnapshotAhead, c.Plants.ShortenToEnd = p.snapshotAhead, p.shortenToEnd
	c.Plants.Reached = p.dies()
}

// dies returns what ends the process, as kill -9 does, at its planned moment; nil for never.
func (p plants) dies() func(worker.Moment) {
	at, n, ok := strings.Cut(p.die, ":")
	left, err := strconv.Atoi(n)
	if !ok || err != nil {
		return nil
	}
	return func(m worker.Moment) {
		if string(m) != at {
			return
		}
		if left--; left == 0 {
			_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
			select {} // it comes at once, but not before the next instruction
		}
	}
}

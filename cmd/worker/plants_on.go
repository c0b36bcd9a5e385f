//go:build mutants

package main

import (
	"flag"

	"github.com/millrace/millrace/runtime/worker"
)

// plants are bugs that the end-to-end tests plant and must then find. They exist only in builds with the tag "mutants".
type plants struct {
	skipOffsets, giveTwice, restoreToStable, rewindOnUnknown bool
	snapshotAhead, shortenToEnd                              bool
}

func (p *plants) flags(f *flag.FlagSet) {
	f.BoolVar(&p.skipOffsets, "plant-skip-offsets", false, "leave TxnOffsetCommit out")
	f.BoolVar(&p.giveTwice, "plant-give-twice", false, "give a partition of each topic to every worker")
	f.BoolVar(&p.restoreToStable, "plant-restore-to-stable", false, "restore up to the last stable offset")
	f.BoolVar(&p.rewindOnUnknown, "plant-rewind-on-unknown", false, "take an unknown outcome for an abort")
	f.BoolVar(&p.snapshotAhead, "plant-snapshot-ahead", false, "let snapshots claim the position of the next commit")
	f.BoolVar(&p.shortenToEnd, "plant-shorten-to-end", false, "delete the whole changelog after a snapshot")
}

func (p plants) apply(c *worker.Config) {
	c.Kafka.Plants.SkipOffsets, c.Kafka.Plants.RestoreToStable = p.skipOffsets, p.restoreToStable
	c.Kafka.Plants.GiveTwice = p.giveTwice
	c.Plants.RewindOnUnknown = p.rewindOnUnknown
	c.Plants.SnapshotAhead, c.Plants.ShortenToEnd = p.snapshotAhead, p.shortenToEnd
}

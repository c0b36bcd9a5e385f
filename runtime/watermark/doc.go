// Package watermark follows event time: what a source partition has seen, and what a task behind an exchange may
// conclude from all of its channels.
//
//	rows of a partition ─► Source ─► W ─► Mark{channel, W, idle} in every exchange record ─► Channels ─► W of the task
//
// W says: every row with an earlier event time has been seen, or is late by the rule of its own partition. It never
// moves back, through restarts and moves neither: the source's lies in the metadata of its committed offset, the vector
// of channels in the changelog. A partition that is silent for long is idle and holds nothing back; idle is stated and
// never guessed from silence. Both types are plain values without a clock: whoever owns one passes `now`.
package watermark

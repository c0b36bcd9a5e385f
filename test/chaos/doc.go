// Command chaos runs a job of real worker processes on a real Kafka, under load, breaks all that can break, and proves that
// every row came out exactly once.
//
//	feeder ─────────────────────────────► Kafka ──────────► reader ─► ledger ─┐
//	   └─► truth                          ▲   ▲ └─ proxy ─┐                   ├─► verdict
//	        └─────────────────────────────┼───┼───────────┼───────────────────┘
//	                  workers ── proxy ───┘   └───────────┘ its markers, which it sends to itself as to any broker
//	                     ▲         ▲
//	   plan ─► conductor ┴─────────┘ kills, stops, wipes, scales; cuts, delays, loses; kills the broker, delays its markers
//
// The job copies every row to one topic, and counts rows by key in tumbling windows to another, so it has sources, an exchange,
// state and a changelog. Some rows are late by construction: they are copied and not counted. The truth follows from the
// rows alone, since lateness is decided by each partition's own rows.
//
// What is done is a plan: drawn from a seed, or read from a file (see the package plan). A plan does not fix what happens, as
// a machine's scheduler has a say; a run that fails leaves its plan, the logs and the broker's data in a folder.
//
//	make chaos SECONDS=600 SEED=7
//	make chaos SECONDS=600 SEED=7 PLAN=/tmp/millrace-chaos-123/plan
//	make chaos-mutants                            # workers with planted bugs: each must turn red
package main

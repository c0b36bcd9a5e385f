// Command worker runs one worker of a compiled job: it joins the job's group on Kafka, works until it is told to stop,
// commits and leaves. The operator starts it in pods; it can be started by hand as well.
//
//	worker --plan plan.json --brokers localhost:9092 --prefix local.default.job --epoch 1 --ordinal 0
//
// It ends with status 2 for what its user can correct, and 1 for the world's troubles. A job with savepoints, or with state on a
// server, is run by the program worker-full, which lies beside it and takes its place.
package main

import (
	"os"

	"github.com/millrace/millrace/cmd/worker/program"
)

func main() { os.Exit(program.Main(program.Links{})) }

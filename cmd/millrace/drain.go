package main

import (
	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/savepoints"
)

const drainLong = `Ask a running job to end, and wait until it has: its sources end where they
are, every window that is open fires with the rows it has, and all of it is
committed. Then the job rests, for good: rows that come later are not read, and
no savepoint is made of it. The request is a record in the job's control topic,
so it outlives the workers, and whoever asks.

To stop a job that is to go on later, as a new version or elsewhere, use
` + "`millrace savepoint create --stop`" + `: windows of a drained job have fired with a
part of their rows.`

func drainCommand() *cobra.Command {
	r, c := requestCommand("drain", "End a running job: its windows fire, and it rests for good", drainLong, savepoints.Drain)
	c.Example = "  millrace drain --kafka localhost:9092 --job prod.default.delays"
	c.Flags().DurationVar(&r.Within, "timeout", defaultWithin, "how long to wait for it; the job goes on with it afterwards")
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	return c
}

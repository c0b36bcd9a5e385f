// Command millrace runs stream jobs on a laptop: the same manifests and SQL as on a cluster, with an embedded broker or
// a real one.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/runtime/fault"
)

// Exit statuses: what a script may rely on.
const (
	exitWorld = 1 // the world's fault: a broker away, a disk full, and ours
	exitUser  = 2 // the user's: SQL, manifest, flag, file, record
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "millrace:", err)
		os.Exit(status(err))
	}
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:           "millrace",
		Short:         "Run stream jobs over Kafka",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	c.AddCommand(runCommand(), explainCommand(), savepointCommand(), drainCommand())
	return c
}

// status turns an error into an exit status.
func status(err error) int {
	switch fault.KindOf(err) {
	case fault.User, fault.Data:
		return exitUser
	case fault.Unknown:
		if _, ok := errors.AsType[*usageError](err); ok {
			return exitUser
		}
		return exitWorld
	case fault.Transient, fault.Corrupt, fault.Fenced, fault.Bug:
		return exitWorld
	default:
		return exitWorld
	}
}

// Command millrace runs stream jobs on a laptop: the same manifests and SQL as on a cluster, with an embedded broker or
// a real one; and it looks after jobs that run on Kubernetes. Under the name kubectl-millrace it is kubectl's plugin.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/release"
)

// Exit statuses: what a script may rely on.
const (
	exitWorld = 1 // the world's fault: a broker away, a disk full, and ours
	exitUser  = 2 // the user's: SQL, manifest, flag, file, record
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root(os.Args[0]).ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "millrace:", err)
		os.Exit(status(err))
	}
}

// The groups of commands in the help.
const (
	groupHere    = "here"
	groupCluster = "cluster"
)

// root makes the command under the name that the program was called by.
func root(program string) *cobra.Command {
	c := &cobra.Command{
		Use:           "millrace",
		Short:         "Run stream jobs over Kafka",
		Version:       release.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	c.AddGroup(&cobra.Group{ID: groupCluster, Title: "Jobs on Kubernetes:"}, &cobra.Group{ID: groupHere, Title: "Jobs here, and by their Kafka:"})
	for _, here := range []*cobra.Command{runCommand(), explainCommand(), savepointCommand(), drainCommand()} {
		here.GroupID = groupHere
		c.AddCommand(here)
	}
	c.AddCommand(clusterCommands()...)
	if strings.HasPrefix(filepath.Base(program), "kubectl-millrace") {
		asPlugin(c)
	}
	return c
}

// asPlugin has the help say what the user has typed.
func asPlugin(c *cobra.Command) {
	if !c.HasParent() {
		c.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl millrace"}
	}
	c.Example = strings.ReplaceAll("\n"+c.Example, "\n  millrace ", "\n  kubectl millrace ")[1:]
	for _, sub := range c.Commands() {
		asPlugin(sub)
	}
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

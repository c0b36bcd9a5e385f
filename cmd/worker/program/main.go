package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/millrace/millrace/runtime/fault"
)

const (
	statusWorld = 1
	statusUser  = 2
)

// Main is a program's main: it returns the status that the process ends with.
func Main(links Links) int {
	s, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	if err == nil && s.deleteSavepoint != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
		defer stop()
		return status(s.remove(ctx, log), log)
	}
	if err == nil && !links.serve(s) {
		err = becomeFull(os.Args[1:])
	}
	if err == nil {
		s.links = links
		groups, _ := os.ReadFile(groupsFile) // without there are none
		s.memory = sharesOf(boundMemory(containersLimit(limitFiles(groupsRoot, string(groups))), os.Getenv("GOMEMLIMIT")))
		if s.stateMemoryBytes > 0 {
			s.memory.store = s.stateMemoryBytes
		}
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
		if os.Getenv("GOGC") == "" {
			debug.SetGCPercent(collectAtPercent)
			go paceCollector(ctx)
		}
		err = s.profiled(func() error { return s.work(ctx, log) })
		stop()
	}
	return status(err, log)
}

// status says how a worker has ended, and returns the process's status.
func status(err error, log *slog.Logger) int {
	if err == nil {
		return 0
	}
	log.Error("the worker ends", "cause", err, "kind", fault.KindOf(err).String())
	if kind := fault.KindOf(err); kind == fault.User || kind == fault.Data {
		return statusUser
	}
	return statusWorld
}

// usage is an error of the command line.
func usage(format string, args ...any) error {
	return fault.New(fault.User, fault.Place{}, "%s", fmt.Sprintf(format, args...)).Do("see --help")
}

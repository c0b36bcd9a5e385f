// Command worker runs one worker of a compiled job: it joins the job's group on Kafka, works until it is told to stop,
// commits and leaves. The operator starts it in pods; it can be started by hand as well.
//
//	worker --plan plan.json --brokers localhost:9092 --prefix local.default.job --epoch 1 --ordinal 0
//
// It ends with status 2 for what its user can correct, and 1 for the world's troubles.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/millrace/millrace/runtime/fault"
)

func main() {
	boundMemory(limitFiles(), os.Getenv("GOMEMLIMIT"))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAtPercent)
		go paceCollector(ctx)
	}
	code := run(ctx, os.Args[1:], os.Stderr)
	stop()
	os.Exit(code)
}

const (
	statusWorld = 1
	statusUser  = 2
)

// run is main with its world handed in.
func run(ctx context.Context, args []string, out io.Writer) int {
	s, err := parse(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	log := slog.New(slog.NewJSONHandler(out, nil))
	if err == nil {
		err = s.profiled(func() error { return s.work(ctx, log) })
	}
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

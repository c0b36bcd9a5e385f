package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // the context's end is the process's
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] != "compare" {
		return errors.New("usage: harness compare [flags]; see make help")
	}
	return compare(ctx, args[1:])
}

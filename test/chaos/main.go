package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := chaos(ctx, os.Args[1:])
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

// chaos is main with its world handed in.
func chaos(ctx context.Context, args []string) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	r, err := newRun(ctx, s, os.Stdout)
	if err != nil {
		return err
	}
	return r.play(ctx)
}

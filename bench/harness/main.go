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
	commands := map[string]func(context.Context, []string) error{"compare": compare, "delivery": delivery, "latency": latency, "memory": memoryOf, "profile": profileQuery, "recovery": recovery, "scale": scale, "smoke": smoke, "weight": weight}
	if len(args) > 0 && commands[args[0]] != nil {
		return commands[args[0]](ctx, args[1:])
	}
	return errors.New("usage: harness compare|delivery|latency|memory|profile|recovery|scale|smoke|weight [flags]; see make help")
}

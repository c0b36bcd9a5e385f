// Command nexmark fills the topics nexmark-person, nexmark-auction and nexmark-bid of a Kafka cluster with the events of
// the Nexmark benchmark, unless they hold exactly these already.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/term"

	"github.com/millrace/millrace/bench/load"
	"github.com/millrace/millrace/cmd/millrace/progress"
	"github.com/millrace/millrace/runtime/nexmark"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "nexmark:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	c, brokers, err := configure(args)
	if err != nil {
		return err
	}
	state := &load.Progress{}
	display := progress.Start(ctx, os.Stderr, term.IsTerminal(int(os.Stderr.Fd())), func() progress.State {
		made, stored := state.Made(), state.Stored()
		return progress.State{Phase: "loading", Fed: min(1, float64(stored)/float64(c.Events.Events)), RowsIn: made, RowsOut: stored, Lag: made - stored}
	})
	began := time.Now()
	r, err := load.Run(ctx, c, state, kgo.SeedBrokers(strings.Split(brokers, ",")...), kgo.ClientID("millrace-nexmark"))
	display.Stop()
	if err != nil {
		return err
	}
	if r.Loaded {
		fmt.Printf("loaded %s events in %.1f s\n", progress.Count(c.Events.Events), time.Since(began).Seconds())
	} else {
		fmt.Println("all is there already")
	}
	for _, topic := range c.Topics {
		fmt.Printf("  %-20s %14s records\n", topic, progress.Count(r.Records[topic]))
	}
	fmt.Println("  digest", r.Digest)
	return nil
}

func configure(args []string) (load.Config, string, error) {
	var c load.Config
	f := flag.NewFlagSet("nexmark", flag.ContinueOnError)
	brokers := f.String("kafka", "127.0.0.1:9092", "broker addresses, comma separated")
	const million, fewPartitions = 1_000_000, 4
	f.Int64Var(&c.Events.Events, "events", million, "events of all kinds: of 50 one person, three auctions, 46 bids")
	f.Uint64Var(&c.Events.Seed, "seed", 0, "makes another data set of the same shape")
	f.Int64Var(&c.Events.FirstEvent, "first-event", 0, "number of the first event")
	f.Int64Var(&c.Events.EventsPerSecond, "event-rate", nexmark.DefaultEventsPerSecond, "events in a second of event time")
	f.Int64Var(&c.Events.OutOfOrderGroup, "out-of-order", 1, "neighbouring events that are dealt out of order")
	ratio := func(p *int64, name, who string, standard int64) {
		f.Int64Var(p, name, standard, "all but one of so many have "+who+"; 1 has nobody hot")
	}
	standard := nexmark.Config{}.WithDefaults()
	ratio(&c.Events.HotAuctionRatio, "hot-auctions", "the hot auction", standard.HotAuctionRatio)
	ratio(&c.Events.HotSellerRatio, "hot-sellers", "the hot seller", standard.HotSellerRatio)
	ratio(&c.Events.HotBidderRatio, "hot-bidders", "the hot bidder", standard.HotBidderRatio)
	f.BoolVar(&c.Events.LateBidders, "late-bidders", false, "add 1000 to a bidder twice, as the benchmark's Flink edition does")
	prefix := f.String("prefix", "nexmark-", "what the topics' names begin with; person, auction, bid and loaded follow")
	partitions := f.Int("partitions", fewPartitions, "partitions of each topic")
	replication := f.Int("replication", 0, "replicas; 0 leaves it to the broker")
	f.StringVar(&c.Compression, "compression", "lz4", strings.Join(load.Compressions(), ", "))
	f.BoolVar(&c.Closing, "closing", true, "add an event to each partition an hour later, so that every window closes")
	f.BoolVar(&c.Replace, "replace", false, "delete topics of these names that something else has made")
	if err := f.Parse(args); err != nil {
		return c, "", err
	}
	if f.NArg() > 0 {
		return c, "", fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	for _, k := range nexmark.Kinds() {
		c.Topics[k] = *prefix + k.String()
	}
	c.Marker = *prefix + "loaded"
	c.Partitions, c.Replication = int32(min(*partitions, 1<<20)), int16(min(*replication, 1<<10)) //nolint:gosec // bounded
	return c, *brokers, nil
}

package logical

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/millrace/millrace/runtime/nexmark"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
)

const connectorNexmark = "nexmark"

// The options of a table with the connector nexmark. Those that bench/load has too are called the same there.
const (
	nexmarkTable       = "table"
	nexmarkEvents      = "events"
	nexmarkRate        = "rate"
	nexmarkSplits      = "splits"
	nexmarkSeed        = "seed"
	nexmarkFirstEvent  = "first-event"
	nexmarkEventRate   = "event-rate"
	nexmarkStart       = "start"
	nexmarkOutOfOrder  = "out-of-order"
	nexmarkHotAuctions = "hot-auctions"
	nexmarkHotSellers  = "hot-sellers"
	nexmarkHotBidders  = "hot-bidders"
	nexmarkLateBidders = "late-bidders"
)

func nexmarkOptionNames() []string {
	return []string{
		optionConnector, nexmarkTable, nexmarkEvents, nexmarkRate, nexmarkSplits, nexmarkSeed, nexmarkFirstEvent, nexmarkEventRate,
		nexmarkStart, nexmarkOutOfOrder, nexmarkHotAuctions, nexmarkHotSellers, nexmarkHotBidders, nexmarkLateBidders,
	}
}

const defaultSplits = 4

// declareNexmark makes t a source of the benchmark's events of one kind.
func (b *binder) declareNexmark(t *spec.Table, n *sql.CreateTable) error {
	source := &spec.Nexmark{Splits: defaultSplits}
	kind := false
	for _, o := range n.Options {
		if err := b.setNexmark(source, o); err != nil {
			return err
		}
		kind = kind || o.Key == nexmarkTable
	}
	if !kind {
		return b.fault(n.Name.At, "the table %s does not say which of Nexmark's tables it is", n.Name.Name).
			Do("add the option '%s', one of 'person', 'auction', 'bid'", nexmarkTable)
	}
	if source.Events.Events == 0 && source.Rate == 0 {
		source.Rate = nexmark.DefaultEventsPerSecond // what has no end needs a measure
	}
	if source.Events.EventsPerSecond == 0 {
		source.Events.EventsPerSecond = source.Rate // event time goes as fast as time does
	}
	if err := source.Check(); err != nil {
		return b.placed(err, n.Name.At)
	}
	if err := b.nexmarkColumns(source.Kind, n, t); err != nil {
		return err
	}
	t.Nexmark, t.Topic = source, source.Topic()
	return nil
}

// nexmarkColumns checks that the declared columns, which may be a part, are the kind's.
func (b *binder) nexmarkColumns(k nexmark.Kind, n *sql.CreateTable, t *spec.Table) error {
	schema := k.Schema()
	for i, c := range t.Schema.Columns {
		at := schema.Index(c.Name)
		if at < 0 {
			return b.unknownColumn(n.Columns[i].Name.At, c.Name, schema, "Nexmark's table "+k.String())
		}
		if want := schema.Columns[at].Kind; c.Kind != want {
			return b.fault(n.Columns[i].Type.At, "%s of Nexmark's table %s is %s, not %s", c.Name, k, want, c.Kind).Do("declare it as %s", want)
		}
	}
	return nil
}

// setNexmark applies one option.
func (b *binder) setNexmark(s *spec.Nexmark, o *sql.Option) (err error) {
	numbers := map[string]*int64{
		nexmarkEvents: &s.Events.Events, nexmarkRate: &s.Rate, nexmarkEventRate: &s.Events.EventsPerSecond, nexmarkOutOfOrder: &s.Events.OutOfOrderGroup,
		nexmarkHotAuctions: &s.Events.HotAuctionRatio, nexmarkHotSellers: &s.Events.HotSellerRatio, nexmarkHotBidders: &s.Events.HotBidderRatio,
	}
	if n := numbers[o.Key]; n != nil {
		*n, err = b.number(o, 1)
		return err
	}
	switch o.Key {
	case optionConnector:
	case nexmarkTable:
		s.Kind, err = oneOf(b, o, map[string]nexmark.Kind{"person": nexmark.Person, "auction": nexmark.Auction, "bid": nexmark.Bid})
	case nexmarkSplits:
		var n int64
		n, err = b.number(o, 1)
		s.Splits = int(min(n, spec.MaxSplits+1))
	case nexmarkSeed:
		var n int64
		n, err = b.number(o, 0)
		s.Events.Seed = uint64(n) //nolint:gosec // not negative
	case nexmarkFirstEvent:
		s.Events.FirstEvent, err = b.number(o, 0)
	case nexmarkStart:
		s.Events.StartMillis, err = b.moment(o)
	case nexmarkLateBidders:
		s.Events.LateBidders, err = oneOf(b, o, map[string]bool{"true": true, "false": false})
	default:
		return b.unknownNexmark(o)
	}
	return err
}

// number reads a whole number of at least least.
func (b *binder) number(o *sql.Option, least int64) (int64, error) {
	n, err := strconv.ParseInt(o.Value, 10, 64)
	if err != nil || n < least {
		return 0, b.fault(o.ValueAt, "'%s' can't be %s", o.Key, strconv.Quote(o.Value)).Do("write a whole number of at least %d, such as '1000000'", least)
	}
	return n, nil
}

// moment reads a time, in milliseconds since the epoch.
func (b *binder) moment(o *sql.Option) (int64, error) {
	at, err := time.Parse(time.RFC3339, o.Value)
	if err == nil && at.UnixMilli() == 0 {
		err = errors.New("zero stands for the default")
	}
	if err != nil {
		return 0, b.fault(o.ValueAt, "'%s' can't be %s", o.Key, strconv.Quote(o.Value)).Do("write a time such as '2015-07-15T00:00:00Z', after 1970")
	}
	return at.UnixMilli(), nil
}

// unknownNexmark refuses an option, with a word on those that the benchmark's Flink edition has.
func (b *binder) unknownNexmark(o *sql.Option) error {
	e := b.fault(o.At, "unknown option '%s' of the connector %s", o.Key, connectorNexmark)
	instead := map[string]string{
		"type": nexmarkTable, "events.num": nexmarkEvents, "first-event.rate": nexmarkRate, "next-event.rate": nexmarkRate,
		"bid.hot-ratio.auctions": nexmarkHotAuctions, "bid.hot-ratio.bidders": nexmarkHotBidders, "auction.hot-ratio.sellers": nexmarkHotSellers,
	}
	if name, ok := instead[o.Key]; ok {
		return e.Do("write '%s'", name)
	}
	if slices.Contains(optionNames(), o.Key) {
		return e.Do("leave it out: there is no topic, the rows are made")
	}
	return e.Do("%s", suggest(o.Key, nexmarkOptionNames(), "the options are "))
}

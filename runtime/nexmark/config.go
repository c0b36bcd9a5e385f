package nexmark

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/millrace/millrace/runtime/fault"
)

// The benchmark's own values.
const (
	// DefaultEventsPerSecond is the rate of event time.
	DefaultEventsPerSecond = 10_000
	// DefaultStartMillis is the time of event 0, 2015-07-15T00:00:00Z.
	DefaultStartMillis     = 1_436_918_400_000
	defaultHotAuctionRatio = 2
	defaultHotSellerRatio  = 4
	defaultHotBidderRatio  = 4
	defaultPersonBytes     = 200
	defaultAuctionBytes    = 500
	defaultBidBytes        = 100
)

// Bounds: no time overflows in microseconds, and an event stays far below a record's bound.
const (
	maxEvents     = 1_000_000_000_000
	maxRate       = 1_000_000_000
	maxMillis     = 1 << 52
	maxGroup      = 1_000_000
	maxRatio      = 1_000_000
	maxEventBytes = 100_000
	shuffleFactor = 953 // the benchmark's; a group's size must share no factor with it, and it is a prime
)

// Config is all that a data set follows from. Its JSON is part of the plan document: fields are added, never renamed. The
// zero value of a field means the benchmark's own, see WithDefaults.
type Config struct {
	// Seed makes another data set of the same shape.
	Seed uint64 `json:"seed,omitempty"`
	// FirstEvent is the number of the first event: a part of the stream is the same as in the whole.
	FirstEvent int64 `json:"firstEvent,omitempty"`
	// Events is how many there are, of all kinds together; 0 is no end.
	Events int64 `json:"events,omitempty"`
	// EventsPerSecond is how many share a second of event time, and StartMillis the time of event number 0, in
	// milliseconds since the epoch.
	EventsPerSecond int64 `json:"eventsPerSecond,omitempty"`
	StartMillis     int64 `json:"startMillis,omitempty"`
	// OutOfOrderGroup is the number of neighbouring events that are dealt out of order; 1 is order.
	OutOfOrderGroup int64 `json:"outOfOrderGroup,omitempty"`
	// HotAuctionRatio n sends all but one of n bids to the hot auction of the moment; so do HotBidderRatio for who bids
	// and HotSellerRatio for who opens auctions. 1 has nobody hot.
	HotAuctionRatio int64 `json:"hotAuctionRatio,omitempty"`
	HotSellerRatio  int64 `json:"hotSellerRatio,omitempty"`
	HotBidderRatio  int64 `json:"hotBidderRatio,omitempty"`
	// PersonBytes, AuctionBytes and BidBytes are the average sizes, counted as the benchmark counts them.
	PersonBytes  int64 `json:"personBytes,omitempty"`
	AuctionBytes int64 `json:"auctionBytes,omitempty"`
	BidBytes     int64 `json:"bidBytes,omitempty"`
	// LateBidders adds 1000 to a bidder twice, as the Flink edition does.
	LateBidders bool `json:"lateBidders,omitempty"`
}

// WithDefaults returns the configuration with the benchmark's values for what is zero.
func (c Config) WithDefaults() Config {
	for _, d := range []struct {
		value   *int64
		instead int64
	}{
		{&c.EventsPerSecond, DefaultEventsPerSecond},
		{&c.StartMillis, DefaultStartMillis},
		{&c.OutOfOrderGroup, 1},
		{&c.HotAuctionRatio, defaultHotAuctionRatio},
		{&c.HotSellerRatio, defaultHotSellerRatio},
		{&c.HotBidderRatio, defaultHotBidderRatio},
		{&c.PersonBytes, defaultPersonBytes},
		{&c.AuctionBytes, defaultAuctionBytes},
		{&c.BidBytes, defaultBidBytes},
	} {
		if *d.value == 0 {
			*d.value = d.instead
		}
	}
	return c
}

// Check refuses, as a User error, what makes no stream.
func (c Config) Check() error {
	c = c.WithDefaults()
	for _, b := range []struct {
		what        string
		value       int64
		least, most int64
	}{
		{"the first event", c.FirstEvent, 0, maxEvents},
		{"the number of events", c.Events, 0, maxEvents},
		{"the events per second", c.EventsPerSecond, 1, maxRate},
		{"the start in milliseconds", c.StartMillis, -maxMillis, maxMillis},
		{"the group of events out of order", c.OutOfOrderGroup, 1, maxGroup},
		{"the ratio of hot auctions", c.HotAuctionRatio, 1, maxRatio},
		{"the ratio of hot sellers", c.HotSellerRatio, 1, maxRatio},
		{"the ratio of hot bidders", c.HotBidderRatio, 1, maxRatio},
		{"the size of a person", c.PersonBytes, 1, maxEventBytes},
		{"the size of an auction", c.AuctionBytes, 1, maxEventBytes},
		{"the size of a bid", c.BidBytes, 1, maxEventBytes},
	} {
		if b.value < b.least || b.value > b.most {
			return fault.New(fault.User, fault.Place{}, "%s is %d, and must be from %d to %d", b.what, b.value, b.least, b.most)
		}
	}
	if c.OutOfOrderGroup%shuffleFactor == 0 {
		return fault.New(fault.User, fault.Place{}, "a group of %d events can't be dealt out of order, because it is a multiple of %d", c.OutOfOrderGroup, shuffleFactor).
			Do("take one event more or less")
	}
	return nil
}

// Name returns a short digest of the data set, the same for all configurations that make the same events.
func (c Config) Name() string {
	const digestBytes = 4
	text, _ := json.Marshal(c.WithDefaults()) //nolint:errchkjson // integers and a bool always marshal
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:digestBytes])
}

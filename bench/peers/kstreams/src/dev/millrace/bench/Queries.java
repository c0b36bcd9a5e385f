package dev.millrace.bench;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;

/**
 * The queries of the bench. There is no watermark per partition in Kafka Streams: with final results and a short grace it drops
 * bids of a partition that is behind, so windows have a day of grace and are emitted on update; the record's key says which
 * window a value replaces, and a null takes a session back that has grown.
 */
final class Queries {
  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
  private static final Duration GRACE = Duration.ofDays(1);
  private static final Pattern CHANNEL_ID = Pattern.compile("(&|^)channel_id=([^&]*)");

  private final StreamsBuilder builder;
  private final String in;
  private final String out;

  Queries(StreamsBuilder builder, String in, String out) {
    this.builder = builder;
    this.in = in;
    this.out = out;
  }

  void build(String name) {
    switch (name) {
      case "q0" -> write(bids(Bid.class).mapValues(Rows::q0), Rows.Q0.class);
      case "q1" -> write(bids(Bid.class).mapValues(Rows::q1), Rows.Q1.class);
      case "q2" -> write(bids(Rows.Q2.class).filter((k, bid) -> bid.auction % 123 == 0), Rows.Q2.class);
      case "q5" -> q5();
      case "q11" -> q11();
      case "q12" -> q12();
      case "q21" -> write(bids(Bid.class).mapValues(Queries::q21).filter((k, row) -> row != null), Rows.Q21.class);
      case "q22" -> write(bids(Bid.class).mapValues(Rows::q22), Rows.Q22.class);
      default -> throw new IllegalArgumentException("the Kafka Streams peer has no query " + name);
    }
  }

  private <T> KStream<byte[], T> bids(Class<T> type) {
    return builder.stream(in, Consumed.with(Serdes.ByteArray(), Json.of(type)));
  }

  private <T> void write(KStream<byte[], T> rows, Class<T> type) {
    rows.to(out, Produced.with(Serdes.ByteArray(), Json.of(type)));
  }

  private KGroupedStream<Long, byte[]> countable(boolean byAuction) {
    return builder.stream(in, Consumed.with(Serdes.ByteArray(), Json.of(Rows.Head.class))
            .withTimestampExtractor((record, previous) -> ((Rows.Head) record.value()).dateTime))
        .map((k, bid) -> KeyValue.pair(byAuction ? bid.auction : bid.bidder, new byte[0]))
        .groupByKey(Grouped.with(Serdes.Long(), Serdes.ByteArray()));
  }

  private void q5() {
    counts(countable(true).windowedBy(TimeWindows.ofSizeAndGrace(TEN_SECONDS, GRACE).advanceBy(Duration.ofSeconds(2))).count(), 0)
        .mapValues((window, count) -> Rows.auctionCount(window, count))
        .to(out, Produced.with(new WindowKey(), Json.of(Rows.AuctionCount.class)));
  }

  private void q11() {
    bidderCounts(counts(countable(false).windowedBy(SessionWindows.ofInactivityGapAndGrace(TEN_SECONDS, GRACE)).count(), TEN_SECONDS.toMillis()));
  }

  private void q12() {
    bidderCounts(counts(countable(false).windowedBy(TimeWindows.ofSizeAndGrace(TEN_SECONDS, GRACE)).count(), 0));
  }

  private void bidderCounts(KStream<WindowKey.Value, Long> counts) {
    counts.mapValues((window, count) -> Rows.bidderCount(window, count))
        .to(out, Produced.with(new WindowKey(), Json.of(Rows.BidderCount.class)));
  }

  /** A session's end is its last bid here, and the gap later elsewhere. */
  private static KStream<WindowKey.Value, Long> counts(KTable<Windowed<Long>, Long> table, long afterEnd) {
    return table.toStream((w, count) -> new WindowKey.Value(w.key(), w.window().start(), w.window().end() + afterEnd));
  }

  private static Rows.Q21 q21(Bid bid) {
    String id = switch (bid.channel.toLowerCase(Locale.ROOT)) {
      case "apple" -> "0";
      case "google" -> "1";
      case "facebook" -> "2";
      case "baidu" -> "3";
      default -> {
        Matcher matcher = CHANNEL_ID.matcher(bid.url);
        yield matcher.find() ? matcher.group(2) : null;
      }
    };
    return id == null ? null : Rows.q21(bid, id);
  }
}

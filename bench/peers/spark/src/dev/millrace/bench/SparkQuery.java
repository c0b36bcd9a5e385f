package dev.millrace.bench;

/** The queries of the bench in Spark's SQL over the view bid. Times are milliseconds since the epoch. */
final class SparkQuery {
  private static final String CHANNEL_ID = "nullif(regexp_extract(url, '(&|^)channel_id=([^&]*)', 2), '')";

  private SparkQuery() {}

  static String named(String name) {
    return switch (name) {
      case "q0" -> "SELECT auction, bidder, price, dateTime, extra FROM bid";
      case "q1" -> "SELECT auction, bidder, 0.908D * price AS price, dateTime, extra FROM bid";
      case "q2" -> "SELECT auction, price FROM bid WHERE auction % 123 = 0";
      case "q5" -> counts("auction", "window(ts, '10 seconds', '2 seconds')");
      case "q11" -> counts("bidder", "session_window(ts, '10 seconds')");
      case "q12" -> counts("bidder", "window(ts, '10 seconds')");
      case "q21" -> "SELECT auction, bidder, price, channel, CASE lower(channel) WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2'"
          + " WHEN 'baidu' THEN '3' ELSE " + CHANNEL_ID + " END AS channel_id FROM bid WHERE " + CHANNEL_ID
          + " IS NOT NULL OR lower(channel) IN ('apple', 'google', 'facebook', 'baidu')";
      case "q22" -> "SELECT auction, bidder, price, channel, split_part(url, '/', 4) AS dir1, split_part(url, '/', 5) AS dir2,"
          + " split_part(url, '/', 6) AS dir3 FROM bid";
      default -> throw new IllegalArgumentException("the Spark peer has no query " + name);
    };
  }

  private static String counts(String key, String window) {
    return "SELECT " + key + ", bid_count, unix_millis(w.start) AS starttime, unix_millis(w.end) AS endtime FROM (SELECT " + key
        + ", count(*) AS bid_count, " + window + " AS w FROM bid GROUP BY " + key + ", " + window + ")";
  }
}

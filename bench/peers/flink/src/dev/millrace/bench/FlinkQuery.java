package dev.millrace.bench;

/** A query of the bench in Flink's SQL: the columns of its output and the SELECT. Times are milliseconds since the epoch. */
record FlinkQuery(String columns, String select) {
  private static final String CHANNEL_ID = "REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2)";
  private static final String COUNTS = " BIGINT, bid_count BIGINT, starttime BIGINT, endtime BIGINT";

  static FlinkQuery named(String name) {
    return switch (name) {
      case "q0" -> new FlinkQuery("auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` BIGINT, extra STRING",
          "SELECT auction, bidder, price, `dateTime`, extra FROM bid");
      case "q1" -> new FlinkQuery("auction BIGINT, bidder BIGINT, price DOUBLE, `dateTime` BIGINT, extra STRING",
          "SELECT auction, bidder, CAST(0.908 AS DOUBLE) * price, `dateTime`, extra FROM bid");
      case "q2" -> new FlinkQuery("auction BIGINT, price BIGINT", "SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0");
      case "q5" -> counts("auction", "HOP(TABLE bid, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND)");
      case "q11" -> counts("bidder", "SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(ts), INTERVAL '10' SECOND)");
      case "q12" -> counts("bidder", "TUMBLE(TABLE bid, DESCRIPTOR(ts), INTERVAL '10' SECOND)");
      case "q21" -> new FlinkQuery("auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, channel_id STRING",
          "SELECT auction, bidder, price, channel, CASE WHEN LOWER(channel) = 'apple' THEN '0' WHEN LOWER(channel) = 'google' THEN '1'"
              + " WHEN LOWER(channel) = 'facebook' THEN '2' WHEN LOWER(channel) = 'baidu' THEN '3' ELSE " + CHANNEL_ID + " END FROM bid WHERE "
              + CHANNEL_ID + " IS NOT NULL OR LOWER(channel) IN ('apple', 'google', 'facebook', 'baidu')");
      case "q22" -> new FlinkQuery("auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, dir1 STRING, dir2 STRING, dir3 STRING",
          "SELECT auction, bidder, price, channel, SPLIT_INDEX(url, '/', 3), SPLIT_INDEX(url, '/', 4), SPLIT_INDEX(url, '/', 5) FROM bid");
      default -> throw new IllegalArgumentException("the Flink peer has no query " + name);
    };
  }

  private static FlinkQuery counts(String key, String windows) {
    return new FlinkQuery(key + COUNTS, "SELECT " + key + ", COUNT(*), " + millis("window_start") + ", " + millis("window_end")
        + " FROM " + windows + " GROUP BY " + key + ", window_start, window_end");
  }

  private static String millis(String time) {
    return "CAST(TIMESTAMPDIFF(SECOND, TIMESTAMP '1970-01-01 00:00:00', " + time + ") AS BIGINT) * 1000 + EXTRACT(MILLISECOND FROM " + time + ")";
  }
}

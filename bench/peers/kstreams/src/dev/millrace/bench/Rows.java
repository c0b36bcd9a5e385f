package dev.millrace.bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/** What the queries read and write besides whole bids. A query declares only the columns that it needs, and Jackson skips the others. */
final class Rows {
  private Rows() {}

  /** What a window count reads. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class Head {
    public long auction;
    public long bidder;
    public long dateTime;
  }

  public static final class Q0 {
    public long auction;
    public long bidder;
    public long price;
    public long dateTime;
    public String extra;
  }

  public static final class Q1 {
    public long auction;
    public long bidder;
    public double price;
    public long dateTime;
    public String extra;
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class Q2 {
    public long auction;
    public long price;
  }

  public static final class Q21 {
    public long auction;
    public long bidder;
    public long price;
    public String channel;
    public String channel_id;
  }

  public static final class Q22 {
    public long auction;
    public long bidder;
    public long price;
    public String channel;
    public String dir1;
    public String dir2;
    public String dir3;
  }

  public static final class AuctionCount {
    public long auction;
    public long bid_count;
    public long starttime;
    public long endtime;
  }

  public static final class BidderCount {
    public long bidder;
    public long bid_count;
    public long starttime;
    public long endtime;
  }

  static Q0 q0(Bid bid) {
    Q0 row = new Q0();
    row.auction = bid.auction;
    row.bidder = bid.bidder;
    row.price = bid.price;
    row.dateTime = bid.dateTime;
    row.extra = bid.extra;
    return row;
  }

  static Q1 q1(Bid bid) {
    Q1 row = new Q1();
    row.auction = bid.auction;
    row.bidder = bid.bidder;
    row.price = 0.908 * bid.price;
    row.dateTime = bid.dateTime;
    row.extra = bid.extra;
    return row;
  }

  static Q21 q21(Bid bid, String channelId) {
    Q21 row = new Q21();
    row.auction = bid.auction;
    row.bidder = bid.bidder;
    row.price = bid.price;
    row.channel = bid.channel;
    row.channel_id = channelId;
    return row;
  }

  static Q22 q22(Bid bid) {
    Q22 row = new Q22();
    row.auction = bid.auction;
    row.bidder = bid.bidder;
    row.price = bid.price;
    row.channel = bid.channel;
    String[] parts = bid.url.split("/", 7); // a single character that means nothing to a regular expression: split needs none
    row.dir1 = parts.length > 3 ? parts[3] : null;
    row.dir2 = parts.length > 4 ? parts[4] : null;
    row.dir3 = parts.length > 5 ? parts[5] : null;
    return row;
  }

  static AuctionCount auctionCount(WindowKey.Value window, Long count) {
    if (count == null) {
      return null;
    }
    AuctionCount row = new AuctionCount();
    row.auction = window.key();
    row.bid_count = count;
    row.starttime = window.start();
    row.endtime = window.end();
    return row;
  }

  static BidderCount bidderCount(WindowKey.Value window, Long count) {
    if (count == null) {
      return null;
    }
    BidderCount row = new BidderCount();
    row.bidder = window.key();
    row.bid_count = count;
    row.starttime = window.start();
    row.endtime = window.end();
    return row;
  }
}

package dev.millrace.bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/** A bid as it is on the topic. */
@JsonIgnoreProperties(ignoreUnknown = true)
public final class Bid {
  public long auction;
  public long bidder;
  public long price;
  public long dateTime;
  public String channel;
  public String url;
  public String extra;
}

CREATE TABLE bid (
  auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING,
  WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND
) WITH ('topic' = 'bid', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');

CREATE TABLE q11 (bidder BIGINT, bid_count BIGINT, starttime TIMESTAMP, endtime TIMESTAMP) WITH ('topic' = 'q11', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');

INSERT INTO q11
SELECT bidder, COUNT(*), window_start, window_end FROM SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(dateTime), INTERVAL '10' SECOND) GROUP BY bidder, window_start, window_end;

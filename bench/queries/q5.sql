CREATE TABLE bid (
  auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING,
  WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND
) WITH ('topic' = 'bid', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');

CREATE TABLE q5 (auction BIGINT, bid_count BIGINT, starttime TIMESTAMP, endtime TIMESTAMP) WITH ('topic' = 'q5', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');

INSERT INTO q5
SELECT auction, COUNT(*), window_start, window_end FROM HOP(TABLE bid, DESCRIPTOR(dateTime), INTERVAL '2' SECOND, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end;

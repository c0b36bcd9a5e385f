CREATE TABLE bid (
  auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING,
  WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND
) WITH ('topic' = 'bid', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');

CREATE TABLE q1 (auction BIGINT, bidder BIGINT, price DOUBLE, dateTime TIMESTAMP, extra STRING) WITH ('topic' = 'q1', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');

INSERT INTO q1
SELECT auction, bidder, 0.908 * price, dateTime, extra FROM bid;

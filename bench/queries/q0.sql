CREATE TABLE bid (
  auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING,
  WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND
) WITH ('topic' = 'bid', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');

CREATE TABLE q0 (auction BIGINT, bidder BIGINT, price BIGINT, dateTime TIMESTAMP, extra STRING) WITH ('topic' = 'q0', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');

INSERT INTO q0
SELECT auction, bidder, price, dateTime, extra FROM bid;

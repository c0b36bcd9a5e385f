CREATE TABLE bid (
  auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING,
  WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND
) WITH ('topic' = 'bid', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');

CREATE TABLE q2 (auction BIGINT, price BIGINT) WITH ('topic' = 'q2', 'format' = 'json', 'json.timestamp-format' = 'EpochMillis');

INSERT INTO q2
SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0;

package dev.millrace.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.timestamp_millis;
import static org.apache.spark.sql.functions.to_json;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQueryListener;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.StructType;

/**
 * Runs one query of the bench on Spark Structured Streaming, local. Its Kafka sink is at least once: it has no other. What to run
 * comes in system properties: bench.query, bench.brokers, bench.topic, bench.out, bench.commit (trigger, ms), bench.watermark (ms),
 * bench.parallelism, bench.compression, bench.folder (checkpoints). Prints "progress ROWS" after each micro-batch.
 */
public final class SparkPeer {
  private static final String PROVIDER = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider";

  private SparkPeer() {}

  public static void main(String[] arguments) throws Exception {
    SparkSession session = session();
    session.streams().addListener(new Progress());
    bids(session).createOrReplaceTempView("bid");
    Dataset<Row> rows = session.sql(SparkQuery.named(get("query")));
    rows.select(to_json(struct(col("*"))).as("value")).writeStream().format("kafka").outputMode("append")
        .option("kafka.bootstrap.servers", get("brokers")).option("topic", get("out")).option("kafka.compression.type", get("compression"))
        .option("kafka.batch.size", "262144").option("kafka.linger.ms", "20").option("checkpointLocation", get("folder") + "/checkpoints")
        .trigger(Trigger.ProcessingTime(Long.getLong("bench.commit"))).start().awaitTermination();
  }

  private static String get(String name) {
    return System.getProperty("bench." + name);
  }

  private static SparkSession session() {
    return SparkSession.builder().master("local[" + get("parallelism") + "]").appName("bench").config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", get("parallelism")).config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
        .config("spark.local.dir", get("folder")).config("spark.sql.warehouse.dir", get("folder") + "/warehouse")
        .config("spark.sql.streaming.stateStore.providerClass", PROVIDER)
        .config("spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled", "true").getOrCreate();
  }

  private static Dataset<Row> bids(SparkSession session) {
    StructType type = new StructType().add("auction", "bigint").add("bidder", "bigint").add("price", "bigint").add("channel", "string")
        .add("url", "string").add("dateTime", "bigint").add("extra", "string");
    Dataset<Row> bids = session.readStream().format("kafka").option("kafka.bootstrap.servers", get("brokers")).option("subscribe", get("topic"))
        .option("startingOffsets", "earliest").option("maxOffsetsPerTrigger", "400000").load()
        .select(from_json(col("value").cast("string"), type).as("bid")).select("bid.*");
    return bids.withColumn("ts", timestamp_millis(col("dateTime"))).withWatermark("ts", get("watermark") + " milliseconds");
  }

  /** Says how far the query is: Spark commits no offsets to Kafka. */
  private static final class Progress extends StreamingQueryListener {
    @Override
    public void onQueryStarted(QueryStartedEvent event) {}

    @Override
    public void onQueryProgress(QueryProgressEvent event) {
      System.out.println("progress " + event.progress().numInputRows());
    }

    @Override
    public void onQueryTerminated(QueryTerminatedEvent event) {}
  }
}

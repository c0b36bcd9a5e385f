package dev.millrace.bench;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * Runs one query of the bench as Flink SQL on a MiniCluster, exactly once. What to run comes in system properties: bench.query,
 * bench.brokers, bench.topic, bench.out, bench.group, bench.commit (checkpoint interval, ms), bench.state (hashmap or rocksdb),
 * bench.watermark (ms), bench.parallelism, bench.compression, bench.folder (checkpoints).
 */
public final class FlinkPeer {
  private FlinkPeer() {}

  public static void main(String[] arguments) throws Exception {
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(Integer.getInteger("bench.parallelism"), configuration());
    StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
    tables.getConfig().set("table.local-time-zone", "UTC");
    FlinkQuery query = FlinkQuery.named(get("query"));
    tables.executeSql(source());
    tables.executeSql(sink(query.columns()));
    String insert = "INSERT INTO output " + query.select();
    if (Boolean.getBoolean("bench.explain")) {
      System.out.println(tables.explainSql(insert));
      return;
    }
    tables.executeSql(insert).await();
  }

  private static String get(String name) {
    return System.getProperty("bench." + name);
  }

  private static Configuration configuration() {
    Configuration c = new Configuration();
    c.setString("state.backend.type", get("state"));
    c.setString("execution.checkpointing.interval", get("commit") + "ms");
    c.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    c.setString("execution.checkpointing.storage", "filesystem");
    c.setString("execution.checkpointing.dir", "file://" + get("folder") + "/checkpoints");
    c.setString("execution.checkpointing.incremental", "true");
    c.setString("pipeline.object-reuse", "true");
    c.setString("taskmanager.memory.managed.size", "512m");
    c.setString("taskmanager.numberOfTaskSlots", get("parallelism"));
    c.setString("restart-strategy.type", "disable");
    c.setString("io.tmp.dirs", get("folder"));
    for (String door : new String[] {"rest.bind-address", "rest.address", "jobmanager.bind-host", "taskmanager.bind-host"}) {
      c.setString(door, "127.0.0.1");
    }
    return c;
  }

  private static String source() {
    return "CREATE TABLE bid (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` BIGINT, extra STRING,"
        + " ts AS TO_TIMESTAMP_LTZ(`dateTime`, 3), WATERMARK FOR ts AS ts - INTERVAL '" + Long.getLong("bench.watermark") / 1000 + "' SECOND)"
        + " WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = '" + get("brokers") + "', 'properties.group.id' = '" + get("group")
        + "', 'topic' = '" + get("topic") + "', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json',"
        + " 'properties.max.poll.records' = '10000', 'properties.max.partition.fetch.bytes' = '4194304')";
  }

  private static String sink(String columns) {
    return "CREATE TABLE output (" + columns + ") WITH ('connector' = 'kafka', 'properties.bootstrap.servers' = '" + get("brokers")
        + "', 'topic' = '" + get("out") + "', 'format' = 'json', 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '"
        + get("group") + "', 'properties.transaction.timeout.ms' = '600000', 'properties.compression.type' = '" + get("compression")
        + "', 'properties.batch.size' = '262144', 'properties.linger.ms' = '20')";
  }
}

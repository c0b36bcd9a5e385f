package dev.millrace.bench;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/**
 * Runs one query of the bench on Kafka Streams, exactly once. What to run comes in system properties: bench.query, bench.brokers,
 * bench.topic, bench.out, bench.group, bench.commit (ms), bench.state (rocksdb or memory), bench.parallelism, bench.compression,
 * bench.folder (state).
 */
public final class KafkaStreamsPeer {
  private KafkaStreamsPeer() {}

  public static void main(String[] arguments) throws InterruptedException {
    Properties properties = properties();
    StreamsBuilder builder = new StreamsBuilder();
    new Queries(builder, get("topic"), get("out")).build(get("query"));
    KafkaStreams streams = new KafkaStreams(builder.build(properties), properties);
    streams.setUncaughtExceptionHandler(e -> {
      e.printStackTrace();
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    CountDownLatch closed = new CountDownLatch(1);
    streams.setStateListener((state, old) -> {
      if (state == KafkaStreams.State.ERROR || state == KafkaStreams.State.NOT_RUNNING) {
        closed.countDown();
      }
    });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      System.out.println("dropped records: " + dropped(streams));
      streams.close(Duration.ofSeconds(5));
    }));
    streams.start();
    closed.await();
  }

  private static String get(String name) {
    return System.getProperty("bench." + name);
  }

  private static Properties properties() {
    Properties p = new Properties();
    p.put(StreamsConfig.APPLICATION_ID_CONFIG, get("group"));
    p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, get("brokers"));
    p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Integer.getInteger("bench.parallelism"));
    p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, Integer.getInteger("bench.commit"));
    p.put(StreamsConfig.STATE_DIR_CONFIG, get("folder"));
    p.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    p.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
    p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 64L << 20);
    p.put(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, "memory".equals(get("state"))
        ? org.apache.kafka.streams.state.BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers.class
        : org.apache.kafka.streams.state.BuiltInDslStoreSuppliers.RocksDBDslStoreSuppliers.class);
    p.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), get("compression"));
    p.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 << 10);
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 5000);
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);
    return p;
  }

  private static long dropped(KafkaStreams streams) {
    return (long) streams.metrics().values().stream()
        .filter(metric -> metric.metricName().name().equals("dropped-records-total"))
        .mapToDouble(metric -> ((Number) metric.metricValue()).doubleValue()).sum();
  }
}

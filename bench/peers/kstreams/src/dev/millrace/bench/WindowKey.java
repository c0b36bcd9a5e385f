package dev.millrace.bench;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** Writes a window's key as 24 bytes: what is counted, start, end. */
final class WindowKey implements Serde<WindowKey.Value> {
  record Value(long key, long start, long end) {}

  @Override
  public Serializer<Value> serializer() {
    return (topic, v) -> ByteBuffer.allocate(3 * Long.BYTES).putLong(v.key()).putLong(v.start()).putLong(v.end()).array();
  }

  @Override
  public Deserializer<Value> deserializer() {
    return (topic, bytes) -> {
      ByteBuffer b = ByteBuffer.wrap(bytes);
      return new Value(b.getLong(), b.getLong(), b.getLong());
    };
  }
}

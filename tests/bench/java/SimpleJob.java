import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The simple job as its users would write it: a running score and a tier for each lead, one output an
 * event, one more when the tier changes. Exactly once, RocksDB, Jackson, one stream thread.
 *
 * <p>Arguments: bootstrap servers, application id, input topic, scores topic, tiers topic, state dir.
 */
public final class SimpleJob {
  private static final Map<String, Double> POINTS =
      Map.of(
          "page_viewed", 1.0, "question_asked", 2.0, "documents_requested", 3.0,
          "demo_requested", 14.0, "quote_requested", 16.0, "needs_stated", 8.0,
          "call_unanswered", -1.0, "call_answered", 2.0, "budget_too_low", -12.0);

  private static final class Score implements Processor<String, byte[], String, byte[]> {
    private final ObjectMapper json = new ObjectMapper();
    private ProcessorContext<String, byte[]> context;
    private KeyValueStore<String, byte[]> store;

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
      this.context = context;
      this.store = context.getStateStore("leads");
    }

    @Override
    public void process(Record<String, byte[]> record) {
      try {
        JsonNode event = json.readTree(record.value());
        byte[] raw = store.get(record.key());
        JsonNode state = raw == null ? json.createObjectNode() : json.readTree(raw);
        double before = state.path("score").asDouble(0);
        String from = state.path("tier").asText("cold");
        double points = POINTS.getOrDefault(event.path("data").path("behaviour").asText(), 0.0);
        double score = Math.max(0, Math.min(100, before + points));
        String tier = score > 70 ? "hot" : score >= 30 ? "warm" : "cold";
        ObjectNode now = json.createObjectNode().put("score", score).put("tier", tier);
        store.put(record.key(), json.writeValueAsBytes(now));
        ObjectNode said =
            json.createObjectNode()
                .put("lead_id", record.key())
                .put("score", score)
                .put("previous_score", before)
                .put("tier", tier)
                .put("id", event.path("id").asText())
                .put("time", event.path("time").asText());
        context.forward(record.withValue(json.writeValueAsBytes(said)), "scores");
        if (!tier.equals(from)) {
          said.put("from", from).put("to", tier);
          context.forward(record.withValue(json.writeValueAsBytes(said)), "tiers");
        }
      } catch (java.io.IOException error) {
        throw new IllegalStateException(error);
      }
    }
  }

  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, args[1]);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, args[5]);
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    properties.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    properties.put(StreamsConfig.producerPrefix("compression.type"), "zstd");

    Topology topology = new Topology();
    topology
        .addSource("events", Serdes.String().deserializer(), Serdes.ByteArray().deserializer(), args[2])
        .addProcessor("score", Score::new, "events")
        .addStateStore(
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore("leads"), Serdes.String(), Serdes.ByteArray()),
            "score")
        .addSink("scores", args[3], Serdes.String().serializer(), Serdes.ByteArray().serializer(), "score")
        .addSink("tiers", args[4], Serdes.String().serializer(), Serdes.ByteArray().serializer(), "score");

    KafkaStreams streams = new KafkaStreams(topology, properties);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  streams.close();
                  stopped.countDown();
                }));
    streams.start();
    stopped.await();
  }

  private SimpleJob() {}
}

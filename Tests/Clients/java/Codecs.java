import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;

/** PUBLISHER SUBSCRIBER BROKER TOPIC CODEC MARKER: records with every part come back as they were sent. */
final class Codecs {
    private static final int COUNT = 200;
    private static final long FIRST = 1_700_000_000_000L;

    public static void main(String[] arguments) throws Exception {
        String topic = arguments[3], codec = arguments[4], marker = arguments[5];
        // Without a codec also without idempotence: the one thing that a Java producer leaves out only when it is told to.
        boolean idempotent = !codec.equals("none");
        try (KafkaProducer<String, String> producer = Support.producer(
                arguments[0], arguments[2], "compression.type", codec, "linger.ms", "50", "acks", "all",
                "enable.idempotence", String.valueOf(idempotent))) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int n = 0; n < COUNT; n++) sent.add(producer.send(record(topic, marker, n)));
            producer.flush();
            for (int n = 0; n < COUNT; n++) Support.same((long) n, Support.get(sent.get(n)).offset(), "offset");
        }
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = Support.consumer(arguments[1], arguments[2])) {
            consumer.assign(List.of(partition));
            List<ConsumerRecord<String, String>> records = Support.records(consumer, COUNT);
            Support.same(COUNT, records.size(), "records");
            for (int n = 0; n < COUNT; n++) {
                ProducerRecord<String, String> expected = record(topic, marker, n);
                ConsumerRecord<String, String> found = records.get(n);
                Support.same(expected.key(), found.key(), "key");
                Support.same(expected.value(), found.value(), "value");
                Support.same(expected.timestamp(), found.timestamp(), "timestamp");
                Support.same(expected.headers(), found.headers(), "headers");
                Support.same((long) n, found.offset(), "offset");
            }
            Support.same(Map.of(partition, 0L), consumer.beginningOffsets(List.of(partition)), "beginning");
            Support.same(Map.of(partition, (long) COUNT), consumer.endOffsets(List.of(partition)), "end");
            Support.same(
                150L, consumer.offsetsForTimes(Map.of(partition, FIRST + 150)).get(partition).offset(), "offset by time");
            consumer.seek(partition, COUNT - 1);
            Support.same((long) COUNT - 1, Support.records(consumer, 1).get(0).offset(), "offset after a seek");
        }
    }

    private static ProducerRecord<String, String> record(String topic, String marker, int n) {
        String key = n % 7 == 0 ? null : "khoá " + n;
        String value = n % 11 == 0 ? null : (marker + " xin chào Đà Nẵng " + n + " ").repeat(10);
        return new ProducerRecord<>(
            topic, 0, FIRST + n, key, value, List.of(new RecordHeader("vết", new byte[] {1, 2}), new RecordHeader("rỗng", (byte[]) null)));
    }
}

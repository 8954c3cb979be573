import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** PUBLISHER BROKER TOPIC COUNT: publishes numbers to two partitions with five requests in flight, and says how far it is. The test
 * kills the broker meanwhile. */
final class Idempotence {
    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[3]);
        AtomicInteger acknowledged = new AtomicInteger();
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (KafkaProducer<String, String> producer = Support.producer(
                arguments[0], arguments[1], "enable.idempotence", "true", "acks", "all", "max.in.flight.requests.per.connection", "5",
                "linger.ms", "2", "delivery.timeout.ms", "60000", "request.timeout.ms", "10000", "reconnect.backoff.max.ms", "200")) {
            for (int n = 0; n < count; n++) {
                producer.send(new ProducerRecord<>(arguments[2], n % 2, null, String.valueOf(n)), (metadata, error) -> {
                    if (error != null) failure.compareAndSet(null, error);
                    else acknowledged.incrementAndGet();
                });
                if (n % 500 == 499) System.out.println(n + 1);
                if (n % 10 == 9) Thread.sleep(1);  // paced, so that the kills fall into the middle
            }
            producer.flush();
        }
        if (failure.get() != null) throw failure.get();
        Support.same(count, acknowledged.get(), "acknowledged");
    }
}

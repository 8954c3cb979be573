import java.io.FileReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What the programs share. Each of them ends with 0 when everything held, and otherwise with a stack trace that says what did not. */
final class Support {
    static final int SECONDS_MAX = 30;

    private Support() {}

    /** The `kafka.properties` that `cert issue` wrote, with the running broker's port and the given settings, name after value. */
    static Properties client(String file, String broker, String... settings) throws Exception {
        Properties properties = new Properties();
        try (FileReader reader = new FileReader(file)) {
            properties.load(reader);
        }
        properties.setProperty("bootstrap.servers", broker);
        for (int n = 0; n < settings.length; n += 2) properties.setProperty(settings[n], settings[n + 1]);
        return properties;
    }

    static KafkaProducer<String, String> producer(String file, String broker, String... settings) throws Exception {
        return new KafkaProducer<>(client(file, broker, settings), new StringSerializer(), new StringSerializer());
    }

    static KafkaConsumer<String, String> consumer(String file, String broker, String... settings) throws Exception {
        Properties properties = client(file, broker, settings);
        properties.putIfAbsent("auto.offset.reset", "earliest");
        properties.putIfAbsent("enable.auto.commit", "false");
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }

    static <T> T get(Future<T> future) throws Exception {
        return future.get(SECONDS_MAX, TimeUnit.SECONDS);
    }

    /** Polls until there are `count` records or no time is left. */
    static List<ConsumerRecord<String, String>> records(KafkaConsumer<String, String> consumer, int count) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        until("there are " + count + " records", () -> {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            return records.size() >= count;
        });
        return records;
    }

    static void until(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
        while (!holds.getAsBoolean()) must(System.nanoTime() < deadline, what + ", within " + SECONDS_MAX + " s");
    }

    static void must(boolean holds, String what) {
        if (!holds) throw new AssertionError("this must hold: " + what);
    }

    static void same(Object expected, Object found, String what) {
        if (!Objects.equals(expected, found)) throw new AssertionError(what + ": expected " + expected + ", found " + found);
    }

    interface Attempt {
        void run() throws Exception;
    }

    /** The attempt must fail, with this class of error and no other. */
    static void refused(Class<? extends Throwable> expected, String what, Attempt attempt) throws Exception {
        try {
            attempt.run();
        } catch (Throwable thrown) {
            Throwable cause = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
            if (expected.isInstance(cause)) return;
            throw new AssertionError(what + ": expected " + expected.getSimpleName() + ", found " + cause, cause);
        }
        throw new AssertionError(what + ": expected " + expected.getSimpleName() + ", but it was done");
    }
}

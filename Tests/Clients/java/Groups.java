import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;

/** PUBLISHER SUBSCRIBER BROKER TOPIC GROUP (eager | cooperative | static): two members share the topic's four partitions. */
final class Groups {
    private static final int PARTITIONS = 4;
    private static String publisher, subscriber, broker, topic, group;

    public static void main(String[] arguments) throws Exception {
        publisher = arguments[0];
        subscriber = arguments[1];
        broker = arguments[2];
        topic = arguments[3];
        group = arguments[4];
        switch (arguments[5]) {
            case "eager" -> taking(Assignor.RANGE, PARTITIONS);
            case "cooperative" -> taking(Assignor.COOPERATIVE, PARTITIONS / 2);
            case "static" -> returning();
            default -> throw new IllegalArgumentException(arguments[5]);
        }
    }

    enum Assignor {
        RANGE("org.apache.kafka.clients.consumer.RangeAssignor"),
        COOPERATIVE("org.apache.kafka.clients.consumer.CooperativeStickyAssignor");

        final String type;

        Assignor(String type) { this.type = type; }
    }

    /** A consumer that writes down what it was given and what was taken from it. */
    private static final class Member implements ConsumerRebalanceListener, AutoCloseable {
        final KafkaConsumer<String, String> consumer;
        final List<String> values = new ArrayList<>();
        int rebalances = 0;
        int revoked = 0;

        Member(String... settings) throws Exception {
            consumer = Support.consumer(subscriber, broker, settings);
            consumer.subscribe(List.of(topic), this);
        }

        static Member of(Assignor assignor) throws Exception {
            return new Member(
                "group.id", group, "partition.assignment.strategy", assignor.type, "session.timeout.ms", "6000",
                "heartbeat.interval.ms", "300");
        }

        static Member named(String instance) throws Exception {
            return new Member("group.id", group, "group.instance.id", instance, "session.timeout.ms", "20000", "heartbeat.interval.ms", "300");
        }

        void poll() {
            consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
        }

        Set<Integer> partitions() {
            Set<Integer> partitions = new TreeSet<>();
            consumer.assignment().forEach(partition -> partitions.add(partition.partition()));
            return partitions;
        }

        @Override public void onPartitionsAssigned(Collection<TopicPartition> partitions) { rebalances++; }
        @Override public void onPartitionsRevoked(Collection<TopicPartition> partitions) { revoked += partitions.size(); }
        @Override public void close() { consumer.close(); }
    }

    /** The second member takes half; an eager assignor takes everything back for it, a cooperative one only what moves. */
    private static void taking(Assignor assignor, int revokedExpected) throws Exception {
        Member first = Member.of(assignor);
        Support.until("the first member has all partitions", () -> {
            first.poll();
            return first.partitions().size() == PARTITIONS;
        });
        Member second = Member.of(assignor);
        Support.until("each has half", () -> {
            first.poll();
            second.poll();
            return first.partitions().size() == 2 && second.partitions().size() == 2;
        });
        Support.same(Set.of(0, 1, 2, 3), union(first.partitions(), second.partitions()), "partitions of both");
        Support.same(revokedExpected, first.revoked, "partitions revoked from the first member");

        publish("a");
        Support.until("both have read what was theirs", () -> {
            first.poll();
            second.poll();
            return first.values.size() == 2 && second.values.size() == 2;
        });
        first.consumer.commitSync();
        second.consumer.commitSync();
        Support.must(first.consumer.groupMetadata().generationId() > 1, "a later generation");
        first.close();
        Support.until("the second member has all partitions", () -> {
            second.poll();
            return second.partitions().size() == PARTITIONS;
        });
        publish("b");
        Support.until("it reads on where the first one stopped", () -> {
            second.poll();
            return second.values.size() == 6;
        });
        Set<String> later = new TreeSet<>(second.values.subList(2, 6));
        Support.same(Set.of("b0", "b1", "b2", "b3"), later, "values after the take-over");
        second.consumer.commitSync();
        for (int n = 0; n < PARTITIONS; n++) {
            TopicPartition partition = new TopicPartition(topic, n);
            Map<TopicPartition, OffsetAndMetadata> committed = second.consumer.committed(Set.of(partition));
            Support.same(2L, committed.get(partition).offset(), "committed offset");
        }
        second.close();
    }

    /** KIP-345: a member that comes back under its name finds its partitions, and nobody else notices; a second one fences the first. */
    private static void returning() throws Exception {
        Member one = Member.named("counter-1"), two = Member.named("counter-2");
        Support.until("each has half", () -> {
            one.poll();
            two.poll();
            return one.partitions().size() == 2 && two.partitions().size() == 2;
        });
        Set<Integer> before = one.partitions();
        int rebalances = two.rebalances;
        one.close();
        Member again = Member.named("counter-1");
        Support.until("it has its partitions again", () -> {
            again.poll();
            two.poll();
            return again.partitions().equals(before);
        });
        for (int n = 0; n < 10; n++) {
            two.poll();
            again.poll();
        }
        Support.same(rebalances, two.rebalances, "rebalances of the other member");

        Member impostor = Member.named("counter-1");
        Support.refused(FencedInstanceIdException.class, "the older one of two with a name", () -> {
            for (int n = 0; n < 100; n++) {
                impostor.poll();
                again.poll();
            }
        });
        again.close();
        impostor.close();
        two.close();
    }

    private static void publish(String prefix) throws Exception {
        try (KafkaProducer<String, String> producer = Support.producer(publisher, broker)) {
            for (int n = 0; n < PARTITIONS; n++) Support.get(producer.send(new ProducerRecord<>(topic, n, null, prefix + n)));
        }
    }

    private static Set<Integer> union(Set<Integer> one, Set<Integer> other) {
        Set<Integer> union = new HashSet<>(one);
        union.addAll(other);
        return union;
    }
}

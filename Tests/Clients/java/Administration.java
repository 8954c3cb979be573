import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.quota.ClientQuotaFilterComponent;

/** OPERATOR PUBLISHER SUBSCRIBER BROKER TOPIC: what Java's admin client can ask of this broker. TOPIC is one that the publisher and
 * the subscriber share. */
final class Administration {
    private static String publisher, subscriber, broker, topic;
    private static Admin admin;

    public static void main(String[] arguments) throws Exception {
        publisher = arguments[1];
        subscriber = arguments[2];
        broker = arguments[3];
        topic = arguments[4];
        admin = Admin.create(Support.client(arguments[0], broker));
        try (Admin closed = admin) {
            cluster();
            topics();
            configurations();
            records();
            groups();
            quotas();
            refusals();
        }
    }

    private static void quotas() throws Exception {
        String unit = "java-" + topic.replaceAll("[^a-z0-9]", "");
        ClientQuotaEntity node = user("hai-chau/" + unit + "/one"), agency = user(unit + "/*");
        alter(node, Map.of("producer_byte_rate", 1_000_000.0, "request_rate", 50.5));
        alter(agency, Map.of("consumer_byte_rate", 2_000_000.0));
        Support.same(Map.of("producer_byte_rate", 1_000_000.0, "request_rate", 50.5), quotas(node), "quotas of a node");
        Support.same(Map.of("consumer_byte_rate", 2_000_000.0), quotas(agency), "quotas of an agency");
        var all = ClientQuotaFilter.containsOnly(List.of(ClientQuotaFilterComponent.ofEntityType(ClientQuotaEntity.USER)));
        Support.must(Support.get(admin.describeClientQuotas(all).entities()).keySet().containsAll(Set.of(node, agency)), "both are listed");
        Support.refused(
            InvalidRequestException.class, "a quota of a client id",
            () -> alter(new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, "x")), Map.of("request_rate", 1.0)));
        Map<String, Double> nothing = new HashMap<>();
        nothing.put("producer_byte_rate", null);
        nothing.put("request_rate", null);
        alter(node, nothing);
        nothing.clear();
        nothing.put("consumer_byte_rate", null);
        alter(agency, nothing);
        Support.must(quotas(node) == null && quotas(agency) == null, "what was removed is gone");
    }

    private static ClientQuotaEntity user(String name) {
        return new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, name));
    }

    private static void alter(ClientQuotaEntity entity, Map<String, Double> values) throws Exception {
        var changes = values.entrySet().stream().map(value -> new ClientQuotaAlteration.Op(value.getKey(), value.getValue())).toList();
        Support.get(admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, changes))).all());
    }

    private static Map<String, Double> quotas(ClientQuotaEntity entity) throws Exception {
        var name = entity.entries().get(ClientQuotaEntity.USER);
        var filter = ClientQuotaFilter.contains(List.of(ClientQuotaFilterComponent.ofEntity(ClientQuotaEntity.USER, name)));
        return Support.get(admin.describeClientQuotas(filter).entities()).get(entity);
    }

    private static void cluster() throws Exception {
        DescribeClusterResult cluster = admin.describeCluster();
        Support.same(1, Support.get(cluster.nodes()).size(), "nodes");
        Support.must(!Support.get(cluster.clusterId()).isEmpty(), "the cluster has an id");
        int node = Support.get(cluster.controller()).id();
        Support.same(1, Support.get(admin.describeLogDirs(List.of(node)).allDescriptions()).get(node).size(), "log directories");
    }

    private static void topics() throws Exception {
        String name = topic + ".made", other = topic + ".other";
        NewTopic wish = new NewTopic(name, 2, (short) 1).configs(Map.of("retention.ms", "3600000"));
        NewTopic ours = new NewTopic(other, Optional.empty(), Optional.empty());
        Support.get(admin.createTopics(List.of(wish), new CreateTopicsOptions().validateOnly(true)).all());
        Support.must(!Support.get(admin.listTopics().names()).contains(name), "validating makes no topic");
        var made = admin.createTopics(List.of(wish, ours));
        Support.same(2, Support.get(made.numPartitions(name)), "partitions made");
        Support.same("3600000", Support.get(made.config(name)).get("retention.ms").value(), "retention made");
        Uuid id = Support.get(made.topicId(name));
        Support.get(made.all());
        Support.must(Support.get(admin.listTopics().names()).containsAll(Set.of(name, other)), "both are listed");
        Support.refused(TopicExistsException.class, "the same again", () -> Support.get(admin.createTopics(List.of(wish)).all()));
        Support.refused(
            InvalidReplicationFactorException.class, "three replicas",
            () -> Support.get(admin.createTopics(List.of(new NewTopic(topic + ".three", 1, (short) 3))).all()));

        Support.get(admin.createPartitions(Map.of(name, NewPartitions.increaseTo(5))).all());
        TopicDescription described = Support.get(admin.describeTopics(List.of(name)).allTopicNames()).get(name);
        Support.same(5, described.partitions().size(), "partitions");
        Support.same(id, described.topicId(), "id by name");
        Support.same(
            name, Support.get(admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds()).get(id).name(), "name by id");
        Support.get(admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all());
        Support.get(admin.deleteTopics(List.of(other)).all());
        Set<String> left = Support.get(admin.listTopics().names());
        Support.must(!left.contains(name) && !left.contains(other), "deleted topics are gone");
    }

    private static void configurations() throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        alter(resource, "retention.ms", "7200000", AlterConfigOp.OpType.SET);
        ConfigEntry retention = configuration(resource).get("retention.ms");
        Support.same("7200000", retention.value(), "retention");
        Support.same(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, retention.source(), "source");
        alter(resource, "retention.ms", null, AlterConfigOp.OpType.DELETE);
        Support.must(configuration(resource).get("retention.ms").isDefault(), "retention is the default again");
        Support.refused(
            InvalidConfigurationException.class, "compaction",
            () -> alter(resource, "cleanup.policy", "compact", AlterConfigOp.OpType.SET));
        String node = String.valueOf(Support.get(admin.describeCluster().controller()).id());
        Support.must(configuration(new ConfigResource(ConfigResource.Type.BROKER, node)).get("num.partitions") != null, "broker settings");
    }

    private static void alter(ConfigResource resource, String name, String value, AlterConfigOp.OpType operation) throws Exception {
        Collection<AlterConfigOp> change = List.of(new AlterConfigOp(new ConfigEntry(name, value), operation));
        Support.get(admin.incrementalAlterConfigs(Map.of(resource, change)).all());
    }

    private static Config configuration(ConfigResource resource) throws Exception {
        return Support.get(admin.describeConfigs(List.of(resource)).all()).get(resource);
    }

    private static void records() throws Exception {
        try (KafkaProducer<String, String> producer = Support.producer(publisher, broker)) {
            for (int n = 0; n < 10; n++) {
                long time = 1_700_000_000_000L + (n == 4 ? 1_000_000 : n);
                Support.get(producer.send(new ProducerRecord<>(topic, 0, time, "k", String.valueOf(n))));
            }
        }
        TopicPartition partition = new TopicPartition(topic, 0);
        Support.same(
            3L, Support.get(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(3))).lowWatermarks().get(partition)).lowWatermark(), "deleted");
        Support.same(3L, offset(partition, OffsetSpec.earliest()), "earliest");
        Support.same(10L, offset(partition, OffsetSpec.latest()), "latest");
        Support.same(4L, offset(partition, OffsetSpec.maxTimestamp()), "offset of the largest timestamp");
        Support.same(4L, offset(partition, OffsetSpec.forTimestamp(1_700_000_000_100L)), "offset by time");
    }

    private static long offset(TopicPartition partition, OffsetSpec wish) throws Exception {
        return Support.get(admin.listOffsets(Map.of(partition, wish)).partitionResult(partition)).offset();
    }

    private static void groups() throws Exception {
        String group = "portal.java-" + topic;
        TopicPartition partition = new TopicPartition(topic, 0);
        KafkaConsumer<String, String> consumer = Support.consumer(subscriber, broker, "group.id", group);
        consumer.subscribe(List.of(topic));
        Support.same("3", Support.records(consumer, 7).get(0).value(), "first value that is left");
        consumer.commitSync(Map.of(partition, new OffsetAndMetadata(5, Optional.empty(), "ghi chú")));

        Support.must(Support.get(admin.listConsumerGroups().all()).stream().anyMatch(found -> found.groupId().equals(group)), "listed");
        ConsumerGroupDescription described = Support.get(admin.describeConsumerGroups(List.of(group)).describedGroups().get(group));
        Support.same(1, described.members().size(), "members");
        Support.same("range", described.partitionAssignor(), "assignor");
        Support.same(
            Set.of(partition), described.members().iterator().next().assignment().topicPartitions(), "the member's partitions");
        Support.same("ghi chú", committed(group).get(partition).metadata(), "note");
        Support.refused(GroupNotEmptyException.class, "a living group", () -> Support.get(admin.deleteConsumerGroups(List.of(group)).all()));
        consumer.close();

        Support.get(admin.alterConsumerGroupOffsets(group, Map.of(partition, new OffsetAndMetadata(7))).all());
        Support.same(7L, committed(group).get(partition).offset(), "offset after a reset");
        Support.get(admin.deleteConsumerGroupOffsets(group, Set.of(partition)).all());
        Support.must(committed(group).get(partition) == null, "the offset is gone");
        Support.get(admin.alterConsumerGroupOffsets(group, Map.of(partition, new OffsetAndMetadata(7))).all());
        Support.get(admin.deleteConsumerGroups(List.of(group)).all());
        Support.must(Support.get(admin.listConsumerGroups().all()).stream().noneMatch(found -> found.groupId().equals(group)), "deleted");
    }

    private static Map<TopicPartition, OffsetAndMetadata> committed(String group) throws Exception {
        return new HashMap<>(
            Support.get(admin.listConsumerGroupOffsets(Map.of(group, new ListConsumerGroupOffsetsSpec())).partitionsToOffsetAndMetadata(group)));
    }

    /** Roles and agreements hold for Java as for everyone. */
    private static void refusals() throws Exception {
        Support.refused(TopicAuthorizationException.class, "a subscriber that publishes", () -> {
            try (KafkaProducer<String, String> producer = Support.producer(subscriber, broker, "enable.idempotence", "false")) {
                Support.get(producer.send(new ProducerRecord<>(topic, "x")));
            }
        });
        try (Admin member = Admin.create(Support.client(subscriber, broker))) {
            Support.refused(
                TopicAuthorizationException.class, "a member that deletes a topic",
                () -> Support.get(member.deleteTopics(List.of(topic)).all()));
        }
    }
}

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLSocket;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.*;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.apache.kafka.common.requests.ResponseHeader;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

/**
 * OPERATOR BROKER TOPIC: asks for every API that the broker advertises, at each version, and reads the answer with Java's own classes:
 * to its last byte, without an error, and such that Java writes the same bytes again. The node is an operator that may publish to and
 * subscribe from TOPIC. Uses classes inside kafka-clients 3.9, the last that still know the old versions.
 */
final class EveryVersion {
    private static final Set<Errors> NOTHING_WRONG = Set.of(Errors.NONE);
    private static String topic;
    private static Uuid topicID;
    private static DataInputStream in;
    private static DataOutputStream out;
    private static int correlation = 0, made = 0;

    public static void main(String[] arguments) throws Exception {
        topic = arguments[2];
        connect(Support.client(arguments[0], arguments[1]), arguments[1]);
        var advertised = (ApiVersionsResponse) ask(ApiKeys.API_VERSIONS, (short) 0, new ApiVersionsRequestData());
        var metadata = (MetadataResponse) ask(ApiKeys.METADATA, (short) 12, metadata((short) 12));
        topicID = metadata.data().topics().iterator().next().topicId();
        Set<String> asked = new TreeSet<>();
        for (var api : advertised.data().apiKeys()) {
            ApiKeys key = ApiKeys.forId(api.apiKey());
            for (short version = api.minVersion(); version <= api.maxVersion(); version++) {
                try {
                    Support.must(key.isVersionSupported(version), "Java knows " + key + " " + version);
                    exchange(key, version);
                } catch (Exception | AssertionError error) {
                    throw new AssertionError(key + " version " + version + ": " + error.getMessage(), error);
                }
                asked.add(key + " " + version);
            }
        }
        System.out.println(asked.size() + " versions of " + advertised.data().apiKeys().size() + " APIs");
    }

    /** One exchange of this API at this version, with all that must be there before it. */
    private static void exchange(ApiKeys key, short version) throws Exception {
        switch (key) {
            case PRODUCE -> ask(key, version, produce(version));
            case FETCH -> fetch(version);
            case LIST_OFFSETS -> {
                var answer = (ListOffsetsResponse) ask(key, version, listOffsets(version));
                Support.must(answer.data().topics().get(0).partitions().get(0).offset() > 0, "the end is behind the start");
            }
            case METADATA -> {
                var answer = (MetadataResponse) ask(key, version, metadata(version));
                Support.must(answer.topicMetadata().stream().anyMatch(found -> found.topic().equals(topic)), "the topic is there");
            }
            case API_VERSIONS -> ask(
                key, version,
                version < 3
                    ? new ApiVersionsRequestData()
                    : new ApiVersionsRequestData().setClientSoftwareName("every-version").setClientSoftwareVersion("1"));
            case OFFSET_FOR_LEADER_EPOCH -> ask(key, version, offsetForLeaderEpoch());
            case FIND_COORDINATOR -> ask(
                key, version,
                version < 4
                    ? new FindCoordinatorRequestData().setKey("portal.java")
                    : new FindCoordinatorRequestData().setCoordinatorKeys(List.of("portal.java", "portal.other")));
            case JOIN_GROUP -> leave(join(newGroup(), version), (short) 1);
            case SYNC_GROUP -> {
                Member member = join(newGroup(), (short) 5);
                sync(member, version);
                leave(member, (short) 1);
            }
            case HEARTBEAT -> {
                Member member = stable();
                ask(key, version, new HeartbeatRequestData().setGroupId(member.group).setMemberId(member.id).setGenerationId(member.generation));
                leave(member, (short) 1);
            }
            case LEAVE_GROUP -> leave(stable(), version);
            case OFFSET_COMMIT -> commit(newGroup(), version);
            case OFFSET_FETCH -> {
                String group = newGroup();
                commit(group, (short) 6);
                var answer = (OffsetFetchResponse) ask(key, version, offsetFetch(group, version));
                Support.must(MessageUtil.toByteBuffer(answer.data(), version).remaining() > 20, "there is an offset");
                if (version >= 2) ask(key, version, allOffsets(group, version));
            }
            case OFFSET_DELETE -> {
                String group = newGroup();
                commit(group, (short) 6);
                var partitions = List.of(new OffsetDeleteRequestData.OffsetDeleteRequestPartition().setPartitionIndex(0));
                var topics = new OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection();
                topics.add(new OffsetDeleteRequestData.OffsetDeleteRequestTopic().setName(topic).setPartitions(partitions));
                ask(key, version, new OffsetDeleteRequestData().setGroupId(group).setTopics(topics));
            }
            case DESCRIBE_GROUPS -> {
                Member member = stable();
                ask(
                    key, version,
                    new DescribeGroupsRequestData().setGroups(List.of(member.group)).setIncludeAuthorizedOperations(version >= 3));
                leave(member, (short) 1);
            }
            case LIST_GROUPS -> {
                Member member = stable();
                var request = new ListGroupsRequestData();
                if (version >= 4) request.setStatesFilter(List.of("Stable"));
                if (version >= 5) request.setTypesFilter(List.of("classic"));
                ask(key, version, request);
                leave(member, (short) 1);
            }
            case DELETE_GROUPS -> {
                String group = newGroup();
                commit(group, (short) 6);
                ask(key, version, new DeleteGroupsRequestData().setGroupsNames(List.of(group)));
            }
            case INIT_PRODUCER_ID -> ask(key, version, new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(1000));
            case CREATE_TOPICS -> {
                create(newTopic(), version);
                if (version >= 1) ask(key, version, creation(newTopic()).setValidateOnly(true));
            }
            case DELETE_TOPICS -> {
                String name = newTopic();
                create(name, (short) 4);
                var request = new DeleteTopicsRequestData().setTimeoutMs(5000);
                if (version < 6) request.setTopicNames(List.of(name));
                else request.setTopics(List.of(new DeleteTopicsRequestData.DeleteTopicState().setName(name)));
                ask(key, version, request);
            }
            case CREATE_PARTITIONS -> {
                String name = newTopic();
                create(name, (short) 4);
                var topics = new CreatePartitionsRequestData.CreatePartitionsTopicCollection();
                topics.add(new CreatePartitionsRequestData.CreatePartitionsTopic().setName(name).setCount(3).setAssignments(null));
                ask(key, version, new CreatePartitionsRequestData().setTimeoutMs(5000).setTopics(topics));
            }
            case DELETE_RECORDS -> ask(key, version, deleteRecords());
            case CREATE_ACLS -> ask(key, version, createAcl());
            case DESCRIBE_ACLS -> {
                ask(ApiKeys.CREATE_ACLS, (short) 3, createAcl());
                ask(key, version, new DescribeAclsRequestData().setResourceTypeFilter((byte) 2).setResourceNameFilter(topic)
                    .setPatternTypeFilter((byte) 3).setOperation((byte) 1).setPermissionType((byte) 1));
            }
            case DELETE_ACLS -> {
                ask(ApiKeys.CREATE_ACLS, (short) 3, createAcl());
                ask(key, version, new DeleteAclsRequestData().setFilters(List.of(
                    new DeleteAclsRequestData.DeleteAclsFilter().setResourceTypeFilter((byte) 2).setResourceNameFilter(topic)
                        .setPatternTypeFilter((byte) 3).setOperation((byte) 1).setPermissionType((byte) 1))));
            }
            case DESCRIBE_CONFIGS -> ask(key, version, describeConfigs(version));
            case ALTER_CONFIGS -> ask(key, version, alterConfigs());
            case INCREMENTAL_ALTER_CONFIGS -> ask(key, version, incrementalAlterConfigs());
            case DESCRIBE_CLUSTER -> ask(key, version, new DescribeClusterRequestData());
            case DESCRIBE_LOG_DIRS -> {
                var topics = new DescribeLogDirsRequestData.DescribableLogDirTopicCollection();
                topics.add(new DescribeLogDirsRequestData.DescribableLogDirTopic().setTopic(topic).setPartitions(List.of(0)));
                ask(key, version, new DescribeLogDirsRequestData().setTopics(topics));
            }
            case DESCRIBE_CLIENT_QUOTAS -> ask(key, version, new DescribeClientQuotasRequestData());
            case ALTER_CLIENT_QUOTAS -> {
                var entity = new AlterClientQuotasRequestData.EntityData().setEntityType("user").setEntityName("java/every/version");
                var change = new AlterClientQuotasRequestData.OpData().setKey("request_rate").setValue(1e6 + version);
                var entry = new AlterClientQuotasRequestData.EntryData().setEntity(List.of(entity)).setOps(List.of(change));
                ask(key, version, new AlterClientQuotasRequestData().setEntries(List.of(entry)));
            }
            default -> throw new AssertionError("this program does not know how to ask for it");
        }
    }

    // Records

    private static ProduceRequestData produce(short version) {
        byte magic = version < 2 ? RecordBatch.MAGIC_VALUE_V0 : version < 3 ? RecordBatch.MAGIC_VALUE_V1 : RecordBatch.MAGIC_VALUE_V2;
        byte[] value = ("phiên bản " + version).getBytes(StandardCharsets.UTF_8);
        MemoryRecords records = MemoryRecords.withRecords(
            magic, Compression.gzip().build(), new SimpleRecord(1_700_000_000_000L, "k".getBytes(StandardCharsets.UTF_8), value));
        var partition = new ProduceRequestData.PartitionProduceData().setIndex(0).setRecords(records);
        var topics = new ProduceRequestData.TopicProduceDataCollection();
        topics.add(new ProduceRequestData.TopicProduceData().setName(topic).setPartitionData(List.of(partition)));
        return new ProduceRequestData().setAcks((short) -1).setTimeoutMs(5000).setTopicData(topics);
    }

    private static void fetch(short version) throws Exception {
        var partition = new FetchRequestData.FetchPartition().setPartition(0).setFetchOffset(0).setPartitionMaxBytes(1 << 20);
        var wanted = new FetchRequestData.FetchTopic().setPartitions(List.of(partition));
        if (version < 13) wanted.setTopic(topic);
        else wanted.setTopicId(topicID);
        var request = new FetchRequestData().setMaxWaitMs(100).setMinBytes(1).setMaxBytes(1 << 20).setTopics(List.of(wanted));
        if (version < 15) request.setReplicaId(-1);
        var answer = (FetchResponse) ask(ApiKeys.FETCH, version, request);
        var data = answer.responseData(Map.of(topicID, topic), version).get(new TopicPartition(topic, 0));
        int count = 0;
        for (var record : ((MemoryRecords) data.records()).records()) {
            record.ensureValid();
            count++;
        }
        Support.must(count > 0, "the answer has records");
    }

    private static ListOffsetsRequestData listOffsets(short version) {
        var partition = new ListOffsetsRequestData.ListOffsetsPartition().setPartitionIndex(0).setTimestamp(-1);
        var topics = List.of(new ListOffsetsRequestData.ListOffsetsTopic().setName(topic).setPartitions(List.of(partition)));
        return new ListOffsetsRequestData().setReplicaId(-1).setTopics(topics);
    }

    private static MetadataRequestData metadata(short version) {
        var request = new MetadataRequestData().setTopics(List.of(new MetadataRequestData.MetadataRequestTopic().setName(topic)));
        if (version >= 4) request.setAllowAutoTopicCreation(false);
        if (version >= 8) request.setIncludeTopicAuthorizedOperations(true);
        return request;
    }

    private static OffsetForLeaderEpochRequestData offsetForLeaderEpoch() {
        var partition = new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition().setPartition(0).setLeaderEpoch(0);
        var topics = new OffsetForLeaderEpochRequestData.OffsetForLeaderTopicCollection();
        topics.add(new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic().setTopic(topic).setPartitions(List.of(partition)));
        return new OffsetForLeaderEpochRequestData().setReplicaId(-1).setTopics(topics);
    }

    private static DeleteRecordsRequestData deleteRecords() {
        var partition = new DeleteRecordsRequestData.DeleteRecordsPartition().setPartitionIndex(0).setOffset(1);
        var topics = List.of(new DeleteRecordsRequestData.DeleteRecordsTopic().setName(topic).setPartitions(List.of(partition)));
        return new DeleteRecordsRequestData().setTimeoutMs(5000).setTopics(topics);
    }

    // Groups

    private record Member(String group, String id, int generation) {}

    private static String newGroup() { return "portal.java-" + ++made; }

    private static Member join(String group, short version) throws Exception {
        var protocols = new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
        protocols.add(new JoinGroupRequestData.JoinGroupRequestProtocol().setName("range").setMetadata(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
        var request = new JoinGroupRequestData().setGroupId(group).setSessionTimeoutMs(10000).setProtocolType("consumer").setProtocols(protocols);
        if (version >= 1) request.setRebalanceTimeoutMs(10000);
        var answer = (JoinGroupResponse) answer(ApiKeys.JOIN_GROUP, version, request);
        if (version >= 4) {
            Support.same(Errors.MEMBER_ID_REQUIRED, answer.error(), "the first join");
            answer = (JoinGroupResponse) answer(ApiKeys.JOIN_GROUP, version, request.setMemberId(answer.data().memberId()));
        }
        Support.same(Errors.NONE, answer.error(), "the join");
        Support.same(answer.data().leader(), answer.data().memberId(), "the only member leads");
        return new Member(group, answer.data().memberId(), answer.data().generationId());
    }

    private static Member sync(Member member, short version) throws Exception {
        var assignment = new SyncGroupRequestData.SyncGroupRequestAssignment().setMemberId(member.id).setAssignment(new byte[] {1, 2, 3});
        var request = new SyncGroupRequestData().setGroupId(member.group).setMemberId(member.id).setGenerationId(member.generation)
            .setAssignments(List.of(assignment));
        if (version >= 5) request.setProtocolType("consumer").setProtocolName("range");
        ask(ApiKeys.SYNC_GROUP, version, request);
        return member;
    }

    private static Member stable() throws Exception { return sync(join(newGroup(), (short) 5), (short) 3); }

    private static void leave(Member member, short version) throws Exception {
        var request = new LeaveGroupRequestData().setGroupId(member.group);
        if (version < 3) request.setMemberId(member.id);
        else request.setMembers(List.of(new LeaveGroupRequestData.MemberIdentity().setMemberId(member.id)));
        ask(ApiKeys.LEAVE_GROUP, version, request);
    }

    private static void commit(String group, short version) throws Exception {
        var partition = new OffsetCommitRequestData.OffsetCommitRequestPartition().setPartitionIndex(0).setCommittedOffset(1)
            .setCommittedMetadata("ghi chú");
        var topics = List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic().setName(topic).setPartitions(List.of(partition)));
        ask(ApiKeys.OFFSET_COMMIT, version, new OffsetCommitRequestData().setGroupId(group).setTopics(topics));
    }

    private static OffsetFetchRequestData offsetFetch(String group, short version) {
        if (version < 8) {
            var topics = List.of(new OffsetFetchRequestData.OffsetFetchRequestTopic().setName(topic).setPartitionIndexes(List.of(0)));
            return new OffsetFetchRequestData().setGroupId(group).setTopics(topics);
        }
        var topics = List.of(new OffsetFetchRequestData.OffsetFetchRequestTopics().setName(topic).setPartitionIndexes(List.of(0)));
        return new OffsetFetchRequestData().setGroups(List.of(new OffsetFetchRequestData.OffsetFetchRequestGroup().setGroupId(group).setTopics(topics)));
    }

    private static OffsetFetchRequestData allOffsets(String group, short version) {
        if (version < 8) return new OffsetFetchRequestData().setGroupId(group).setTopics(null);
        return new OffsetFetchRequestData().setGroups(List.of(new OffsetFetchRequestData.OffsetFetchRequestGroup().setGroupId(group).setTopics(null)));
    }

    // Topics and configurations

    private static String newTopic() { return topic + "." + ++made; }

    private static CreateTopicsRequestData creation(String name) {
        var configurations = new CreateTopicsRequestData.CreatableTopicConfigCollection();
        configurations.add(new CreateTopicsRequestData.CreatableTopicConfig().setName("retention.ms").setValue("3600000"));
        var topics = new CreateTopicsRequestData.CreatableTopicCollection();
        topics.add(new CreateTopicsRequestData.CreatableTopic().setName(name).setNumPartitions(2).setReplicationFactor((short) 1).setConfigs(configurations));
        return new CreateTopicsRequestData().setTimeoutMs(5000).setTopics(topics);
    }

    /** Everybody may read TOPIC. */
    private static CreateAclsRequestData createAcl() {
        return new CreateAclsRequestData().setCreations(List.of(
            new CreateAclsRequestData.AclCreation().setResourceType((byte) 2).setResourceName(topic).setResourcePatternType((byte) 3)
                .setPrincipal("User:*").setHost("*").setOperation((byte) 3).setPermissionType((byte) 3)));
    }

    private static void create(String name, short version) throws Exception { ask(ApiKeys.CREATE_TOPICS, version, creation(name)); }

    private static DescribeConfigsRequestData describeConfigs(short version) {
        var one = new DescribeConfigsRequestData.DescribeConfigsResource().setResourceType((byte) 2).setResourceName(topic).setConfigurationKeys(null);
        var request = new DescribeConfigsRequestData().setResources(List.of(one));
        if (version >= 1) request.setIncludeSynonyms(true);
        if (version >= 3) request.setIncludeDocumentation(true);
        return request;
    }

    private static AlterConfigsRequestData alterConfigs() {
        var configurations = new AlterConfigsRequestData.AlterableConfigCollection();
        configurations.add(new AlterConfigsRequestData.AlterableConfig().setName("retention.ms").setValue("7200000"));
        var resources = new AlterConfigsRequestData.AlterConfigsResourceCollection();
        resources.add(new AlterConfigsRequestData.AlterConfigsResource().setResourceType((byte) 2).setResourceName(topic).setConfigs(configurations));
        return new AlterConfigsRequestData().setResources(resources);
    }

    private static IncrementalAlterConfigsRequestData incrementalAlterConfigs() {
        var configurations = new IncrementalAlterConfigsRequestData.AlterableConfigCollection();
        configurations.add(new IncrementalAlterConfigsRequestData.AlterableConfig().setName("retention.ms").setValue("7200000"));
        var resources = new IncrementalAlterConfigsRequestData.AlterConfigsResourceCollection();
        resources.add(new IncrementalAlterConfigsRequestData.AlterConfigsResource().setResourceType((byte) 2).setResourceName(topic).setConfigs(configurations));
        return new IncrementalAlterConfigsRequestData().setResources(resources);
    }

    // The connection

    private static void connect(Properties properties, String broker) throws Exception {
        DefaultSslEngineFactory factory = new DefaultSslEngineFactory();
        factory.configure(new ProducerConfig(withSerializers(properties)).values());
        int colon = broker.lastIndexOf(':');
        SSLSocket socket = (SSLSocket) factory.sslContext().getSocketFactory().createSocket(
            broker.substring(0, colon), Integer.parseInt(broker.substring(colon + 1)));
        socket.setSoTimeout(Support.SECONDS_MAX * 1000);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    private static Properties withSerializers(Properties properties) {
        String serializer = "org.apache.kafka.common.serialization.StringSerializer";
        properties.setProperty("key.serializer", serializer);
        properties.setProperty("value.serializer", serializer);
        return properties;
    }

    /** An answer without any error. */
    private static AbstractResponse ask(ApiKeys key, short version, Message request) throws Exception {
        AbstractResponse answer = answer(key, version, request);
        Support.must(NOTHING_WRONG.containsAll(answer.errorCounts().keySet()), "no error in " + answer);
        return answer;
    }

    private static AbstractResponse answer(ApiKeys key, short version, Message request) throws Exception {
        RequestHeader header = new RequestHeader(key, version, "every-version", ++correlation);
        byte[] frame = bytes(RequestUtils.serialize(header.data(), header.headerVersion(), request, version));
        out.writeInt(frame.length);
        out.write(frame);
        out.flush();
        byte[] answered = new byte[in.readInt()];
        in.readFully(answered);
        ByteBuffer buffer = ByteBuffer.wrap(answered);
        Support.same(correlation, ResponseHeader.parse(buffer, key.responseHeaderVersion(version)).correlationId(), "correlation id");
        byte[] body = bytes(buffer.duplicate());
        AbstractResponse response = AbstractResponse.parseResponse(key, buffer, version);
        Support.same(0, buffer.remaining(), "bytes behind the answer");
        byte[] again = bytes(MessageUtil.toByteBuffer(response.data(), version));
        Support.must(Arrays.equals(body, again), "Java writes the same bytes again as it read: " + response);
        return response;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}

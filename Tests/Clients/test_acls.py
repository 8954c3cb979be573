"""Kafka's ACL APIs from stock admin clients: ACLs are made, shown and deleted, open what they say, and nothing that is classified higher."""

import uuid

import pytest
from confluent_kafka import Consumer, KafkaException
from confluent_kafka.admin import (
    AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient, ResourcePatternType, ResourceType)
from kafka.admin import (
    ACL, ACLFilter, ACLOperation, ACLPermissionType, ACLResourcePatternType, KafkaAdminClient, ResourcePattern, ResourcePatternFilter)
from kafka.errors import KafkaError
from kafka.admin import ResourceType as PythonResourceType

from wire import Wire, batch


EVERY = AclBindingFilter(ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY)


def binding(name, operation=AclOperation.READ, principal="User:weather/station/one", pattern=ResourcePatternType.LITERAL,
            kind=ResourceType.TOPIC, permission=AclPermissionType.ALLOW, host="*"):
    return AclBinding(kind, name, pattern, principal, host, operation, permission)


@pytest.fixture
def admin(city):
    return AdminClient(city.librdkafka(city.admin))


def outcome(futures):
    """What became of each: None, or the error."""
    results = []
    for future in futures.values():
        try:
            results.append(future.result(10))
        except KafkaException as error:
            results.append(error.args[0])
    return results


def publishes(city, who, name):
    with Wire(city, who) as connection:
        return connection.produce(name, batch())[0] == 0


def reads(city, who, name, group):
    consumer = Consumer(city.librdkafka(who, group__id=group, auto__offset__reset="earliest"))
    consumer.subscribe([name])
    try:
        for _ in range(50):
            message = consumer.poll(0.2)
            if message is not None:
                return message.error() is None
    finally:
        consumer.close()
    return False


def test_acls_of_librdkafka_open_a_topic_and_a_group_and_a_denial_closes_it(city, admin):
    area = f"weather-{uuid.uuid4().hex[:8]}."
    name, group = f"{area}a", f"shared-{uuid.uuid4().hex[:8]}"
    city.topic(name)
    station = city.certificate("weather", "station", "one")
    assert not publishes(city, station, name)
    assert outcome(admin.create_acls([
        binding(name, AclOperation.WRITE), binding(area, AclOperation.READ, pattern=ResourcePatternType.PREFIXED),
        binding(group, kind=ResourceType.GROUP)])) == [None, None, None]
    assert publishes(city, station, name)
    assert reads(city, station, name, group)

    shown = admin.describe_acls(EVERY).result(10)
    assert {(acl.name, acl.operation, acl.resource_pattern_type) for acl in shown} >= {
        (name, AclOperation.WRITE, ResourcePatternType.LITERAL), (area, AclOperation.READ, ResourcePatternType.PREFIXED),
        (group, AclOperation.READ, ResourcePatternType.LITERAL)}
    matching = admin.describe_acls(AclBindingFilter(
        ResourceType.TOPIC, name, ResourcePatternType.MATCH, None, None, AclOperation.ANY, AclPermissionType.ANY)).result(10)
    assert {acl.name for acl in matching} == {name, area}

    assert outcome(admin.create_acls([binding(name, AclOperation.WRITE, permission=AclPermissionType.DENY)])) == [None]
    assert not publishes(city, station, name)


def test_what_is_classified_higher_is_opened_by_agreements_alone(city, admin):
    name = f"weather.{uuid.uuid4().hex[:8]}"
    city.topic(name, hanbridge__classification="personal")
    [error] = outcome(admin.create_acls([binding(name)]))
    assert error.name() == "POLICY_VIOLATION"
    assert f"hanbridge policy request {name}" in error.str()


def test_what_would_not_be_enforced_as_it_is_said_is_refused(city, admin):
    wrong = [binding("t", host="10.0.0.1"), binding("t", AclOperation.DELETE), binding("kafka-cluster", AclOperation.ALTER, kind=ResourceType.BROKER),
             binding("t", principal="User:CN=x,OU=admin")]
    for error in outcome(admin.create_acls(wrong)):
        assert error.name() == "INVALID_REQUEST", error
    assert "t" not in {acl.name for acl in admin.describe_acls(EVERY).result(10)}


def python_admin(city, who):
    ca, certificate, key = city.files(who)
    return KafkaAdminClient(
        bootstrap_servers=city.bootstrap, security_protocol="SSL", ssl_cafile=ca, ssl_certfile=certificate, ssl_keyfile=key)


def every_acl(name):
    return ACLFilter(
        principal=None, host=None, operation=ACLOperation.ANY, permission_type=ACLPermissionType.ANY,
        resource_pattern=ResourcePatternFilter(PythonResourceType.ANY, name, ACLResourcePatternType.ANY))


def test_only_an_operator_changes_acls(city):
    client = AdminClient(city.librdkafka(city.certificate("weather", "station", "one")))
    [error] = outcome(client.create_acls([binding("t")]))
    assert error.name() == "CLUSTER_AUTHORIZATION_FAILED"
    # librdkafka answers an empty list where the broker refuses to describe; kafka-python says so.
    with pytest.raises(KafkaError):
        python_admin(city, city.certificate("weather", "station", "one")).describe_acls(every_acl("t"))


def test_kafka_python_makes_shows_and_deletes_acls(city, admin):
    name = f"weather.{uuid.uuid4().hex[:8]}"
    client = python_admin(city, city.admin)
    acl = ACL(
        principal="User:weather/*/*", host="*", operation=ACLOperation.ALL, permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(PythonResourceType.TOPIC, name, ACLResourcePatternType.LITERAL))
    made = client.create_acls([acl])
    assert made["succeeded"] == [acl] and not made["failed"]
    every = every_acl(name)
    found, _ = client.describe_acls(every)
    assert [(each.principal, each.operation) for each in found] == [("User:weather/*/*", ACLOperation.ALL)]
    city.topic(name)
    station = city.certificate("weather", "station", "one")
    assert publishes(city, station, name)
    # confluent-kafka of this version cannot hash the filters that it would delete by.
    assert client.delete_acls([every])
    assert not client.describe_acls(every)[0]
    assert not publishes(city, station, name)
    client.close()

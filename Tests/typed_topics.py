"""Typed topics of a test city, through confluent-kafka's own registry client."""

import json
import uuid

from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

SCHEMA = {
    "type": "object", "required": ["ward", "count"],
    "properties": {"ward": {"type": "string"}, "count": {"type": "integer", "minimum": 0}},
}


def registry(city):
    ca, certificate, key = city.files(city.admin)
    return SchemaRegistryClient({
        "url": city.endpoints["https"], "ssl.ca.location": ca, "ssl.certificate.location": certificate, "ssl.key.location": key})


def typed(city, **configuration):
    """A topic and the id of its schema."""
    name = f"portal.typed-{uuid.uuid4().hex[:8]}.v1"
    city.topic(
        name, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"],
        hanbridge__schema__subject=f"{name}-value", **configuration)
    return name, registry(city).register_schema(f"{name}-value", Schema(json.dumps(SCHEMA), "JSON"))


def framed(schema, document):
    return b"\0" + schema.to_bytes(4, "big") + json.dumps(document, ensure_ascii=False).encode()


def stored(city, who, name):
    consumer = Consumer(city.librdkafka(who, **{"group.id": "portal.typed", "auto.offset.reset": "earliest", "enable.partition.eof": True}))
    consumer.assign([TopicPartition(name, 0, 0)])
    values = []
    while True:
        message = consumer.poll(20)
        assert message is not None, "the partition's end did not come"
        if message.error():
            assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
            break
        values.append(message.value())
    consumer.close()
    return values

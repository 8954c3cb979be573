"""aiokafka: asyncio, with its own protocol code and its own view of versions."""

import asyncio
import uuid

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAuthorizationFailedError
from aiokafka.helpers import create_ssl_context

from stored_batches import batches


def settings(city, directory):
    authority, certificate, key = city.files(directory)
    context = create_ssl_context(cafile=authority, certfile=certificate, keyfile=key)
    return {"bootstrap_servers": city.bootstrap, "security_protocol": "SSL", "ssl_context": context}


@pytest.fixture(scope="module")
def ward(city):
    return city.certificate("hai-chau", "one-stop", "counter-1")


@pytest.fixture(scope="module")
def portal(city):
    return city.certificate("portal", "requests", "one")


def topic(city, partitions=1):
    return city.topic(
        f"portal.a-{uuid.uuid4().hex[:8]}.v1", partitions, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])


async def take(consumer, count, seconds=30):
    got = []

    async def loop():
        while len(got) < count:
            got.append(await consumer.getone())

    await asyncio.wait_for(loop(), seconds)
    return got


@pytest.mark.parametrize("codec", [None, "gzip", "snappy", "lz4", "zstd"])
def test_every_codec_round_trips_and_is_stored_compressed(city, ward, portal, codec):
    name, marker = topic(city), uuid.uuid4().hex
    values = [f"{marker} Ngũ Hành Sơn {n} ".encode() * 20 for n in range(100)]

    async def main():
        producer = AIOKafkaProducer(**settings(city, ward), compression_type=codec, linger_ms=50)
        await producer.start()
        sent = await asyncio.gather(*[await producer.send(name, value, key=b"k", headers=[("h", b"1")]) for value in values])
        await producer.stop()
        assert sorted(record.offset for record in sent) == list(range(100))
        consumer = AIOKafkaConsumer(**settings(city, portal), auto_offset_reset="earliest")
        await consumer.start()
        consumer.assign([TopicPartition(name, 0)])
        got = await take(consumer, 100)
        await consumer.stop()
        assert [record.value for record in got] == values

    asyncio.run(main())
    stored = list(batches(city.data))
    assert any(kind == (codec or "none") for kind, _, _ in stored)
    if codec:
        assert not any(kind == "none" and marker.encode() in data for kind, _, data in stored)


def test_a_group_of_two_shares_the_partitions_and_one_takes_over(city, ward, portal):
    name = topic(city, 4)

    async def main():
        members = [
            AIOKafkaConsumer(
                name, **settings(city, portal), group_id="portal.aio", auto_offset_reset="earliest", session_timeout_ms=6000,
                heartbeat_interval_ms=500)
            for _ in range(2)]
        await asyncio.gather(*[member.start() for member in members])
        for _ in range(400):
            if [len(m.assignment()) for m in members] == [2, 2]:
                break
            await asyncio.sleep(0.1)
        assert [len(m.assignment()) for m in members] == [2, 2]
        await members[0].stop()
        for _ in range(400):
            if len(members[1].assignment()) == 4:
                break
            await asyncio.sleep(0.1)
        assert len(members[1].assignment()) == 4
        producer = AIOKafkaProducer(**settings(city, ward))
        await producer.start()
        for partition in range(4):
            await producer.send_and_wait(name, str(partition).encode(), partition=partition)
        await producer.stop()
        assert sorted(r.value for r in await take(members[1], 4)) == [b"0", b"1", b"2", b"3"]
        await members[1].stop()

    asyncio.run(main())


def test_an_idempotent_producer_numbers_its_batches(city, ward):
    name = topic(city)

    async def main():
        producer = AIOKafkaProducer(**settings(city, ward), enable_idempotence=True)
        await producer.start()
        sent = await asyncio.gather(*[await producer.send(name, str(n).encode(), partition=0) for n in range(500)])
        await producer.stop()
        assert [record.offset for record in sent] == list(range(500))

    asyncio.run(main())


def test_committed_offsets_come_back(city, ward, portal):
    name = topic(city)

    async def main():
        producer = AIOKafkaProducer(**settings(city, ward))
        await producer.start()
        for n in range(5):
            await producer.send_and_wait(name, str(n).encode())
        await producer.stop()
        partition = TopicPartition(name, 0)
        for expected in ([b"0", b"1", b"2"], [b"3", b"4"]):
            consumer = AIOKafkaConsumer(
                name, **settings(city, portal), group_id="portal.aio-commit", enable_auto_commit=False, auto_offset_reset="earliest")
            await consumer.start()
            got = await take(consumer, len(expected))
            assert [r.value for r in got] == expected
            await consumer.commit({partition: got[-1].offset + 1})
            await consumer.stop()

    asyncio.run(main())


def test_an_operator_administers_topics(city):
    name = f"portal.aadmin-{uuid.uuid4().hex[:6]}.v1"

    async def main():
        admin = AIOKafkaAdminClient(**settings(city, city.admin))
        await admin.start()
        await admin.create_topics([NewTopic(name, 2, 1)])
        assert name in await admin.list_topics()
        described = await admin.describe_topics([name])
        assert len(described[0]["partitions"]) == 2
        assert "portal" not in {group for group, _ in await admin.list_consumer_groups()}
        await admin.delete_topics([name])
        assert name not in await admin.list_topics()
        await admin.close()

    asyncio.run(main())


def test_what_no_agreement_covers_is_refused(city, portal):
    name = topic(city)

    async def main():
        producer = AIOKafkaProducer(**settings(city, portal))
        await producer.start()
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(name, b"x")
        await producer.stop()

    asyncio.run(main())

"""An independent record of what was acknowledged, kept by the test's own process, and its comparison with what a broker serves."""

import threading
import time

from confluent_kafka import Consumer, Producer, TopicPartition


class Ledger:
    def __init__(self):
        self.acknowledged = {}  # (partition, offset) → value
        self.lock = threading.Lock()

    def delivered(self, error, message):
        if error is None:
            with self.lock:
                key = (message.partition(), message.offset())
                previous = self.acknowledged.get(key)
                assert previous in (None, message.value()), f"offset {key} was acknowledged twice, for different records"
                self.acknowledged[key] = message.value()


def load(configuration, topic, partitions, ledger, stop, label):
    """Produces until `stop` is set; what is not acknowledged may be lost, so nothing is retried by hand."""
    producer = Producer(configuration)
    n = 0
    while not stop.is_set():
        try:
            producer.produce(
                topic, value=f"{label}-{n} ".encode() + b"x" * (n % 700), partition=n % partitions, on_delivery=ledger.delivered)
        except BufferError:
            producer.poll(0.05)
            continue
        producer.poll(0)
        n += 1
        if n % 50 == 0:
            time.sleep(0.001)
    producer.flush(5)


def served(configuration, topic, partitions):
    """(partition, offset) → value of everything the broker serves; fails when offsets are not dense."""
    found = {}
    for partition in range(partitions):
        consumer = Consumer({**configuration, "group.id": "portal.audit", "enable.auto.commit": False})
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=20)
        consumer.assign([TopicPartition(topic, partition, low)])
        expected, deadline = low, time.monotonic() + 60
        while expected < high:
            assert time.monotonic() < deadline, f"partition {partition} stopped at {expected} of {high}"
            for message in consumer.consume(500, timeout=1.0):
                assert message.error() is None, message.error()
                assert message.offset() == expected, f"partition {partition}: offset {message.offset()} where {expected} was due"
                found[(partition, message.offset())] = message.value()
                expected += 1
        consumer.close()
    return found


def losses(ledger, found):
    """What was acknowledged and is not served as it was."""
    return {key: value for key, value in ledger.acknowledged.items() if found.get(key) != value}

"""`hanbridge subscribe --group` as one member of a group beside librdkafka's consumers, of either kind of rebalancing."""

import json
import subprocess
import threading
import time
import uuid

import pytest
from confluent_kafka import Consumer, Producer

from city import PROGRAM, Refused
from commands import lines, topic

PARTITIONS, RECORDS = 6, 600


class Ours:
    """A member that runs until it is told to end."""

    def __init__(self, city, who, name, group):
        self.process = subprocess.Popen(
            [PROGRAM, "subscribe", name, "--group", group, "--from", "earliest", "--output", "json", "--profile", who / "profile.yaml"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.got = []
        self.reader = threading.Thread(target=lambda: self.got.extend(json.loads(line) for line in self.process.stdout), daemon=True)
        self.reader.start()

    def end(self):
        self.process.terminate()
        assert self.process.wait(30) == 0, self.process.stderr.read()
        self.reader.join(10)
        return self.got


class Theirs:
    def __init__(self, city, who, name, group, strategy):
        self.consumer = Consumer(city.librdkafka(
            who, group__id=group, auto__offset__reset="earliest", partition__assignment__strategy=strategy))
        self.got, self.revoked = [], []
        self.consumer.subscribe([name], on_revoke=lambda _, partitions: self.revoked.extend(p.partition for p in partitions))

    def poll(self):
        message = self.consumer.poll(0.1)
        if message is not None:
            assert message.error() is None, message.error()
            self.got.append({"partition": message.partition(), "offset": message.offset(), "value": json.loads(message.value())})

    def assigned(self):
        return {partition.partition for partition in self.consumer.assignment()}


def shares(city, who, group):
    """Partition numbers by member, as the broker knows them; empty while the group is between two generations."""
    try:
        found = lines(city.hanbridge("group", "describe", group, "--members", "--output", "json", profile=who))
    except Refused:  # nobody has joined yet
        return {}
    if any(member["state"] != "Stable" for member in found):
        return {}
    return {member["member"]: {int(name.rsplit("-", 1)[1]) for name in member["assignment"]} for member in found}


def settled(city, who, group, members, theirs, seconds=40):
    """Waits until so many members share all partitions, and librdkafka's know it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for each in theirs:
            each.poll()
        now = shares(city, who, group)
        everything = sorted(partition for share in now.values() for partition in share)
        if len(now) == members and everything == list(range(PARTITIONS)) and all(each.assigned() in now.values() for each in theirs):
            return now
    raise AssertionError(f"the group does not settle: {now}")


def publish(city, ward, name, first):
    producer = Producer(city.librdkafka(ward))
    for number in range(first, first + RECORDS):
        producer.produce(name, json.dumps({"n": number}).encode(), partition=number % PARTITIONS)
    assert producer.flush(30) == 0


@pytest.mark.parametrize("strategy", ["cooperative-sticky", "range", "roundrobin"])
def test_a_member_shares_a_group_with_librdkafka(city, ward, portal, strategy):
    name, group = topic(city, PARTITIONS), f"portal.shared-{uuid.uuid4().hex[:6]}"
    publish(city, ward, name, 0)
    theirs = Theirs(city, portal, name, group, strategy)
    settled(city, portal, group, 1, [theirs])
    ours = Ours(city, portal, name, group)
    both = settled(city, portal, group, 2, [theirs])
    assert sorted(len(share) for share in both.values()) == [3, 3]
    if strategy == "cooperative-sticky":
        # Only what moves is given up; an eager member gives up all it has.
        assert len(theirs.revoked) == 3, theirs.revoked
    publish(city, ward, name, RECORDS)
    third = Theirs(city, portal, name, group, strategy)
    three = settled(city, portal, group, 3, [theirs, third])
    assert sorted(len(share) for share in three.values()) == [2, 2, 2]
    third.consumer.close()
    settled(city, portal, group, 2, [theirs])
    publish(city, ward, name, 2 * RECORDS)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and len({r["value"]["n"] for r in ours.got + theirs.got + third.got}) < 3 * RECORDS:
        theirs.poll()
    got = ours.end() + theirs.got + third.got
    theirs.consumer.close()
    assert {record["value"]["n"] for record in got} == set(range(3 * RECORDS)), "every record reaches somebody"
    # What our member read it committed before it gave it up, and it had read on from where others had committed.
    places = [(record["partition"], record["offset"]) for record in ours.got]
    assert len(set(places)) == len(places), "our member reads no record twice"


def test_two_of_ours_share_cooperatively(city, ward, portal):
    name, group = topic(city, PARTITIONS), f"portal.ours-{uuid.uuid4().hex[:6]}"
    publish(city, ward, name, 0)
    first = Ours(city, portal, name, group)
    settled(city, portal, group, 1, [])
    second = Ours(city, portal, name, group)
    settled(city, portal, group, 2, [])
    described = lines(city.hanbridge("group", "list", "--output", "json", profile=portal))
    assert group in {each["group"] for each in described}
    publish(city, ward, name, RECORDS)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and len(first.got) + len(second.got) < 2 * RECORDS:
        time.sleep(0.1)
    got = first.end() + second.end()
    assert sorted(record["value"]["n"] for record in got) == list(range(2 * RECORDS)), "each record once: nobody was lost"

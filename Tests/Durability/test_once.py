"""kill -9 while requests with an Idempotency-Key are on their way, and the same requests again: every record is there once."""

import http.client
import json
import os
import random
import threading
import time
import uuid

import wire
from ledger import served

ROUNDS = int(os.environ.get("HANBRIDGE_KILL_ROUNDS", "6"))
PARTITIONS = 4
PUBLISHERS = 6


class Publisher(threading.Thread):
    """Publishes one request after the other, each again and again until it is answered."""

    def __init__(self, city, node, topic, number, seed):
        super().__init__()
        self.city, self.files, self.topic, self.number = city, city.files(node), topic, number
        self.chance = random.Random(seed * 1000 + number)
        self.stopping = threading.Event()
        self.answers, self.retried, self.wrong = {}, 0, []

    def connect(self):
        host, _, port = self.city.endpoints["https"].removeprefix("https://").rpartition(":")
        return http.client.HTTPSConnection(host, int(port), context=wire.client_context(*self.files), timeout=30)

    def once(self, connection, key, body):
        connection.request("POST", f"/v1/topics/{self.topic}/records?key=k", body=body, headers={
            "Content-Type": "application/json", "Idempotency-Key": f'"{key}"'})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def run(self):
        connection = None
        while not self.stopping.is_set():
            key = str(uuid.uuid4())
            values = [f"{key}-{place}" for place in range(self.chance.choice([1, 3, 40]))]
            body = json.dumps([{"k": value[-6:], "v": value, "x": "y" * self.chance.randrange(200)} for value in values])
            tries = 0
            while True:
                try:
                    connection = connection or self.connect()
                    tries += 1
                    status, document = self.once(connection, key, body)
                except (OSError, http.client.HTTPException, KeyError):
                    connection = None
                    time.sleep(0.05)
                    continue
                if status == 200:
                    break
                if status not in (409, 503):
                    self.wrong.append((status, document))
                    return
                time.sleep(0.05)
            self.retried += tries > 1
            for value, record in zip(values, document["records"], strict=True):
                if "offset" not in record:
                    self.wrong.append((status, record))
                self.answers[value] = (record.get("partition"), record.get("offset"))


def test_requests_that_a_kill_interrupts_are_published_once(own_city):
    seed = int(os.environ.get("HANBRIDGE_SEED", random.randrange(1 << 32)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    city = own_city().start()
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    topic = city.topic("portal.once.v1", PARTITIONS, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])
    publishers = [Publisher(city, ward, topic, number, seed) for number in range(PUBLISHERS)]
    for publisher in publishers:
        publisher.start()
    for _ in range(ROUNDS):
        time.sleep(chance.uniform(0.3, 1.2))
        city.kill()
        city.start()
    for publisher in publishers:
        publisher.stopping.set()
    for publisher in publishers:
        publisher.join()
        assert not publisher.wrong, publisher.wrong[:3]
    answers = {value: place for publisher in publishers for value, place in publisher.answers.items()}
    found = {}
    for place, value in served(city.librdkafka(portal), topic, PARTITIONS).items():
        value = json.loads(value)["v"]
        assert value not in found, f"{value} is at {found[value]} and at {place}"
        found[value] = place
    assert found == answers
    assert sum(publisher.retried for publisher in publishers) >= ROUNDS, "no kill met a request"
    assert city.stop() == 0

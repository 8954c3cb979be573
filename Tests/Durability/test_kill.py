"""kill -9 under load, again and again: nothing that was acknowledged is lost, and no offset ever names two records."""

import os
import random
import threading
import time

from ledger import Ledger, load, losses, served

ROUNDS = int(os.environ.get("HANBRIDGE_KILL_ROUNDS", "6"))
PARTITIONS = 5


def test_kill_minus_nine_under_load_loses_nothing_acknowledged(own_city):
    seed = int(os.environ.get("HANBRIDGE_SEED", random.randrange(1 << 32)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    city = own_city().start()
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    topic = city.topic(
        "portal.kill.v1", PARTITIONS, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"],
        segment__bytes=1 << 20)
    ledger = Ledger()
    for round in range(ROUNDS):
        stop = threading.Event()
        configuration = city.librdkafka(ward, acks="all", linger__ms=chance.choice([0, 1, 5]), message__timeout__ms=3000)
        loads = [
            threading.Thread(target=load, args=(configuration, topic, PARTITIONS, ledger, stop, f"{round}.{n}")) for n in range(2)]
        for thread in loads:
            thread.start()
        time.sleep(chance.uniform(0.3, 1.5))
        city.kill()
        stop.set()
        for thread in loads:
            thread.join()
        city.start()
        lost = losses(ledger, served(city.librdkafka(portal), topic, PARTITIONS))
        assert not lost, f"round {round}: {len(lost)} of {len(ledger.acknowledged)} lost, first {sorted(lost)[:3]}"
    assert len(ledger.acknowledged) > 100 * ROUNDS
    assert city.stop() == 0
    from city import run
    run("check", "--config", city.configuration_file, timeout=120)

"""Legal holds: what a case holds does not go, whoever asks."""

import json
import uuid

import pytest
from kafka import KafkaAdminClient

from commands import fails, lines


@pytest.fixture(scope="module")
def auditor(city):
    return city.certificate("inspectorate", "audit", "one", roles=["auditor"])


def actions(city, auditor, name):
    out = city.hanbridge("subscribe", "_audit.access", "--from", "earliest", "--until-end", "--output", "json", profile=auditor)
    events = [json.loads(line)["value"] for line in out.splitlines()]
    return [(event["data"]["action"], event["data"].get("details", {})) for event in events if event["subject"] == f"topic:{name}"]


def test_the_life_of_a_hold(city, auditor):
    name, case = f"portal.held-{uuid.uuid4().hex[:6]}.v1", f"{uuid.uuid4().hex[:6]}/2026/HS-ST"
    city.hanbridge("topic", "create", name, "--config", "retention.ms=1")
    said = city.hanbridge("hold", "place", case, name, "--reason", "Công văn 7/VKS", "--lang", "vi", profile=auditor)
    assert case in said and name in said and "niêm giữ" in said
    assert {"case": case, "topic": name} in lines(city.hanbridge("hold", "list", "--output", "json", profile=auditor))
    fails(1, case, call=lambda: city.hanbridge("topic", "delete", name, "--yes"))
    fails(1, "hanbridge hold", call=lambda: city.hanbridge("topic", "alter", name, "--config", "hanbridge.hold=", "--lang", "en"))
    described = {entry["name"]: entry for entry in lines(city.hanbridge("topic", "describe", name, "--configs", "--output", "json"))}
    assert described["hanbridge.hold"]["value"] == case
    # Who may delete cannot release.
    operator = city.certificate("it", "operations", "root", roles=["operator"])
    fails(1, "auditor", call=lambda: city.hanbridge("hold", "release", case, "--lang", "en", profile=operator))
    said = city.hanbridge("hold", "release", case, "--lang", "en", profile=auditor)
    assert "holds no topic any more" in said
    assert lines(city.hanbridge("hold", "list", "--output", "json", profile=auditor)) == []
    city.hanbridge("topic", "delete", name, "--yes")
    found = actions(city, auditor, name)
    assert [action for action, _ in found if action != "topic.create"] == ["hold.place", "topic.delete.refused", "hold.release", "topic.delete"]
    assert dict(found)["hold.place"]["case"] == case and dict(found)["hold.place"]["why"] == "Công văn 7/VKS"


def test_a_stock_client_deletes_nothing_of_what_is_held(city, auditor):
    name = f"portal.held-{uuid.uuid4().hex[:6]}.v1"
    city.hanbridge("topic", "create", name)
    city.hanbridge("hold", "place", "A-1", name, profile=auditor)
    authority, certificate, key = city.files(city.directory / "profiles" / "admin")
    admin = KafkaAdminClient(
        bootstrap_servers=city.bootstrap, security_protocol="SSL", ssl_cafile=authority, ssl_certfile=certificate, ssl_keyfile=key)
    try:
        with pytest.raises(Exception, match="(?i)policy"):
            admin.delete_topics([name])
    finally:
        admin.close()
    city.hanbridge("hold", "release", "A-1", name, profile=auditor)
    city.hanbridge("topic", "delete", name, "--yes")

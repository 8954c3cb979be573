"""A steward hands on, within its own agency, what an agreement gives that: the node reads over Kafka, decisions cite both rules, and it ends
with the agreement."""

import json
import uuid

import pytest
import yaml

from city import Refused
from commands import lines
from wire import ERRORS, Wire, batch


def test_what_a_steward_hands_on_is_read_by_its_own_nodes_and_ends_with_its_source(city, tmp_path):
    tag = uuid.uuid4().hex[:8]
    agency, name, source, handed = f"edu-{tag}", f"portal.handed-{tag}.v1", f"DSA-{tag}", f"EDU-{tag}"
    city.topic(name, publishers=["hai-chau/*/*"], owner="portal")
    city.agree({"id": source, "topic": name, "owner": "portal", "parties": [
        {"node": f"{agency}/schools/*", "may": ["subscribe"], "delegate": True}]})
    ward, reports = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate(agency, "reports", "one")
    steward = city.certificate(agency, "steward", "minh", roles=["steward"])
    with Wire(city, ward) as publisher:
        assert publisher.produce(name, batch([b"handed on"]))[0] == 0

    def read():
        with Wire(city, reports) as reader:
            error, _, data = reader.fetch(name)
        return error, b"handed on" in (data or b"")

    def apply(rule):
        """As a steward does it: the whole set, which differs by its own delegation alone."""
        folder = tmp_path / "set"
        folder.mkdir(exist_ok=True)
        (folder / "test.yaml").write_text(yaml.safe_dump({"agreements": city.documents}, allow_unicode=True))
        delegation = {"id": handed, "delegates": source, "agency": agency, "topic": name, "parties": [rule]}
        (folder / "handed.yaml").write_text(yaml.safe_dump({"agreements": [delegation]}))
        return city.hanbridge("policy", "apply", folder, profile=steward)

    assert read() == (ERRORS["TOPIC_AUTHORIZATION_FAILED"], False)
    with pytest.raises(Refused) as refusal:
        apply({"node": "statistics/office/*", "may": ["subscribe"]})
    assert "its own agency" in refusal.value.stderr
    apply({"node": f"{agency}/reports/*", "may": ["subscribe"]})
    assert read() == (0, True)
    explained = json.loads(city.hanbridge("policy", "explain", f"{agency}/reports/one", "subscribe", name, "--output", "json"))
    assert explained["reason"] == f"agreement:{handed}#0/{source}#0"
    assert f"hands on what {source}#0 gives" in city.hanbridge("policy", "explain", f"{agency}/reports/one", "subscribe", name, "--lang", "en")
    listed = {row["id"]: row for row in lines(city.hanbridge("policy", "list", "--output", "json"))}
    assert listed[handed]["delegates"] == source and listed[handed]["owner"] == agency
    city.hanbridge("policy", "end", source)
    assert read() == (ERRORS["TOPIC_AUTHORIZATION_FAILED"], False)
    city.agree()  # leaves the delegation out again, for the tests behind this one

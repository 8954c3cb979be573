"""What the tests of the command line share."""

import json
import uuid

import pytest

from city import Refused


def topic(city, partitions=1, **configuration):
    return city.topic(
        f"portal.cl-{uuid.uuid4().hex[:8]}.v1", partitions, owner="portal", publishers=["hai-chau/*/*"],
        subscribers=["portal/*/*"], **configuration)


def lines(text):
    """JSON lines: every line is an object."""
    documents = [json.loads(line) for line in text.splitlines()]
    assert all(isinstance(document, dict) for document in documents)
    return documents


def fails(status, *words, call):
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.status == status, refused.value
    for word in words:
        assert word in refused.value.stderr, refused.value
    return refused.value


def everything(city, who, name):
    """The values of a topic, in order of partition and offset."""
    records = lines(city.hanbridge("subscribe", name, "--from", "earliest", "--until-end", "--output", "json", profile=who))
    return [record["value"] for record in sorted(records, key=lambda record: (record["partition"], record["offset"]))]

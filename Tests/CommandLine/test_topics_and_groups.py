"""Topics and consumer groups: made, listed, described, altered, reset, deleted."""

import uuid

from commands import fails, lines, topic


# Topics


def test_the_life_of_a_topic(city):
    name = f"portal.life-{uuid.uuid4().hex[:6]}.v1"
    city.hanbridge("topic", "create", name, "--partitions", "2", "--config", "retention.ms=3600000")
    fails(1, "TOPIC_ALREADY_EXISTS", call=lambda: city.hanbridge("topic", "create", name))
    city.hanbridge("topic", "create", name, "--if-not-exists")
    listed = {document["topic"]: document for document in lines(city.hanbridge("topic", "list", "--output", "json"))}
    assert listed[name]["partitions"] == 2
    assert len(lines(city.hanbridge("topic", "describe", name, "--output", "json"))) == 2
    city.hanbridge("topic", "alter", name, "--partitions", "3", "--config", "retention.ms=7200000")
    assert len(lines(city.hanbridge("topic", "describe", name, "--output", "json"))) == 3
    configuration = {
        entry["name"]: entry for entry in lines(city.hanbridge("topic", "describe", name, "--configs", "--output", "json"))}
    assert configuration["retention.ms"]["value"] == "7200000" and not configuration["retention.ms"]["isDefault"]
    city.hanbridge("topic", "alter", name, "--delete", "retention.ms")
    configuration = {
        entry["name"]: entry for entry in lines(city.hanbridge("topic", "describe", name, "--configs", "--output", "json"))}
    assert configuration["retention.ms"]["value"] == "-1" and configuration["retention.ms"]["isDefault"]
    fails(1, call=lambda: city.hanbridge("topic", "alter", name, "--partitions", "1"))
    fails(1, call=lambda: city.hanbridge("topic", "alter", name, "--config", "no.such.thing=1"))
    fails(2, "--yes", call=lambda: city.hanbridge("topic", "delete", name))
    city.hanbridge("topic", "delete", name, "--yes")
    assert name not in city.hanbridge("topic", "list")


# Groups


def test_a_group_goes_on_is_described_and_reset(city, ward, portal):
    name, group = topic(city), f"portal.{uuid.uuid4().hex[:6]}"
    city.hanbridge("publish", name, "--format", "jsonl", profile=ward, input="".join(f'{{"n":{n}}}\n' for n in range(6)))

    def read(count):
        out = city.hanbridge(
            "subscribe", name, "--group", group, "--from", "earliest", "--max", count, "--output", "json", profile=portal)
        return [record["value"]["n"] for record in lines(out)]

    assert read(4) == [0, 1, 2, 3]
    assert read(2) == [4, 5]
    (row,) = lines(city.hanbridge("group", "describe", group, "--output", "json", profile=portal))
    assert (row["topic"], row["partition"], row["lag"]) == (name, 0, 0)
    assert group in [row["group"] for row in lines(city.hanbridge("group", "list", "--output", "json", profile=portal))]
    city.hanbridge("group", "reset", group, "--topic", name, "--to", "1", profile=portal)  # only shows
    (row,) = lines(city.hanbridge("group", "describe", group, "--output", "json", profile=portal))
    assert row["lag"] == 0
    city.hanbridge("group", "reset", group, "--topic", name, "--to", "1", "--execute", profile=portal)
    (row,) = lines(city.hanbridge("group", "describe", group, "--output", "json", profile=portal))
    assert row["lag"] == 5
    assert read(5) == [1, 2, 3, 4, 5]


def test_another_agencys_group_is_refused(city, portal):
    name = topic(city)
    fails(1, "GROUP_AUTHORIZATION_FAILED",
          call=lambda: city.hanbridge("subscribe", name, "--group", "tax.mine", "--max", "1", profile=portal))

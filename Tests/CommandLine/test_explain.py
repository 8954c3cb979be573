"""Why a node may or may not, now and in the past; versions that are kept; agreements that are ended before their date."""

import datetime
import json
import time
import uuid

import pytest

from commands import fails, lines
from wire import Wire, batch

TOPIC_AUTHORIZATION_FAILED = 29


@pytest.fixture(scope="module")
def people(city):
    return {
        "auditor": city.certificate("inspectorate", "audit", "one", roles=["auditor"]),
        "steward": city.certificate("health", "dpo", "linh", roles=["steward"]),
        "stranger": city.certificate("sport", "clubs", "one"),
        "ward": city.certificate("hai-chau", "one-stop", "counter-1"),
    }


@pytest.fixture
def agreed(city):
    """A topic of the health agency and its agreement's id."""
    name, agreement = f"health.x-{uuid.uuid4().hex[:8]}.v1", f"X-{uuid.uuid4().hex[:6]}"
    city.topic(name)
    city.agree({"id": agreement, "topic": name, "owner": "health", "signedBy": ["health/steward/linh"], "parties": [
        {"node": "hai-chau/*/*", "may": ["publish"]},
        {"node": "education/schools/*", "may": ["subscribe"], "purpose": ["enrolment-check", "school-meals"]}]})
    return name, agreement


def explain(city, *question, who=None):
    return json.loads(city.hanbridge("policy", "explain", *question, "--output", "json", profile=who))


def test_an_explanation_names_the_rule_or_what_is_missing_and_whom_to_ask(city, people, agreed):
    name, agreement = agreed
    school = "education/schools/le-loi"
    allowed = explain(city, school, "subscribe", name, "--purpose", "school-meals", who=people["auditor"])
    assert allowed["allowed"] and allowed["reason"] == f"agreement:{agreement}#1" and allowed["purpose"] == "school-meals"
    assert allowed["version"] > 0 and allowed["rules"] == [
        {"agreement": agreement, "node": "education/schools/*", "rule": 1, "verdict": "allows"}]
    undeclared = explain(city, school, "subscribe", name, who=people["steward"])
    assert not undeclared["allowed"] and undeclared["reason"] == "purpose-not-declared"
    missing = explain(city, school, "publish", name)
    assert missing["reason"] == "no-agreement" and missing["owners"] == ["health"] and missing["stewards"] == ["health/steward/linh"]
    assert [rule["verdict"] for rule in missing["rules"]] == ["otherNode", "otherRight"]

    english = city.hanbridge("policy", "explain", school, "publish", name, "--lang", "en")
    assert english.startswith("NO: ") and "No agreement gives this right" in english and "health/steward/linh" in english
    vietnamese = city.hanbridge("policy", "explain", school, "subscribe", name, "--purpose", "school-meals", "--lang", "vi")
    assert vietnamese.startswith("ĐƯỢC: ") and f"{agreement}#1" in vietnamese and "Mục đích: school-meals" in vietnamese
    assert explain(city, "it/ops/x", "administer", name, "--role", "operator")["reason"] == "role:operator"
    assert explain(city, "education/a/b", "use-group", "education.x")["reason"] == "own-group"


def test_an_outsider_learns_nothing(city, people, agreed):
    answers = set()
    for topic in (agreed[0], "no.such.topic"):
        for who in ("stranger", "ward"):
            refused = fails(1, call=lambda: explain(city, "education/schools/le-loi", "subscribe", topic, who=people[who]))
            answers.add(refused.stderr)
    assert len(answers) == 1, answers  # whatever there is


@pytest.mark.parametrize("question", [
    ("education", "subscribe", "a"), ("a/b/c", "fly", "a"), ("a/b/C", "subscribe", "a"), ("a/b/c/d", "subscribe", "a")])
def test_a_question_that_is_none_is_said_to_be_so(city, question):
    fails(1, call=lambda: explain(city, *question))


def test_versions_are_kept_and_the_past_is_explained_by_them(city, people, agreed):
    name, agreement = agreed
    versions = lines(city.hanbridge("policy", "list", "--versions", "--output", "json", profile=people["auditor"]))
    newest = versions[0]["version"]
    assert [version["version"] for version in versions] == list(range(newest, 0, -1))
    assert versions[0]["appliedBy"].startswith("User:") and versions[0]["appliedAt"].startswith("20")
    fails(1, call=lambda: city.hanbridge("policy", "list", "--versions", profile=people["stranger"]))

    now = lambda: datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")  # noqa: E731
    time.sleep(0.05)
    before = now()
    time.sleep(0.05)
    city.documents = [document for document in city.documents if document["id"] != agreement]
    city.agree()
    question = ("hai-chau/one-stop/counter-1", "publish", name)
    assert explain(city, *question)["reason"] == "no-agreement"
    past = explain(city, *question, "--at", before)
    assert past["allowed"] and past["reason"] == f"agreement:{agreement}#0" and past["version"] == newest
    assert explain(city, *question, "--at", "2020-01-01")["version"] == 0


def test_an_agreement_is_ended_before_its_date_and_stays_ended(city, people, agreed):
    name, agreement = agreed
    with Wire(city, people["ward"]) as publisher:
        assert publisher.produce(name, batch())[0] == 0
        fails(1, call=lambda: city.hanbridge("policy", "end", agreement, profile=people["stranger"]))
        said = city.hanbridge("policy", "end", agreement, "--reason", "Quyết định 99/QĐ-UBND", "--lang", "en", profile=people["steward"])
        assert agreement in said and "ended now" in said
        assert publisher.produce(name, batch())[0] == TOPIC_AUTHORIZATION_FAILED
        city.agree()  # the same files once more
        assert publisher.produce(name, batch())[0] == TOPIC_AUTHORIZATION_FAILED
        listed = {row["id"]: row["standing"] for row in lines(city.hanbridge("policy", "list", "--output", "json"))}
        assert listed[agreement] == "ended"
        assert explain(city, "hai-chau/one-stop/counter-1", "publish", name)["reason"] == f"agreement-ended:{agreement}"
        fails(1, agreement, call=lambda: city.hanbridge("policy", "end", agreement))
        fails(1, call=lambda: city.hanbridge("policy", "end", "no-such"))
        for document in city.documents:
            if document["id"] == agreement:
                document["until"] = "2098-12-31"
        city.agree()
        assert publisher.produce(name, batch())[0] == 0
    events = city.hanbridge("subscribe", "_audit.access", "--from", "earliest", "--until-end", "--output", "json", profile=people["auditor"])
    ended = [event for event in map(lambda line: json.loads(line)["value"], events.splitlines())
             if event["data"]["action"] == "agreements.end" and event["data"]["details"]["agreement"] == agreement]
    assert ended and ended[0]["data"]["details"]["why"] == "Quyết định 99/QĐ-UBND" and ended[0]["data"]["node"] == "health/dpo/linh"

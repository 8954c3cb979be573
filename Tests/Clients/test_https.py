"""The HTTPS listener as any HTTP client sees it, and the health listener as Prometheus does."""

import http.client
import json
import re
import ssl
import time
import urllib.request
import uuid

import openapi_spec_validator
import pytest
import yaml
from confluent_kafka import Consumer, TopicPartition

import wire
from wire import Wire, batch

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]


class Client:
    """HTTP/1.1 with the certificate of a node, or with none."""

    def __init__(self, city, node=None):
        files = city.files(node or city.admin)
        context = wire.client_context(*files) if node else wire.client_context(files[0])
        host, _, port = city.endpoints["https"].removeprefix("https://").rpartition(":")
        self.connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=20)

    def ask(self, path, method="GET", body=None, **headers):
        """(status, headers, document)"""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and "Content-Type" not in headers:
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if data and "json" not in answer.headers.get("Content-Type", ""):
            return answer.status, answer.headers, data
        return answer.status, answer.headers, json.loads(data) if data else None

    def problem(self, status, path, method="GET", body=None, **headers):
        found, head, document = self.ask(path, method, body, **headers)
        assert found == status, document
        assert head["Content-Type"] == "application/problem+json"
        if method != "HEAD":
            assert document["status"] == status and document["title"] and document["detail"]
            assert document["type"].startswith("urn:hanbridge:problem:")
        return document


@pytest.fixture(scope="module")
def ward(city):
    return city.certificate("hai-chau", "one-stop", "counter-1")


@pytest.fixture(scope="module")
def portal(city):
    return city.certificate("portal", "requests", "one")


@pytest.fixture(scope="module")
def topic(city):
    return city.topic(f"portal.ht-{uuid.uuid4().hex[:8]}.v1", 2, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])


@pytest.fixture(scope="module")
def paths(city):
    return Client(city, city.admin).ask("/openapi.json")[2]["paths"]


# Who asks


def test_without_a_certificate_every_path_answers_401(city, paths):
    client = Client(city)
    for path in [*paths, "/", "/nothing", "/openapi.json", "/metrics", "/v1/topics/x", "/subjects", "/.well-known/x", "//", "/v1/../v1/topics"]:
        for method in METHODS:
            client.problem(401, path.replace("{", "").replace("}", ""), method, body="{}" if method in ("POST", "PUT") else None)


def test_a_certificate_that_is_not_accepted_ends_the_handshake(city, tmp_path):
    import forge

    files = forge.node(city, tmp_path / "old", "spiffe://danang/portal/requests/one", begins=-7200, ends=-3600)
    mark = city.log_size()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        with wire.client_context(*files).wrap_socket(wire.plain(city.endpoints["https"])) as sock:
            sock.sendall(b"GET /v1/whoami HTTP/1.1\r\nHost: x\r\n\r\n")
            if not sock.recv(100):
                raise ConnectionError("closed")
    city.logged("listener=https", "reason=certificate_refused", since=mark)


def test_whoami(city, ward):
    status, head, document = Client(city, ward).ask("/v1/whoami")
    assert status == 200 and head["Content-Type"].startswith("application/json") and head["Cache-Control"] == "no-store"
    assert (document["authority"], document["agency"], document["unit"], document["node"]) == ("danang", "hai-chau", "one-stop", "counter-1")
    assert document["principal"] == "User:hai-chau/one-stop/counter-1" and document["roles"] == ["member"]
    assert re.fullmatch(r"[0-9a-f]{64}", document["certificateFingerprint"]) and document["remoteAddress"].startswith("127.0.0.1:")
    assert set(Client(city, city.admin).ask("/v1/whoami")[2]["roles"]) >= {"operator", "steward", "auditor"}


# What there is


def test_topics_and_groups_are_those_that_one_may_describe(city, ward, portal, topic):
    with Wire(city, ward) as connection:
        assert connection.produce(topic, batch())[0] == 0
    consumer = Consumer(city.librdkafka(portal, group__id="portal.https"))
    consumer.commit(offsets=[TopicPartition(topic, 0, 1)], asynchronous=False)
    consumer.close()
    stranger = city.certificate("sport", "clubs", "one")

    status, _, document = Client(city, portal).ask("/v1/topics")
    found = {entry["name"]: entry for entry in document["topics"]}
    assert status == 200 and len(found[topic]["partitions"]) == 2
    assert found[topic]["partitions"][0]["highWatermark"] == 3 and found[topic]["partitions"][0].get("offline") is None
    assert not any(name.startswith("_") for name in found)
    status, _, one = Client(city, portal).ask(f"/v1/topics/{topic}")
    assert one.pop("reading") == {"allowed": True, "implied": False, "purposes": [], "anyPurpose": True}
    assert one.pop("stewardship") == {"owners": ["portal"], "stewards": []}
    assert status == 200 and one == found[topic]
    assert Client(city, stranger).ask("/v1/topics")[2] == {"topics": []}
    # What one may not describe and what is not there look alike.
    hidden = Client(city, stranger).problem(404, f"/v1/topics/{topic}")
    absent = Client(city, stranger).problem(404, "/v1/topics/no-such")
    assert hidden["detail"].replace(topic, "X") == absent["detail"].replace("no-such", "X")

    status, _, document = Client(city, portal).ask("/v1/groups")
    group = next(entry for entry in document["groups"] if entry["group"] == "portal.https")
    assert group["offsets"] == [{**group["offsets"][0], "topic": topic, "partition": 0, "offset": 1, "lag": 2}]
    assert Client(city, portal).ask("/v1/groups/portal.https")[2] == group
    assert Client(city, stranger).ask("/v1/groups")[2] == {"groups": []}
    Client(city, stranger).problem(404, "/v1/groups/portal.https")


def test_agreements_are_shown_to_those_whom_they_concern(city, ward, topic):
    document = Client(city, ward).ask("/v1/agreements")[2]
    assert any(entry["topic"] == topic and entry["standing"] == "inForce" for entry in document["agreements"])
    assert document["files"] == {}
    document = Client(city, city.admin).ask("/v1/agreements")[2]
    assert topic in document["files"]["test.yaml"] and document["appliedBy"]
    versions = Client(city, city.admin).ask("/v1/agreements/versions")[2]["versions"]
    assert versions[0]["version"] == document["version"]
    assert Client(city, city.admin).ask(f"/v1/agreements/versions/{document['version']}")[2]["files"] == document["files"]
    Client(city, city.admin).problem(404, "/v1/agreements/versions/999999")
    Client(city, ward).problem(403, "/v1/agreements/versions")


# Errors


def test_problems_speak_the_readers_language(city):
    client = Client(city)
    said = {language: client.problem(401, "/v1/topics", Accept_Language=language) for language in ("vi", "en", "vi-VN,vi;q=0.9", "fr", "")}
    assert said["vi"]["title"] != said["en"]["title"] and said["vi"]["type"] == said["en"]["type"]
    assert said["vi-VN,vi;q=0.9"] == said["vi"] and said["fr"] == said["en"] == said[""]
    assert any(letter in said["vi"]["detail"] for letter in "ạảấầậắặếềệốộớợứựđươ")
    status, head, _ = client.ask("/", Accept_Language="en;q=0.1, vi;q=0.8")
    assert head["Content-Language"] == "vi"


def test_404_and_405(city):
    client = Client(city, city.admin)
    for path in ("/", "/v1", "/v1/nothing", "/v1/topics/a/b", "/v1/topics/%00", "/v1/topics/%2e%2e", "/v1/topics/..%2f", "/v1/agreements/versions/x"):
        client.problem(404, path)
    for path, method, allowed in (
        ("/v1/topics", "DELETE", "GET"), ("/v1/whoami", "POST", "GET"), ("/openapi.json", "PUT", "GET"), ("/v1/agreements", "PATCH", "GET, POST, PUT")
    ):
        status, head, _ = client.ask(path, method)
        assert status == 405 and set(head["Allow"].split(", ")) == set(allowed.split(", "))


def test_a_head_is_a_get_without_its_body(city):
    status, _, document = Client(city, city.admin).ask("/v1/topics", "HEAD")
    assert status == 200 and document is None


GOOD = {"agreements": [{
    "id": "DSA-9", "topic": "a.b.v1", "owner": "portal", "parties": [{"node": "portal/*/*", "may": ["subscribe"]}],
    "legalBasis": "Quyết định 1/QĐ", "from": "2026-01-01", "until": "2026-12-31"}]}


def files(text):
    return json.dumps({"files": {"a.yaml": text}})


def test_a_body_that_is_not_right_changes_nothing(city, ward):
    client = Client(city, city.admin)
    before = client.ask("/v1/agreements")[2]
    for status, body, headers in (
        (415, "a: b", {"Content_Type": "application/yaml"}), (415, "{}", {"Content_Type": "text/json-not"}),
        (400, "{", {}), (400, "[]", {}), (400, '{"files": ["a"]}', {}), (400, '{"files": {"a.yaml": 1}}', {}), (400, "", {}),
        (400, "\xff", {}), (400, "[" * 100_000, {}), (422, files("agreements: ["), {}), (422, files("surprise: 1"), {}),
    ):
        Client(city, city.admin).problem(status, "/v1/agreements", "PUT", body, **headers)
    Client(city, city.admin).problem(400, "/v1/agreements?dry-run=maybe", "PUT", files(yaml.safe_dump(GOOD)))
    document = client.problem(422, "/v1/agreements", "PUT", files("agreements:\n  - id: A\n    surprise: 1\n"))
    assert document["errors"] and all(fault["file"] == "a.yaml" and fault["message"] for fault in document["errors"])
    assert any(fault.get("line") == 3 for fault in document["errors"])
    Client(city, ward).problem(403, "/v1/agreements", "PUT", files(yaml.safe_dump(GOOD)))
    status, _, dry = client.ask("/v1/agreements?dry-run=true", "PUT", files(yaml.safe_dump(GOOD)))
    assert status == 200 and dry == {"version": before["version"], "dryRun": True, "agreements": 1}
    assert client.ask("/v1/agreements")[2] == before


def test_a_body_too_large_is_413_announced_or_not(city):
    limit = 4 << 20
    Client(city, city.admin).problem(400, "/v1/agreements", "PUT", b" " * limit)  # at the limit: read, and no JSON
    client = Client(city, city.admin)
    client.connection.putrequest("PUT", "/v1/agreements")
    client.connection.putheader("Content-Type", "application/json")
    client.connection.putheader("Content-Length", str(limit + 1))
    client.connection.endheaders()
    answer = client.connection.getresponse()
    assert answer.status == 413 and json.loads(answer.read())["status"] == 413

    client = Client(city, city.admin)
    client.connection.putrequest("PUT", "/v1/agreements")
    client.connection.putheader("Content-Type", "application/json")
    client.connection.putheader("Transfer-Encoding", "chunked")
    client.connection.endheaders()
    try:
        for _ in range(limit // 65536 + 2):
            client.connection.send(b"10000\r\n" + b" " * 65536 + b"\r\n")
    except OSError:
        pass  # it need not be read to its end
    answer = client.connection.getresponse()
    assert answer.status == 413


def test_heads_and_addresses_too_long_are_refused(city):
    Client(city, city.admin).problem(414, "/v1/topics/" + "x" * 8200)
    client = Client(city, city.admin)
    try:
        status = client.ask("/v1/whoami", X_Long="x" * 20_000)[0]
    except (OSError, http.client.HTTPException):
        return
    assert 400 <= status < 500


@pytest.mark.parametrize("bytes_", [b"\0\1\2\3\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                                    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                                    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"])
def test_what_is_no_http_gets_no_answer_of_the_broker(city, bytes_):
    context = wire.client_context(*city.files(city.admin))
    with context.wrap_socket(wire.plain(city.endpoints["https"])) as sock:
        sock.sendall(bytes_)
        sock.settimeout(10)
        answer = b""
        try:
            while b"\r\n\r\n" not in answer and (chunk := sock.recv(4096)):
                answer += chunk
        except (ssl.SSLError, ConnectionError):
            pass
        assert answer == b"" or re.match(rb"HTTP/1\.[01] 4\d\d ", answer), answer
    assert Client(city, city.admin).ask("/v1/whoami")[0] == 200


# The description


def test_the_openapi_document_is_valid_and_tells_what_there_is(city, paths):
    document = Client(city, city.admin).ask("/openapi.json")[2]
    assert document["openapi"].startswith("3.1.")
    openapi_spec_validator.validate(document)
    assert {"/v1/whoami", "/v1/topics", "/v1/topics/{topic}", "/v1/groups", "/v1/groups/{group}", "/v1/agreements"} <= set(paths)
    client = Client(city, city.admin)
    for path, operations in paths.items():
        for method, operation in operations.items():
            assert "401" in operation["responses"]
            if method == "get":
                status = client.ask(re.sub(r"\{.*?\}", "1", path))[0]
                assert str(status) in operation["responses"], (path, status)
        others = {"GET", "PUT", "POST", "DELETE"} - {method.upper() for method in operations}
        for method in others:
            client.problem(405, re.sub(r"\{.*?\}", "1", path), method)


# Health


def get(city, path):
    with urllib.request.urlopen(city.endpoints["health"] + path, timeout=10) as answer:
        return answer.read().decode()


SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9.eE+-]+|[+-]Inf|NaN)')


def metrics(city):
    """{(name, labels): value}, strictly by Prometheus' text format, and {family: type}."""
    samples, types = {}, {}
    text = get(city, "/metrics")
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types
            types[name] = kind
        elif not line.startswith("# HELP "):
            match = SAMPLE.fullmatch(line)
            assert match, line
            key = match[1], tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or "")))
            assert key not in samples, line
            samples[key] = float(match[3])
            assert match[1] in types or re.sub("_(bucket|sum|count)$", "", match[1]) in types, line
    return samples, types


def test_livez_and_readyz(city):
    assert get(city, "/livez") == "ok\n" and get(city, "/readyz") == "ok\n"
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(city, "/v1/topics")
    assert refused.value.code == 404
    assert city.endpoints["health"].startswith("http://127.0.0.1:")


def test_the_metrics_that_watching_needs_are_there(city, ward, portal, topic):
    with Wire(city, ward) as connection:
        for _ in range(5):
            assert connection.produce(topic, batch(), partition=1)[0] == 0
        # Written long ago by its own account, and not read by a group that began at 0.
        consumer = Consumer(city.librdkafka(portal, group__id="portal.behind"))
        consumer.commit(offsets=[TopicPartition(topic, 1, 0)], asynchronous=False)
        consumer.close()
        connection.fetch(topic, partition=1)
        samples, types = metrics(city)

    def value(name, **labels):
        found = [number for (found, have), number in samples.items() if found == name and set(labels.items()) <= set(have)]
        assert found, name
        return sum(found)

    assert value("hanbridge_requests_total", api="produce") >= 5
    for name in ("hanbridge_request_seconds", "hanbridge_handshake_seconds", "hanbridge_log_sync_seconds", "hanbridge_log_commit_group_batches"):
        assert types[name] == "histogram", name
        for labels in {tuple(label for label in have if label[0] != "le") for found, have in samples if found == f"{name}_bucket"}:
            buckets = sorted(
                (float(dict(have)["le"].replace("+Inf", "inf")), number) for (found, have), number in samples.items()
                if found == f"{name}_bucket" and tuple(label for label in have if label[0] != "le") == labels)
            assert [number for _, number in buckets] == sorted(number for _, number in buckets)
            assert buckets[-1][0] == float("inf") and buckets[-1][1] == samples[f"{name}_count", labels]
    assert value("hanbridge_request_seconds_count", api="produce") >= 5
    assert value("hanbridge_kafka_received_bytes_total") > 0 and value("hanbridge_kafka_sent_bytes_total") > 0
    assert value("hanbridge_connections") >= 1
    assert value("hanbridge_log_commit_groups_total") > 0 and value("hanbridge_log_appended_bytes_total") > 0
    assert value("hanbridge_log_sync_seconds_count") > 0
    assert 300 < value("hanbridge_certificate_days_left") < 400
    assert 0 <= value("hanbridge_revocation_list_life_used") < 0.5
    assert value("hanbridge_disk_total_bytes") >= value("hanbridge_disk_free_bytes") > 0 and value("hanbridge_disk_full") == 0
    assert value("hanbridge_stored_bytes") > 0 and value("hanbridge_topics") >= 2 and value("hanbridge_offline_partitions") == 0

    deadline = time.monotonic() + 30
    while True:
        samples, _ = metrics(city)
        lag = [number for (name, have), number in samples.items() if name == "hanbridge_group_lag_records" and ("group", "portal.behind") in have]
        if sum(lag) == 15:
            break
        assert time.monotonic() < deadline, lag
        time.sleep(0.5)
    assert value("hanbridge_group_lag_seconds", group="portal.behind") >= 0

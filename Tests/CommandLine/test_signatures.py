"""Agreements are signed by their stewards; where signatures are required, nothing comes into force without them."""

import json

import pytest
import yaml

from city import run
from commands import fails, lines

AGREEMENT = {
    "id": "DSA-S1", "topic": "health.signed.v1", "owner": "health", "parties": [{"node": "education/schools/*", "may": ["subscribe"]}],
    "legalBasis": "Quyết định 1/QĐ", "until": "2099-12-31", "signedBy": ["health/steward/linh", "education/steward/minh"]}


def write(folder, **changes):
    folder.mkdir(exist_ok=True)
    file = folder / "health.yaml"
    file.write_text(yaml.safe_dump({"agreements": [{**AGREEMENT, **changes}]}, allow_unicode=True))
    return file


def profile(directory):
    return ["--profile", directory / "profile.yaml"]


@pytest.fixture
def stewards(own_city):
    city = own_city(settings={"policy": {"signatures": "required"}})
    city.start()
    return city, city.certificate("health", "steward", "linh", roles=["steward"]), city.certificate("education", "steward", "minh", roles=["steward"])


def test_a_required_signature_by_each_who_must_sign_brings_an_agreement_into_force(stewards, tmp_path):
    city, linh, minh = stewards
    folder = tmp_path / "agreements"
    file = write(folder)
    fails(1, "health.yaml", "health/steward/linh, education/steward/minh", call=lambda: city.hanbridge("policy", "apply", folder))

    signed = lines(run("policy", "sign", "DSA-S1", folder, "--output", "json", *profile(linh)))[-1]
    assert signed["signer"] == "health/steward/linh" and signed["missing"] == ["education/steward/minh"]
    assert json.loads(signed["signed"])["id"] == "DSA-S1"
    beside = folder / "DSA-S1.signatures.json"
    assert [each["signer"] for each in json.loads(beside.read_text())["signatures"]] == ["health/steward/linh"]
    fails(1, "education/steward/minh", call=lambda: city.hanbridge("policy", "apply", folder))

    run("policy", "sign", "DSA-S1", file, *profile(minh))
    city.hanbridge("policy", "apply", file)  # finds what lies beside it
    assert "DSA-S1" in city.hanbridge("policy", "list")

    # Layout is no meaning; meaning is.
    file.write_text("# a comment\n" + file.read_text())
    city.hanbridge("policy", "apply", folder)
    write(folder, until="2100-12-31")
    fails(1, "DSA-S1", call=lambda: city.hanbridge("policy", "apply", folder))
    assert "2099-12-31" in city.hanbridge("policy", "list")
    warned = run("policy", "check", folder, "--output", "json")
    assert sum("has to be signed again" in row["message"] for row in lines(warned)) == 2


def test_a_signature_that_would_mean_nothing_is_not_made(stewards, tmp_path):
    city, linh, _ = stewards
    folder = tmp_path / "agreements"
    write(folder)
    member = city.certificate("health", "registry", "one")
    stranger = city.certificate("traffic", "steward", "an", roles=["steward"])
    fails(1, "steward", call=lambda: run("policy", "sign", "DSA-S1", folder, *profile(member)))
    fails(1, "traffic/steward/an", call=lambda: run("policy", "sign", "DSA-S1", folder, *profile(stranger)))
    fails(1, "DSA-S2", call=lambda: run("policy", "sign", "DSA-S2", folder, *profile(linh)))
    assert not (folder / "DSA-S1.signatures.json").exists()


def test_a_revoked_steward_signs_nothing_that_counts(stewards, tmp_path):
    city, linh, minh = stewards
    folder = tmp_path / "agreements"
    write(folder)
    for steward in (linh, minh):
        run("policy", "sign", "DSA-S1", folder, *profile(steward))
    mark = city.log_size()
    run("cert", "revoke", "--pki", city.directory / "pki", minh / "certificate.pem")
    city.reload()
    city.logged("revocation", since=mark)
    fails(1, "education/steward/minh", call=lambda: city.hanbridge("policy", "apply", folder))


def test_a_start_withholds_what_lacks_a_signature_that_is_required_by_then(own_city, tmp_path):
    city = own_city()
    city.start()
    linh, minh = city.certificate("health", "steward", "linh", roles=["steward"]), city.certificate("education", "steward", "minh", roles=["steward"])
    folder = tmp_path / "agreements"
    file = write(folder)
    (folder / "other.yaml").write_text(yaml.safe_dump({"agreements": [{**AGREEMENT, "id": "DSA-S2", "topic": "health.other.v1"}]}, allow_unicode=True))
    for steward in (linh, minh):
        run("policy", "sign", "DSA-S1", file, *profile(steward))
    city.hanbridge("policy", "apply", folder)  # recorded: nothing depends on it
    rows = {row["id"]: row for row in lines(city.hanbridge("policy", "list", "--output", "json"))}
    assert rows["DSA-S1"]["signed"] == ["education/steward/minh", "health/steward/linh"] and rows["DSA-S1"]["unsigned"] == []
    assert rows["DSA-S2"]["signed"] == [] and rows["DSA-S2"]["unsigned"] == AGREEMENT["signedBy"]

    def may(topic):
        return json.loads(city.hanbridge("policy", "explain", "education/schools/one", "subscribe", topic, "--output", "json"))["allowed"]

    assert may("health.signed.v1") and may("health.other.v1")
    city.stop()
    city.configure({"policy": {"signatures": "required"}})
    mark = city.log_size()
    city.start()
    city.logged("without the signatures", "DSA-S2", since=mark)
    assert may("health.signed.v1") and not may("health.other.v1")
    # Ending another brings nothing back, and neither does an ACL.
    city.hanbridge("policy", "end", "DSA-S1")
    assert not may("health.signed.v1") and not may("health.other.v1")
    run("policy", "sign", "DSA-S2", folder / "other.yaml", *profile(linh))
    run("policy", "sign", "DSA-S2", folder / "other.yaml", *profile(minh))
    city.hanbridge("policy", "apply", folder)
    assert may("health.other.v1")

"""An agreement is asked for by whoever may see the topic, and a changed set is rehearsed before it is applied."""

import json
import uuid

import pytest
import yaml

from city import run
from commands import fails, lines, topic


def test_a_draft_names_the_owner_and_is_refused_until_it_is_completed(city, ward, tmp_path):
    name = f"portal.asked-{uuid.uuid4().hex[:8]}.v1"
    city.hanbridge("topic", "create", name, "--config", "hanbridge.schema.subject=none", "--config", "hanbridge.owner=portal")
    city.agree(
        {"id": f"CATALOGUE-{name}", "topic": name, "owner": "portal", "parties": [{"node": "*/*/*", "may": ["describe"]}],
         "signedBy": ["portal/steward/linh"]})
    draft = tmp_path / "draft.yaml"
    told = lines(city.hanbridge(
        "policy", "request", name, "--purpose", "planning", "--out", draft, "--output", "json", profile=ward))[0]
    assert told["owners"] == ["portal"] and told["stewards"] == ["portal/steward/linh"]
    fails(1, "draft.yaml", "legalBasis", call=lambda: run("policy", "check", draft))
    completed = draft.read_text().replace("legalBasis:", "legalBasis: Quyết định 2/QĐ").replace("until: \n", "until: 2099-12-31\n")
    draft.write_text(completed)
    run("policy", "check", draft)
    [agreement] = yaml.safe_load(completed)["agreements"]
    assert agreement["topic"] == name and agreement["owner"] == "portal" and agreement["parties"][0]["purpose"] == ["planning"]
    assert agreement["parties"][0]["node"].endswith("/*")
    fails(1, call=lambda: city.hanbridge("policy", "request", name, "--out", draft, profile=ward))
    fails(1, call=lambda: city.hanbridge("policy", "request", "portal.nowhere.v1", profile=ward))
    fails(2, "A b", call=lambda: city.hanbridge("policy", "request", name, "--purpose", "A b", profile=ward))


def test_a_rehearsal_names_who_would_lose_what_and_changes_nothing(city, ward, tmp_path):
    name = topic(city)
    portal = city.certificate("portal", "requests", "one")
    source = tmp_path / "one.jsonl"
    source.write_text('{"a": 1}\n')
    city.hanbridge("publish", name, source, profile=ward)
    city.hanbridge("subscribe", name, "--from", "earliest", "--max", "1", profile=portal)
    folder = tmp_path / "agreements"
    folder.mkdir()
    kept = [document for document in city.documents if document["topic"] != name]
    (folder / "next.yaml").write_text(yaml.safe_dump({"agreements": kept}, allow_unicode=True))
    before = city.hanbridge("policy", "list", "--output", "json")

    def losses():
        document = json.loads(city.hanbridge("policy", "rehearse", folder, "--output", "json").splitlines()[-1])
        return [effect for effect in document["effects"] if effect["topic"] == name]

    for _ in range(20):
        [*effects] = losses()
        if effects:
            break
    [effect] = effects
    assert effect["kind"] == "loses" and effect["nodes"] == "portal/*/*" and effect["example"] == "portal/requests/one"
    assert effect["reason"] == "no-agreement" and effect["right"] == "subscribe"
    assert f"portal/*/* would lose {name} (subscribe)" in city.hanbridge("policy", "rehearse", folder, "--lang", "en")
    assert f"portal/*/* sẽ mất quyền đọc {name} (subscribe)" in city.hanbridge("policy", "rehearse", folder, "--lang", "vi")
    assert city.hanbridge("policy", "list", "--output", "json") == before
    fails(1, call=lambda: city.hanbridge("policy", "rehearse", folder, profile=ward))


def test_what_nobody_uses_is_found_by_check_with_a_profile(city, tmp_path):
    file = tmp_path / "unused.yaml"
    unused = {"id": "UNUSED-1", "topic": "portal.unused.v1", "owner": "portal", "parties": [{"node": "nobody/*/*", "may": ["subscribe"]}]}
    file.write_text(yaml.safe_dump({"agreements": [unused]}))
    rows = lines(city.hanbridge("policy", "check", file, "--output", "json"))
    assert any("nobody has read by agreement UNUSED-1" in row["message"] and row["line"] == 2 for row in rows)


def test_two_people_open_access_in_an_emergency(city, tmp_path):
    from datetime import datetime, timedelta, timezone
    name = topic(city)
    linh = city.certificate("portal", "steward", "linh", roles=["steward"])
    nurse = city.certificate("hospital", "ward", "nurse")
    until = (datetime.now(timezone.utc) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    file = tmp_path / "emergency.yaml"
    identity = f"EMERGENCY-{uuid.uuid4().hex[:8]}"
    file.write_text(yaml.safe_dump({"agreements": [
        {"id": identity, "topic": name, "owner": "portal", "parties": [{"node": "hospital/ward/*", "may": ["subscribe"]}],
         "legalBasis": "Chỉ đạo 12/SYT", "until": until}]}, allow_unicode=True))

    def opened():
        try:
            city.hanbridge("subscribe", name, "--from", "earliest", "--until-end", profile=nurse)
            return True
        except Exception:
            return False

    city.hanbridge("policy", "break-glass", file, profile=linh)
    fails(1, call=lambda: city.hanbridge("policy", "break-glass", "--confirm", identity, profile=linh))
    assert not opened()
    shown = city.hanbridge("policy", "break-glass", "--lang", "en")
    assert f"{identity}: asked for by portal/steward/linh" in shown and "hospital/ward/*" in shown and "Chỉ đạo 12/SYT" in shown
    assert "hospital/ward/*" in city.hanbridge("policy", "break-glass", "--confirm", identity)
    assert opened()
    assert "EMERGENCY" not in city.hanbridge("policy", "break-glass", "--lang", "en")
    city.hanbridge("policy", "end", identity)
    assert not opened()
    fails(2, call=lambda: city.hanbridge("policy", "break-glass", file, "--confirm", identity))

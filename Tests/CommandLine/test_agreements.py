"""Agreements are checked, applied and listed; a mistake is named and changes nothing."""

import pytest
import yaml

from city import ROOT, run
from commands import fails, lines, topic


def agreement(**changes):
    return {"id": "DSA-1", "topic": "a.b.v1", "owner": "portal", "parties": [{"node": "portal/*/*", "may": ["subscribe"]}],
            "legalBasis": "Quyết định 1/QĐ", "from": "2026-01-01", "until": "2026-12-31", **changes}


@pytest.mark.parametrize("document, word", [
    (agreement(until="2025-01-01"), "until"), (agreement(parties=[{"node": "portal", "may": ["subscribe"]}]), "portal"),
    (agreement(parties=[{"node": "portal/*/*", "may": ["eat"]}]), "eat"),
    (agreement(parties=[{"node": "portal/*/*", "may": ["subscribe"], "fields": {"mask": {"a": "blur"}}}]), "blur"),
    (agreement(parties=[{"node": "portal/*/*", "may": ["subscribe"], "where": {}}]), "where"),
    (agreement(parties=[{"node": "portal/*/*", "may": ["subscribe"], "purpose": ["A b"]}]), "purpose"),
    (agreement(parties=[{"node": "portal/*/*", "may": ["publish"], "purpose": ["a"]}]), "purpose"),
    (agreement(parties=[{"node": "portal/*/*", "may": ["subscribe"], "deny": ["subscribe"]}]), "subscribe"),
    (agreement(surprise=1), "surprise"), (agreement(delegates="A"), "agency"),
])
def test_bad_agreements_are_named_and_change_nothing(city, tmp_path, document, word):
    before = city.hanbridge("policy", "list", "--output", "json")
    file = tmp_path / "bad.yaml"
    file.write_text(yaml.safe_dump({"agreements": [document]}, allow_unicode=True))
    fails(1, "bad.yaml", word, call=lambda: run("policy", "check", file))
    fails(1, "bad.yaml", word, call=lambda: city.hanbridge("policy", "apply", file))
    assert city.hanbridge("policy", "list", "--output", "json") == before


def test_good_agreements_check_and_list(city, ward, tmp_path):
    file = tmp_path / "good.yaml"
    file.write_text(yaml.safe_dump({"agreements": [agreement()]}, allow_unicode=True))
    run("policy", "check", file)
    run("policy", "check", ROOT / "Deploy/agreements")
    name = topic(city)
    listed = lines(city.hanbridge("policy", "list", "--output", "json", profile=ward))
    assert name in [row["topic"] for row in listed]
    fails(1, call=lambda: city.hanbridge("policy", "apply", file, profile=ward))

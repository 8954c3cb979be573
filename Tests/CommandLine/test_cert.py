"""The built-in authority: on another machine, for keys made elsewhere, and with a stale revocation list."""

import shutil
import subprocess
import time

import pytest
import yaml

import forge
from city import run
from commands import fails, lines


def test_certificates_on_another_machine(city, ward, tmp_path):
    """Everything of `cert` works on the authority's directory alone."""
    pki = tmp_path / "elsewhere"
    shutil.copytree(city.directory / "pki", pki)
    out = tmp_path / "node"
    (issued,) = lines(run("cert", "issue", "--pki", pki, "--agency", "tax", "--unit", "registry", "--node", "one", "--role", "auditor",
                          "--display-name", "Cục Thuế", "--days", "30", "--out", out, "--kafka", "broker.example:9093",
                          "--https", "https://broker.example:8443", "--output", "json"))
    assert issued["subject"] == "spiffe://danang/tax/registry/one" and issued["roles"] == ["auditor"]
    profile = yaml.safe_load((out / "profile.yaml").read_text())
    assert profile["kafka"] == "broker.example:9093" and "endpoints" not in profile
    assert "broker.example:9093" in (out / "kafka.properties").read_text()
    fails(1, call=lambda: run("cert", "issue", "--pki", pki, "--agency", "tax", "--unit", "registry", "--node", "one", "--out", out))

    key = (out / "key.pem").read_text()
    (renewed,) = lines(run("cert", "renew", out, "--pki", pki, "--output", "json"))
    assert renewed["serial"] != issued["serial"] and (out / "key.pem").read_text() == key
    run("cert", "revoke", issued["serial"], "--pki", pki, "--reason", "superseded")
    listed = {row["serial"].lower(): row for row in lines(run("cert", "list", "--pki", pki, "--output", "json"))}
    assert listed[issued["serial"].lower()]["reason"] == "superseded"
    assert listed[renewed["serial"].lower()]["subject"] == issued["subject"]
    (crl,) = lines(run("cert", "crl", "--pki", pki, "--days", "14", "--output", "json"))
    text = subprocess.run(["openssl", "crl", "-in", crl["file"], "-noout", "-text"], check=True, capture_output=True, text=True).stdout
    assert issued["serial"].upper().lstrip("0") in text.replace(":", "")

    # The new list alone is brought to the broker; nothing is restarted.
    mark = city.log_size()
    shutil.copy(pki / "crl.pem", city.directory / "pki/crl.pem")
    city.logged("Trust was read again", since=mark)


def test_a_signing_request_keeps_its_key(city, tmp_path):
    forge.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", tmp_path / "key.pem")
    forge.openssl("req", "-new", "-key", tmp_path / "key.pem", "-subj", "/CN=ignored", "-out", tmp_path / "request.pem")
    out = tmp_path / "out"
    run("cert", "issue", "--pki", city.directory / "pki", "--csr", tmp_path / "request.pem", "--agency", "tax", "--unit", "registry",
        "--node", "hsm", "--out", out)
    assert not (out / "key.pem").exists()
    shutil.copy(tmp_path / "key.pem", out / "key.pem")
    city.point(out)
    city.hanbridge("topic", "list", profile=out)


@pytest.mark.parametrize("arguments", [
    ["--agency", "Thuế", "--unit", "a", "--node", "b"], ["--agency", "tax", "--unit", "", "--node", "b"],
    ["--agency", "tax", "--unit", "a/b", "--node", "c"], ["--agency", "x" * 64, "--unit", "a", "--node", "c"],
    ["--agency", "tax", "--unit", "a", "--node", "c", "--days", "399"], ["--agency", "tax", "--unit", "a", "--node", "c", "--days", "0"],
    ["--agency", "tax", "--unit", "a", "--node", "c", "--role", "king"], ["--host", "h", "--agency", "tax"]])
def test_a_wrong_request_for_a_certificate_issues_nothing(city, tmp_path, arguments):
    before = run("cert", "list", "--pki", city.directory / "pki")
    fails(2, call=lambda: run("cert", "issue", "--pki", city.directory / "pki", *arguments, "--out", tmp_path / "out"))
    assert run("cert", "list", "--pki", city.directory / "pki") == before and not (tmp_path / "out").exists()


def revocation_list(city, folder, next_update):
    """A list of the city's authority by the openssl program, due so many seconds from now."""
    folder.mkdir()
    (folder / "index").touch()
    (folder / "number").write_text("7000\n")
    (folder / "configuration").write_text(
        f"[ca]\ndefault_ca = a\n[a]\ndatabase = {folder}/index\ncrlnumber = {folder}/number\ndefault_md = sha256\n"
        "crl_extensions = e\n[e]\nauthorityKeyIdentifier = keyid\n")
    stamp = [time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds)) for seconds in (min(-60, next_update - 86_400), next_update)]
    forge.openssl("ca", "-gencrl", "-config", folder / "configuration", "-cert", city.directory / "pki/ca.pem",
                  "-keyfile", city.directory / "pki/ca.key", "-crl_lastupdate", stamp[0], "-crl_nextupdate", stamp[1],
                  "-out", folder / "crl.pem")
    return folder / "crl.pem"


def test_a_stale_revocation_list_refuses_new_connections_after_its_grace_only(own_city, tmp_path):
    import wire

    # Without the authority's key the broker cannot make a new list by itself.
    city = own_city(settings={"identity": {"crlGraceHours": 2}})
    one, two = city.certificate("portal", "requests", "one"), city.certificate("portal", "requests", "two")
    stale, dead = revocation_list(city, tmp_path / "stale", -3600), revocation_list(city, tmp_path / "dead", -3 * 3600)
    (city.directory / "pki/ca.key").rename(tmp_path / "ca.key")
    city.start()
    for node in (one, two):
        city.point(node)

    def bring(file):
        mark = city.log_size()
        shutil.copy(file, city.directory / "pki/crl.pem")
        city.reload()
        city.logged("Trust was read again", since=mark)

    bring(stale)
    with wire.Wire(city, one) as live:
        live.api_versions()  # stale, within the grace
        mark = city.log_size()
        bring(dead)
        with pytest.raises(wire.Closed):
            with wire.Wire(city, two) as new:
                new.api_versions()
        city.logged("the revocation list should have been replaced", since=mark)
        live.api_versions()  # a live connection is never ended by it

"""The authority, killed in the middle: what a command left behind is mended by the next one, or by the broker."""

import json
import shutil
import subprocess

import pytest

from city import Refused, run


def tear(city):
    """What `cert revoke` leaves when it is killed between its line of the index and its list: the line is there, the list is the one
    before. Returns the node's directory."""
    thief = city.certificate("hai-chau", "one-stop", "stolen-9")
    listed = (city.directory / "pki/crl.pem").read_bytes()
    run("cert", "revoke", thief, "--pki", city.directory / "pki", "--reason", "keyCompromise")
    index = city.directory / "pki/issued.jsonl"
    assert json.loads(index.read_text().splitlines()[-1])["event"] == "list"
    index.write_text("".join(line + "\n" for line in index.read_text().splitlines()[:-1]))
    (city.directory / "pki/crl.pem").write_bytes(listed)
    return thief


def revoked_serials(city):
    text = subprocess.run(["openssl", "crl", "-in", city.directory / "pki/crl.pem", "-noout", "-text"], capture_output=True, text=True, check=True)
    return text.stdout.count("Serial Number:")


def test_the_next_cert_command_writes_the_list_that_a_killed_one_left_unwritten(own_city):
    city = own_city()
    tear(city)
    assert revoked_serials(city) == 0
    run("cert", "list", "--pki", city.directory / "pki")
    assert revoked_serials(city) == 1


def test_a_starting_broker_writes_the_list_that_a_killed_command_left_unwritten(own_city):
    city = own_city()
    thief = tear(city)
    city.start()
    assert revoked_serials(city) == 1
    city.point(thief)
    with pytest.raises(Refused):
        city.hanbridge("topic", "list", profile=thief)


def test_a_starting_broker_renews_its_own_certificate_before_its_end(own_city):
    city = own_city()
    directory = city.directory / "pki/broker"
    shutil.rmtree(directory)
    run("cert", "issue", "--pki", city.directory / "pki", "--host", "localhost", "--host", "127.0.0.1", "--days", "9", "--out", directory)
    before = (directory / "certificate.pem").read_bytes()
    city.start()
    assert city.stop() == 0 and (directory / "certificate.pem").read_bytes() == before, "nothing is due yet"
    # The index says that it is older than it is: two thirds of its life are over.
    index = city.directory / "pki/issued.jsonl"
    records = [json.loads(line) for line in index.read_text().splitlines()]
    for record in records:
        if record["event"] == "issued" and record["subject"].startswith("localhost 127.0.0.1") and "::1" not in record["subject"]:
            record["at"] -= 24 * 86_400_000
    index.write_text("".join(json.dumps(record, sort_keys=True) + "\n" for record in records))
    city.start()
    assert (directory / "certificate.pem").read_bytes() != before
    city.logged("the broker's certificate", "was renewed")
    city.hanbridge("topic", "list")


def test_a_bad_certificate_of_an_authority_is_told_by_its_file(own_city):
    city = own_city().start()
    ca = city.directory / "pki/ca.pem"
    good = ca.read_bytes()
    mark = city.log_size()
    ca.write_text("-----BEGIN CERTIFICATE-----\nMAMBAgM=\n-----END CERTIFICATE-----\n")
    city.reload()
    city.logged("ca.pem", "cannot be read", since=mark)
    ca.write_bytes(good)
    city.reload()

"""Certificates that are missing, foreign, wrong, expired or revoked, on new connections and on resumed sessions."""

import ssl
import struct
import subprocess
import time

import pytest

import forge
import wire
from wire import Closed, Wire, header, refused


def test_a_missing_certificate(city, mark):
    ca = str(city.directory / "pki/ca.pem")
    assert refused(city, (ca,))
    city.logged("listener=kafka", "the client sent no certificate", since=mark)


def test_a_certificate_of_another_authority_with_the_same_names(city, tmp_path, mark):
    ca, key = forge.authority(tmp_path / "ca", "/CN=danang")
    certificate, key = forge.leaf(tmp_path / "leaf", ca, key, "URI:spiffe://danang/hai-chau/one-stop/counter-1")
    assert refused(city, (str(city.directory / "pki/ca.pem"), str(certificate), str(key)))
    city.logged("listener=kafka", "comes from no authority that is trusted", since=mark)


NODE = "spiffe://danang/hai-chau/one-stop/counter-1"
BAD_CERTIFICATES = {
    "expired": (NODE, {"begins": -7200, "ends": -3600}, "renew it"),
    "not yet valid": (NODE, {"begins": 3600, "ends": 7200}, "check both clocks"),
    "a server's": (NODE, {"usage": "serverAuth"}, "not for authenticating clients"),
    "of another authority's name": ("spiffe://hue/hai-chau/one-stop/counter-1", {}, "hue"),
    "with a component too many": (NODE + "/more", {}, "certificate was refused"),
    "with letters outside the alphabet": ("spiffe://danang/H%41i/one-stop/counter-1", {}, "certificate was refused"),
    "with two identities": (NODE + ",URI:spiffe://danang/portal/requests/one", {}, "certificate was refused"),
    "with no identity": ("https://danang/hai-chau", {}, "certificate was refused"),
}


@pytest.mark.parametrize("name", BAD_CERTIFICATES)
def test_a_certificate_that_is_not_accepted(city, tmp_path, mark, name):
    uri, options, why = BAD_CERTIFICATES[name]
    assert refused(city, forge.node(city, tmp_path / "node", uri, **options))
    city.logged("listener=kafka", "reason=certificate_refused", why, since=mark)


def revoke(city, directory):
    from city import run

    mark = city.log_size()
    run("cert", "revoke", directory, "--pki", city.directory / "pki", "--reason", "keyCompromise")
    city.reload()
    city.logged("Trust was read again", since=mark)


def test_a_revoked_certificate_and_its_resumed_session_of_tls_13(city, tmp_path):
    thief = city.certificate("hai-chau", "one-stop", "stolen-1")
    ca, certificate, key = city.files(thief)
    session = tmp_path / "session"

    def s_client(*arguments):
        client = subprocess.Popen(
            ["openssl", "s_client", "-connect", city.bootstrap, "-CAfile", ca, "-cert", certificate, "-key", key, "-tls1_3", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            frame = header(18, 0)
            client.stdin.write(struct.pack(">i", len(frame)) + frame)
            client.stdin.flush()
            time.sleep(0.7)
            client.stdin.close()
            return client.stdout.read(), client.wait(20)
        except BrokenPipeError:
            return client.stdout.read(), client.wait(20)
        finally:
            client.kill()

    output, _ = s_client("-sess_out", str(session))
    answer = struct.pack(">ih", 1, 0)  # correlation 1, no error
    assert answer in output
    mark = city.log_size()
    if session.exists():
        output, _ = s_client("-sess_in", str(session))
        assert answer in output
    revoke(city, thief)
    mark = city.log_size()
    output, _ = s_client(*(["-sess_in", str(session)] if session.exists() else []))
    assert answer not in output
    city.logged("listener=kafka", "the certificate was revoked", since=mark)
    mark = city.log_size()
    assert refused(city, (ca, certificate, key))
    city.logged("listener=kafka", "the certificate was revoked", since=mark)


def test_a_resumed_session_of_a_revoked_certificate_of_tls_12(own_city):
    city = own_city(settings={"tls": {"minimumVersion": "1.2"}}).start()
    thief = city.certificate("hai-chau", "one-stop", "stolen-2")
    context = wire.client_context(*city.files(thief), version=ssl.TLSVersion.TLSv1_2)
    with Wire(city, thief, context=context) as connection:
        connection.api_versions()
        session = connection.socket.session
    with Wire(city, thief, context=context, session=session) as connection:
        connection.api_versions()
    revoke(city, thief)
    mark = city.log_size()
    with pytest.raises(Closed):
        with Wire(city, thief, context=context, session=session) as connection:
            connection.api_versions()
    city.logged("listener=kafka", "the certificate was revoked", since=mark)

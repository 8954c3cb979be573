"""check and doctor: what is wrong is named."""

from city import run
from commands import fails, lines, topic


def test_check_names_what_is_wrong_with_a_configuration(city, tmp_path):
    text = city.configuration_file.read_text()
    bad = city.directory / "bad.yaml"
    for change, word in (
        ("surprise: 1\n", "surprise"), ("limits: {frameBytesMax: 0}\n", "frameBytesMax"), ("limits: {noSuch: 1}\n", "noSuch"),
    ):
        bad.write_text(text + "\n" + change)
        fails(1, "bad.yaml", word, call=lambda: run("check", "--config", bad, "--config-only"))
    bad.write_text(text.replace("127.0.0.1:0", "nowhere", 1))
    fails(1, "bad.yaml", "nowhere", call=lambda: run("check", "--config", bad, "--config-only"))
    bad.write_text("a: [")
    fails(1, "bad.yaml", call=lambda: run("check", "--config", bad, "--config-only"))
    fails(1, call=lambda: run("check", "--config", city.directory / "none.yaml"))
    bad.unlink()


def test_check_finds_a_damaged_store(own_city):
    city = own_city().start()
    ward, name = city.certificate("hai-chau", "one-stop", "counter-1"), topic(city)
    city.hanbridge("publish", name, "--format", "jsonl", profile=ward, input="".join(f'{{"n":{n}}}\n' for n in range(100)))
    assert city.stop() == 0
    assert any("100" in line or "record" in line for line in run("check", "--config", city.configuration_file).splitlines())
    assert all(document["level"] != "problem"
               for document in lines(run("check", "--config", city.configuration_file, "--output", "json")))
    found = 0
    for file in (city.data / "log").rglob("*"):
        if not file.is_file():
            continue
        data = bytearray(file.read_bytes())
        at = data.find(b'{"n":50}')
        if at >= 0:
            data[at + 5] ^= 1
            file.write_bytes(data)
            found += 1
    if not found:  # lz4 keeps the digits apart
        for file in (city.data / "log").rglob("*"):
            if file.is_file() and (at := file.read_bytes().find(b'{"n":')) >= 0:
                data = bytearray(file.read_bytes())
                data[at] ^= 1
                file.write_bytes(data)
                found += 1
    assert found
    out = fails(1, call=lambda: run("check", "--config", city.configuration_file, "--output", "json")).stdout
    assert any(document["level"] == "problem" for document in lines(out))


def test_doctor_says_how_things_are(city, ward):
    for who in (city.admin, ward):
        assert all(level in ("well", "attention") for level, _ in city.doctor(who))
    assert any("Chứng thư số" in sentence for _, sentence in city.doctor(language="vi"))


def test_doctor_warns_of_a_certificate_that_ends_soon(city):
    soon = city.certificate("portal", "requests", "soon", days=3)
    assert any(level == "attention" and "certificate" in sentence for level, sentence in city.doctor(soon))

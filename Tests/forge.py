"""Certificates that `hanbridge cert issue` would not make: expired, of another authority, with other names. By the openssl program."""

import datetime
import subprocess

CONFIGURATION = """
[ca]
default_ca = authority
[authority]
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
unique_subject = no
policy = any
x509_extensions = extensions
[any]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
serialNumber = optional
[extensions]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = {usage}
authorityKeyIdentifier = keyid
{names}
"""


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, text=True)


def authority(folder, subject="/CN=danang"):
    """A new authority's (certificate, key)."""
    folder.mkdir(parents=True)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-utf8", "-days", 30, "-subj", subject,
            "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    return folder / "ca.pem", folder / "ca.key"


def leaf(folder, ca, ca_key, names="", begins=-3600, ends=86_400, subject="/CN=forged", usage="clientAuth"):
    """(certificate, key) signed by the authority; `begins` and `ends` in seconds from now, `names` the subjectAltName."""
    folder.mkdir(parents=True)
    (folder / "index").touch()
    (folder / "configuration").write_text(
        CONFIGURATION.format(folder=folder, usage=usage, names=f"subjectAltName = {names}" if names else ""))
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-utf8", "-subj", subject,
            "-keyout", folder / "key.pem", "-out", folder / "request.pem")

    def instant(seconds):
        return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)).strftime("%Y%m%d%H%M%SZ")

    openssl("ca", "-batch", "-notext", "-utf8", "-config", folder / "configuration", "-cert", ca, "-keyfile", ca_key,
            "-in", folder / "request.pem", "-out", folder / "certificate.pem", "-startdate", instant(begins), "-enddate", instant(ends))
    return folder / "certificate.pem", folder / "key.pem"


def node(city, folder, uri, **options):
    """(CA, certificate, key) by the city's own authority's key."""
    certificate, key = leaf(folder, city.directory / "pki/ca.pem", city.directory / "pki/ca.key", f"URI:{uri}", **options)
    return str(city.directory / "pki/ca.pem"), str(certificate), str(key)

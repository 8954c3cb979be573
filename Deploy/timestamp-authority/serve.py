#!/usr/bin/env python3
"""A time-stamp authority for development and tests: OpenSSL's own (`openssl ts -reply`) behind HTTP.

    serve.py FOLDER [PORT]

makes a key and certificates in FOLDER where there are none (FOLDER/tsa-ca.pem is what `evidence.timestamp.authorities` and `audit verify
--tsa-ca` name) and answers on 127.0.0.1:PORT, 3161 unless said. Its time is this machine's clock and nobody licensed it: a token of it proves
nothing to a court. In production name a licensed authority instead.
"""

import http.server
import pathlib
import subprocess
import sys
import tempfile

REQUEST_BYTES_MAX = 4096

CONFIGURATION = """
[ tsa ]
default_tsa = own
[ own ]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/tsa-ca.pem
signer_key = {folder}/tsa-key.pem
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=30, **options).stdout


def prepare(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=folder))
    if (folder / "tsa.pem").exists():
        return
    (folder / "serial").write_text("01\n")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "ca-key.pem",
            "-out", folder / "tsa-ca.pem", "-days", "3650", "-subj", "/CN=Development time-stamps")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "tsa-key.pem",
            "-out", folder / "tsa.csr", "-subj", "/CN=Development time-stamp authority")
    extensions = folder / "extensions"
    extensions.write_text("basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n")
    openssl("x509", "-req", "-in", folder / "tsa.csr", "-CA", folder / "tsa-ca.pem", "-CAkey", folder / "ca-key.pem", "-set_serial", "2",
            "-days", "365", "-extfile", extensions, "-out", folder / "tsa.pem")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= REQUEST_BYTES_MAX or self.headers.get("Content-Type") != "application/timestamp-query":
            return self.send_error(400)
        with tempfile.NamedTemporaryFile() as question:
            question.write(self.rfile.read(length))
            question.flush()
            folder = self.server.folder
            try:
                answer = openssl("ts", "-reply", "-config", folder / "tsa.cnf", "-section", "own", "-queryfile", question.name)
            except subprocess.SubprocessError:
                return self.send_error(500)
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def serve(folder, port):
    """The server, bound and not yet running."""
    folder = pathlib.Path(folder).resolve()
    prepare(folder)
    server = http.server.HTTPServer(("127.0.0.1", port), Handler)
    server.folder = folder
    return server


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    server = serve(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 3161)
    print(f"time-stamps for development on http://127.0.0.1:{server.server_address[1]}/", flush=True)
    server.serve_forever()

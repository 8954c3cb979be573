// Identity: who is at the other end of a connection, and the small certificate authority that says so.
//
//   Trust/      what is trusted (`TrustConfiguration`, read from files by `TrustFiles`) compiled into an immutable
//               `PeerAuthenticator`: certificate chain → `AuthenticatedNode`, or a `PeerRefusal` with its reason.
//   Signatures/ who signed an agreement, by the certificate; and signing one with a steward's key.
//   Authority/  `CertificateAuthority`: issue, renew, revoke, list, revocation lists; a directory with a key, which may be
//               on another machine than the broker.
//   Profiles/   the files written beside a certificate, so that a client starts by pointing at one of them.
//
// Two parsers look at every certificate and both must accept it. The system's OpenSSL (through `CTrust`) decides the path:
// signatures, validity, purpose, basic constraints, revocation. swift-certificates reads the names. Names are
// compared as values; nothing here matches a pattern over a printed distinguished name.
//
// It must not know sockets or TLS sessions: a listener hands over the DER chain that its handshake (or its resumed session)
// carries, with the time, and asks again while the connection lives. Time is always an argument, ms since 1970.
//
// Start reading at `Trust/PeerAuthenticator.swift`, then `Authority/CertificateAuthority.swift`. Certs/README.md is the
// operator's view.

/// The broker.yaml that `init` writes: short, commented, and accepted by ``BrokerConfiguration`` (a test holds that).
struct StateConfiguration {
    let authority: String
    /// Without the loopback names; empty for a broker that serves its own machine only.
    let hosts: [String]

    private var isLocal: Bool { hosts.isEmpty }
    private var listenAddress: String { isLocal ? "127.0.0.1" : "0.0.0.0" }
    private var clientHost: String { hosts.first ?? "localhost" }

    var clientKafka: String { HostAndPort(host: clientHost, port: 9093).description }
    var clientHTTPS: String { "https://\(HostAndPort(host: clientHost, port: 8443))" }

    var text: String {
        """
        # The broker of \(authority), made by `hanbridge init`. Paths are relative to this file.
        # `hanbridge check --config` reads it without starting anything; a key that is not known is refused with its line.

        data: data

        listeners:
          kafka: \(listenAddress):9093      # mutual TLS; port 0 picks a free one
          https: \(listenAddress):8443      # API, schema registry, proofs
          health: 127.0.0.1:9644     # /livez, /readyz, /metrics: no TLS, hence this machine only
        \(advertised)
        tls:
          minimumVersion: "1.3"      # "1.2" lets old equipment in

        identity:
          certificate: pki/broker/certificate.pem
          key: pki/broker/key.pem
          pki: pki                   # while its ca.key is here, `serve` signs new revocation lists by itself
          crlGraceHours: 24          # how long a stale revocation list still lets new connections in
          authorities:
            - name: \(authority)
              certificates: [pki/ca.pem]
              crls: [pki/crl.pem]
              agencies: ["*"]        # every agency that no other authority lists
              roles: [operator, steward, auditor, member]
          # Another department's authority, mapped by rules on typed names (Certs/README.md):
          #   - name: tax.example
          #     certificates: [trust/tax-ca.pem]
          #     crls: [trust/tax.crl]
          #     agencies: [tax]
          # rules:
          #   - authority: tax.example
          #     where: [{ subject: O, equals: "Cục Thuế" }]
          #     agency: tax
          #     unit: { subject: OU }
          #     node: { subject: serialNumber }

        # Agreements applied at start and on reload; without this they come by `hanbridge policy apply` alone.
        # policy:
        #   directory: agreements

        # Where `backup create` puts its copies; better a directory on another disk.
        # backup:
        #   directory: backups

        # Evidence: the name of this broker's logs in every checkpoint. It never changes once records were published.
        evidence:
          host: log.\(authority)

        logging:
          level: info                # trace, debug, info, notice, warning, error
          format: text               # or json

        # Limits of the listeners, listed in README.md:
        # limits:
        #   connectionsMax: 10000
        #   connectionsPerNodeMax: 1000

        # Kafka's names for Kafka's settings:
        # kafka:
        #   num.partitions: 1
        #   message.max.bytes: 1048588

        """
    }

    private var advertised: String {
        let line = "advertised: \"\(clientKafka)\"   # what clients are told to connect to"
        return isLocal ? "  # \(line)\n" : "  \(line)\n"
    }
}

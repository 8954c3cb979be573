import Crypto
import Logging
import Storage

extension BrokerServices {
    /// Tells the audit with which configuration the broker begins to serve: broker.yaml is read at start alone, so this is where its changes
    /// show. A disk that refuses does not keep the broker from starting: reads go on.
    ///
    /// - Parameters:
    ///   - file: broker.yaml as it was read.
    ///   - choices: what it chooses beside the settings, names and numbers alone.
    public func recordStart(version: String, file: [UInt8], choices: [String: String]) async {
        var details = choices
        let standard = BrokerSettings()
        for row in BrokerSettings.table.rows where row.text(in: settings) != row.text(in: standard) { details[row.name] = row.text(in: settings) }
        details["version"] = version
        details["configurationSHA256"] = Digest256(bytes: Array(SHA256.hash(data: file)))?.hex
        do throws(StorageError) {
            try await audit.willChange(AuditedChange(byBroker: "broker.start", object: "broker", details: details))
        } catch {
            log.error("the start could not be audited: \(error)")
        }
    }
}

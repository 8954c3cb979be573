import AccessPolicy
import Crypto
import NIOConcurrencyHelpers
public import Storage

/// Whose keys write the log's records. A frame names its publisher by the hash of a key (EVIDENCE.md, the entry's `writer`), and a
/// renewed certificate has a new one: the metadata store keeps the principals of each, noted before the first record that a key
/// signs for is appended, so that no record is without its publisher.
///
/// Shared by all event loops: the lock is short, and taken once a connection and once a corrected record.
public final class WriterDirectory: Sendable {
    private struct State {
        var principals: [Digest256: Set<String>] = [:]
    }

    private let metadata: any MetadataStore
    private let clock: any BrokerClock
    /// What was asked for last; the store has them all.
    private let state = NIOLockedValueBox(State())
    /// Keys in memory: beyond as many they are asked for anew.
    static let keysInMemoryMax = 10_000

    init(metadata: any MetadataStore, clock: any BrokerClock) {
        self.metadata = metadata
        self.clock = clock
    }

    /// Whether the peer's key is known to be stored as its own. False costs a call of ``note(_:)``, which then finds out.
    public func isNoted(_ peer: Peer) -> Bool {
        state.withLockedValue { $0.principals[peer.writer]?.contains(peer.identity.principal) ?? false }
    }

    /// Stores whose key it is. What the peer publishes may be appended afterwards, and not before.
    public func note(_ peer: Peer) async throws(StorageError) {
        // Mostly it is there since long, and reading keeps nobody waiting.
        guard try await !findPrincipals(of: peer.writer).contains(peer.identity.principal) else { return }
        let all = try await metadata.note(
            writer: peer.writer, principal: peer.identity.principal, certificates: peer.certificates, at: clock.now(),
            pairsMax: Limits.writersMax)
        remember(all.union([peer.identity.principal]), of: peer.writer)
    }

    /// The certificates with which a key first published, and what was known of revocations then.
    func certificates(of writer: Digest256) async throws(StorageError) -> WriterCertificates {
        try await metadata.certificates(ofWriter: writer)
    }

    /// Who published with a key, where memory has it.
    func principals(of writer: Digest256) -> Set<String>? { state.withLockedValue { $0.principals[writer] } }

    /// Who published with a key. Nobody, where its records are older than this directory.
    func findPrincipals(of writer: Digest256) async throws(StorageError) -> Set<String> {
        if let known = principals(of: writer) { return known }
        let found = try await metadata.principals(ofWriter: writer)
        if !found.isEmpty { remember(found, of: writer) }
        return found
    }

    /// Adds to what is known: what was read before another call noted more must not take that away.
    func remember(_ principals: Set<String>, of writer: Digest256) {
        state.withLockedValue { state in
            if state.principals.count >= Self.keysInMemoryMax { state.principals.removeAll(keepingCapacity: true) }
            state.principals[writer, default: []].formUnion(principals)
        }
    }
}

extension Peer {
    fileprivate var certificates: WriterCertificates {
        let lists = revocationLists.compactMap { list in Digest256(bytes: Array(SHA256.hash(data: list))).map { ($0, list) } }
        return WriterCertificates(chain: certificateChain, revocationLists: lists.map { WriterCertificates.List(digest: $0, bytes: $1) })
    }
}

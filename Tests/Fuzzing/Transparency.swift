import Transparency

private let checkpoint: SignedCheckpoint = {
    guard let key = SigningKey(seed: [UInt8](repeating: 1, count: 32)), let origin = KeyName("a") else { preconditionFailure("a seed and a name") }
    return Checkpoint(origin: origin, size: 0, root: TreeHashing.emptyRoot).signed(by: key)
}()

/// libFuzzer's entry for what auditors, witnesses and publishers are handed: notes, checkpoints, proofs, receipts, requests, policies, keys,
/// entries, bundles, tile paths. None may crash its reader, and what is read must write the same bytes again: a second spelling of the
/// same statement would be a second signature.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTransparency(_ start: UnsafeRawPointer, _ count: Int) -> CInt {
    let input = Array(UnsafeRawBufferPointer(start: start, count: count))
    if let note = try? SignedNote(input) { precondition(note.bytes == input) }
    if let checkpoint = try? Checkpoint(text: input) { precondition(checkpoint.text == input) }
    if let checkpoint = try? SignedCheckpoint(input) {
        precondition(checkpoint.bytes == input)
        _ = LogOrigin(checkpoint.checkpoint.origin.text)
        _ = PinnedLog(host: "h", publicKeys: [[UInt8](repeating: 1, count: 32)])?.verification(of: checkpoint)
    }
    if let signatures = try? SignedNote.signatures(in: input) { precondition(signatures.flatMap(\.line) == input) }
    if let file = try? ProofFile(input) {
        precondition(file.bytes == input)
        let checkpoint = file.checkpoint.checkpoint
        precondition(!InclusionProof.verify(file.proof, leaf: .zero, index: file.index, size: checkpoint.size, root: .zero))
    }
    if let receipt = try? Receipt(input), let log = PinnedLog(host: "h", publicKeys: [[UInt8](repeating: 1, count: 32)]) {
        precondition(receipt.bytes == input)
        if case .verified = receipt.verdict(log: log, policy: .withoutWitnesses) { preconditionFailure("a forged receipt") }
    }
    if let request = try? WitnessRequest(input) {
        precondition(request.bytes == input)
        _ = ConsistencyProof.verify(request.proof, from: request.oldSize, .zero, to: request.checkpoint.checkpoint.size, .zero)
    }
    if let policy = try? TrustPolicy(input) { precondition(policy.judge(checkpoint).isQuorum == (policy.quorum == .none)) }
    if let key = try? VerifierKey(vkey: input) { precondition(Array(key.description.utf8) == input) }
    if let key = try? SigningKey(keyFile: input) { precondition(key.keyFile == input) }
    if let entry = try? Entry(input) { precondition(entry.bytes == input) }
    if let entries = try? EntryBundle.decode(input) { precondition(EntryBundle.encode(entries.flatMap(Array.init)[...]) == input) }
    if let notes = try? NoteBundle.decode(input) { precondition(NoteBundle.encode(notes) == input) }
    for status in [200, 409] { _ = WitnessReply(status: status, body: input) }
    // What is no UTF-8 is repaired by this.
    let text = String(decoding: input, as: UTF8.self)
    if let tile = Tile(path: text) { precondition(tile.path.utf8.elementsEqual(text.utf8)) }
    if let origin = LogOrigin(text) { precondition(origin.description.utf8.elementsEqual(text.utf8)) }
    if let bytes = Base64.decode(input) { precondition(Base64.encode(bytes) == input) }
    return 0
}

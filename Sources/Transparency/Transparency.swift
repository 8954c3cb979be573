// Transparency: how a topic proves itself, as bytes and arithmetic.
//
// Each topic-partition is a verifiable log: a record becomes an entry, the entry a leaf, the leaves a Merkle tree whose root is signed
// (a checkpoint), cosigned by witnesses and proved from (receipts, consistency). Formats are those of C2SP (signed-note,
// tlog-checkpoint, tlog-tiles, tlog-cosignature, tlog-witness, tlog-proof, tlog-policy), hashing is RFC 6962's, so that software which
// we did not write can check all of it. What is ours alone, the 104 bytes of an entry and the commitment in it, is in `Records`.
//
// What it must not know: sockets, files, clocks, locks, Kafka, the log's frames, who may read what. Callers bring bytes, keys and times
// and keep what they are given; a broker, a witness and an auditor's laptop use the same functions, so that they cannot disagree.
//
// Where to start reading:
//   Records/Entry.swift             the 104 bytes that stand for a record, and the salted commitment in them
//   Records/LeafBatch.swift         records to entries and leaves, many at once: the part that must be fast
//   Tree/TreeState.swift            a log's tree as it grows: what is kept in memory, what is appended to the level files
//   Tree/Tile.swift                 where a hash is served, and which bytes of a level file it is
//   Notes/SignedNote.swift          text signed by keys; Checkpoint, Cosignature and VerifierKey beside it
//   Notes/LogKeys.swift             whose checkpoints are believed
//   Proofs/InclusionProof.swift     a record is in a tree; ConsistencyProof: a tree is the continuation of another
//   Proofs/Receipt.swift            a proof, its checkpoint and its cosignatures in one file, checked offline years later
//   Witnesses/TrustPolicy.swift     whose keys count, and how many
//   Audit/Audit.swift               a replayed range judged offset by offset
//
// Every parser refuses what it does not know, with the place; what they accept at most is in `TransparencyLimits`.

// Witnessing: cosigning the checkpoints of other departments' logs (C2SP tlog-witness; EVIDENCE.md, "Witnesses and time").
//
// A log's own signature proves nothing against its operator. So another department's machine remembers the last checkpoint that it was
// shown of each log, cosigns the next one only when it is proved to continue it, and keeps what contradicts it. A broker is such a witness
// for its peers, and `hanbridge witness serve` is one alone; both run what is here.
//
// What it must not know: sockets, HTTP, topics, records, and how the memory is stored. It is given a request's bytes and gives an answer's.
//
// Three rules hold whatever happens:
//   - what is cosigned is durable in the witness's memory before anybody is told (`Witness.swift`, the commit point is named there);
//   - a log is judged by one request after the other, so that no two of them continue the same checkpoint in two ways;
//   - the key and the memory belong together: neither is ever used without the other, and no backup has them.
//
// Where to start reading:
//   Witness.swift          a request from its bytes to its answer
//   WitnessPeers.swift     whose logs are witnessed, and how many of each
//   ForkEvidence.swift     what is kept of a log that showed two histories
//   WitnessAnswer.swift    statuses and bodies, as the protocol has them
//   WitnessLimits.swift    what bounds all that

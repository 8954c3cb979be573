// AccessPolicy: who may do what, decided purely.
//
// The question comes as an `AccessQuestion`, the asker as a `NodeIdentity`, the time as a `PolicyInstant`; the answer is a
// `Decision` with its reason. Nothing is allowed that no agreement in force and no role allows. Every interface (Kafka, HTTPS,
// the command line) asks here, so that they cannot come to different answers.
//
// What it must not know: sockets, files, clocks, locks, how a node was authenticated, what a topic holds. Callers bring the
// bytes of an agreements file and the time.
//
// Where to start reading:
//   AccessQuestion.swift            the questions and the answer
//   RecordScope.swift               what an allowed reading shows: every record whole, or some of them and some of their fields
//   Agreements/Agreement.swift      what is agreed: topic pattern, parties, rights, term
//   Grammar/AgreementsFile.swift    YAML to agreements, each mistake with its line and column
//   Grammar/AgreementsCheck.swift   a whole set of files: mistakes, contradictions, what needs attention
//   Signatures/, Bindings/          who signed what; what Kafka's ACL APIs made
//   Snapshot/PolicySnapshot.swift   agreements compiled into what is asked of them a million times a second
//   Snapshot/PolicySnapshot+Decide.swift   the rules themselves, one function a question
//
// What a delegation hands on is worked out when a set is compiled (Agreements/Delegation.swift), so that a decision costs no more for it.

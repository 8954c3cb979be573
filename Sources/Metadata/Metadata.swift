// Metadata: the embedded `MetadataStore`, on one SQLite database through GRDB.
//
// Everything that is not a record: topics and their configurations, consumer groups and committed offsets, producer ids,
// versions of the agreements, the schema registry, whose keys wrote the log's records, the cluster's id and the run epoch. A
// change is one transaction, whole or not there after a power loss at any write, and every call returns after its commit is on
// disk.
//
// What it must not know: what any of it means. Rules about names, rights and settings are the broker's; here are only the
// invariants that the tables themselves must keep, and `check` proves them.
//
// Durability: write-ahead logging with `synchronous=FULL`, so each commit syncs the WAL. GRDB's pool chooses NORMAL, which may
// lose commits at power loss; `MetadataDatabase.init` sets FULL and reads it back. After a failed sync SQLite rolls the
// transaction back and writes the same WAL frames anew with the next one, so nothing is acknowledged on the word of a
// sync that failed.
//
// Where to start reading:
//   MetadataDatabase.swift      opening, the one writer, reads
//   Schema.swift                the tables, version by version
//   Tables/…                    one file a table: its rows to and from values
//   OffsetCommitQueue.swift     how waiting offset commits share one transaction and one sync
//   MetadataDatabase+Check.swift   what `hanbridge check` proves

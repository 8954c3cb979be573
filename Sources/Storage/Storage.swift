// Storage: the two seams behind which everything durable stands, and the values that cross them.
//
//   PartitionStore.swift   record batches: append when durable, read from an offset, bounds, cut the head, delete
//   PartitionEvidence.swift   the tree over a partition's records: what is signed, served and proved from
//   MetadataStore.swift    everything that is not a record: topics, groups and their offsets, agreements, producer ids
//   AdmittedBatch.swift    the only thing that can be appended; Broker's admission pipeline alone makes it
//   Values.swift           offsets, partition ids, digests, schema ids, evidence settings
//   StorageError.swift     what an engine's environment can refuse, and whether trying again helps
//
// Pure: no file, no socket, no clock, no lock. It must not know how records are kept. `CommitLog` and `Metadata` are the engines
// of one machine; a replicated engine comes behind the same seams later, so these stay narrow and asynchronous, and no file
// path, file position or SQL row shows through.
//
// Start with PartitionStore.swift.

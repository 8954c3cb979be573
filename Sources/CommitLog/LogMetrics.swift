import CoreMetrics

/// The store's metrics, made once and kept: bounded, without labels.
struct LogMetrics: Sendable {
    let commitGroups = Counter(label: "hanbridge_log_commit_groups_total")
    let appendedBatches = Counter(label: "hanbridge_log_appended_batches_total")
    let appendedBytes = Counter(label: "hanbridge_log_appended_bytes_total")
    let groupBatches = Recorder(label: "hanbridge_log_commit_group_batches", aggregate: true)
    let syncTime = CoreMetrics.Timer(label: "hanbridge_log_sync_seconds")
    let queueDepth = Gauge(label: "hanbridge_log_queue_batches")
    let refusedFull = Counter(label: "hanbridge_log_refused_disk_full_total")
    let refusedOverloaded = Counter(label: "hanbridge_log_refused_overloaded_total")
    let damagedReads = Counter(label: "hanbridge_log_damaged_reads_total")
    let scrubbedBytes = Counter(label: "hanbridge_log_scrubbed_bytes_total")
    let journalGroups = Counter(label: "hanbridge_log_journal_groups_total")
}

import Storage

/// A partition as recovery found it, or as it begins.
struct RecoveredLog {
    var end = LogEnd()
    var epochs: [EpochStart] = []
    var producers = ProducerStates()
    var closed: [Segment] = []
    var active: ActiveSegment?
    var logStart: Int64 = 0
    var outOfService: String?
    var revision: UInt64 = 0
    var segmentOrdinal: UInt32 = 0
    var mustRoll = false
    /// Frames behind the last manifest were found or cut: they are synced now, and a new manifest is due.
    var isChanged = false
}

import KafkaWire
import Storage

/// Where things are below the store's directory.
///
/// | path | what |
/// |---|---|
/// | `store` | format and id (`StoreFile`) |
/// | `lock` | held while a program has the store open |
/// | `journal` | small commits of many partitions (`Journal`); `journal.kept-N` waits for a partition that is offline |
/// | `partitions/<topic UUID>-<number>/manifest` | what the partition says of itself (`Manifest`) |
/// | `partitions/…/<base offset>-<generation>.log` | a segment (`SegmentHeader`, then frames) |
/// | `partitions/…/<base offset>-<generation>.index` | its sparse index, rebuilt where it is missing |
/// | `partitions/…/fenced` | a sync of the partition failed and it was not read back since: the page cache may show what never got to the device |
/// | `partitions/…/tree-0` …, `tree-mark`, `entries` | the tree over the records (`TreeFiles`) |
/// | `partitions/….deleted` | a partition on its way out |
/// | `spare/` | zeroed files for new segments |
struct StoreLayout: Hashable, Sendable {
    let root: String

    var storeFile: String { "\(root)/\(StoreFile.fileName)" }
    var lockFile: String { "\(root)/lock" }
    var journal: String { "\(root)/journal" }
    var partitions: String { "\(root)/partitions" }
    var spares: String { "\(root)/spare" }

    static let journalKeptPrefix = "journal.kept-"
    static let deletedSuffix = ".deleted"
    static let temporarySuffix = ".new"
    static let segmentSuffix = ".log"
    static let indexSuffix = ".index"

    func directory(of id: PartitionID) -> String { "\(partitions)/\(id.topic.hex)-\(id.partition)" }
    func manifest(of id: PartitionID) -> String { "\(directory(of: id))/\(Manifest.fileName)" }
    func fenceMark(of id: PartitionID) -> String { "\(directory(of: id))/fenced" }
    func segment(_ name: SegmentName, of id: PartitionID) -> String { "\(directory(of: id))/\(name.file)" }
    func index(_ name: SegmentName, of id: PartitionID) -> String { "\(directory(of: id))/\(name.stem)\(Self.indexSuffix)" }

    /// nil for a name that is not a partition's.
    static func partition(ofDirectory name: String) -> PartitionID? {
        guard name.utf8.count > 33, let topic = UUID128(hex: name.prefix(32)), name.dropFirst(32).first == "-",
            let number = Int32(name.dropFirst(33)), number >= 0, name.dropFirst(33) == String(number)
        else { return nil }
        return PartitionID(topic: topic, partition: number)
    }
}

/// A segment's file name: twenty digits of base offset, so that a listing sorts, and the generation, so that no two files
/// ever clash.
struct SegmentName: Hashable, Comparable, Sendable {
    var baseOffset: Int64
    var generation: UInt64

    var stem: String {
        let digits = String(baseOffset)
        let hex = String(generation, radix: 16)
        return String(repeating: "0", count: 20 - digits.count) + digits + "-" + String(repeating: "0", count: 16 - hex.count) + hex
    }
    var file: String { stem + StoreLayout.segmentSuffix }

    init(baseOffset: Int64, generation: UInt64) {
        self.baseOffset = baseOffset
        self.generation = generation
    }

    init?(file: String) {
        guard file.hasSuffix(StoreLayout.segmentSuffix), file.utf8.count == 41, let base = Int64(file.prefix(20)),
            let generation = UInt64(file.dropFirst(21).prefix(16), radix: 16)
        else { return nil }
        self.init(baseOffset: base, generation: generation)
    }

    static func < (left: SegmentName, right: SegmentName) -> Bool {
        (left.baseOffset, left.generation) < (right.baseOffset, right.generation)
    }
}

import Testing

@testable import CommitLog

@Suite("The journal's size")
struct JournalSizeTests {
    @Test("Where the disk has little space the journal is a quarter or a sixteenth as large, with less there is none; each is known again at a start")
    func size() throws {
        let settings = Bench.settings { $0.journalStretchBytes = 64 << 10 }
        let whole = JournalFormat.headerBlockBytes + Int64(settings.journalStretches) * settings.journalStretchBytes
        let quarter = JournalFormat.headerBlockBytes + Int64(settings.journalStretches) * settings.journalStretchBytes / 4
        let sixteenth = JournalFormat.headerBlockBytes + Int64(settings.journalStretches) * settings.journalStretchBytes / 16
        for (free, bytes) in [
            (8 * whole + 1, whole), (8 * whole, quarter), (8 * quarter, sixteenth), (8 * sixteenth + 1, sixteenth), (8 * sixteenth, nil),
        ] {
            let bench = try Bench(settings: settings)
            bench.disk.leaveFree(UInt64(free))
            let journal = try bench.log.services.makeJournal()?.value
            #expect(journal?.header.fileBytes == bytes)
            #expect(try bench.log.services.reopenJournal()?.header.fileBytes == bytes)
        }
    }
}

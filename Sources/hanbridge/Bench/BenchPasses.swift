import Foundation

/// Passes over documents that lie end to end, as records lie in a batch.
enum BenchPasses {
    /// CPU seconds of a pass over all documents: of as many passes as the time allows the median, so that what else the machine does
    /// counts little.
    static func median(over documents: [[UInt8]], milliseconds: Int, _ body: (UnsafeRawBufferPointer) -> Void) -> Double {
        let bytes = documents.flatMap { $0 }
        var starts = [0]
        for document in documents { starts.append(starts[starts.count - 1] + document.count) }
        var passes: [Double] = []
        bytes.withUnsafeBytes { all in
            let end = cpuSeconds() + Double(milliseconds) / 1000
            repeat {
                let start = cpuSeconds()
                for index in documents.indices { body(UnsafeRawBufferPointer(rebasing: all[starts[index]..<starts[index + 1]])) }
                passes.append(cpuSeconds() - start)
            } while cpuSeconds() < end
        }
        return max(1e-9, passes.sorted()[passes.count / 2])
    }

    /// Of this process, in which nothing else works. clock(3) counts microseconds.
    private static func cpuSeconds() -> Double { Double(clock()) / 1e6 }
}

import Broker
import Logging
import NIOConcurrencyHelpers
import NIOCore

/// Writes a line for every refusal, up to so many a second: a flood of refused connections must not become a flood of log. Those of a
/// certificate go to the audit too, which has a bound of its own.
final class RefusalLog: Sendable {
    private struct Window {
        var second: Int64 = 0
        var lines = 0
        var suppressed = 0
    }

    private let logger: Logger
    private let linesPerSecondMax: Int
    private let audit: (any AccessAuditing)?
    private let window = NIOLockedValueBox(Window())

    init(logger: Logger, linesPerSecondMax: Int, audit: (any AccessAuditing)? = nil) {
        self.audit = audit
        self.logger = logger
        self.linesPerSecondMax = linesPerSecondMax
    }

    func record(_ reason: CloseReason, listener: String, remoteAddress: String, node: String?, now: NIODeadline) {
        if reason.isOfCertificate {
            audit?.signInRefused(node: node, listener: listener, reason: reason.auditReason, remoteAddress: remoteAddress)
        }
        let (writes, suppressed) = admit(second: Int64(now.uptimeNanoseconds / 1_000_000_000))
        if suppressed > 0 {
            logger.warning("refusals not written to the log in the last second: \(suppressed)")
        }
        guard writes else { return }
        var metadata: Logger.Metadata = [
            "listener": "\(listener)", "peer": "\(remoteAddress)", "reason": "\(reason.label)",
        ]
        if let node { metadata["node"] = "\(node)" }
        logger.warning("Connection ended: \(reason.sentence)", metadata: metadata)
    }

    private func admit(second: Int64) -> (writes: Bool, suppressedBefore: Int) {
        window.withLockedValue { window in
            var suppressed = 0
            if window.second != second {
                suppressed = window.suppressed
                window = Window(second: second)
            }
            guard window.lines < linesPerSecondMax else {
                window.suppressed += 1
                return (false, suppressed)
            }
            window.lines += 1
            return (true, suppressed)
        }
    }
}

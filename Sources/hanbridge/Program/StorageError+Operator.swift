import Broker
import Foundation
import Sentences
import Storage

extension StorageError {
    /// For whoever stands at the machine, as `serve` and `check` tell it: with what a client must not know, the files and why.
    var forOperator: Sentence {
        switch self {
        case .diskFull: .diskFull
        case .readOnly: .diskReadOnly
        case .io(let operation, let code): .told("\(operation): \(String(cString: strerror(code)))")
        case .corrupt(let what), .offline(let what), .conflict(let what): .told(what)
        case .newerFormat(let found, let known): .storeNewer(found: found, known: known)
        case .overloaded, .offsetOutOfRange, .unknownPartition, .shutDown: .told(sentence)
        }
    }
}

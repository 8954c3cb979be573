@testable import Broker

/// Room for so many bytes.
final class BoundedAnswerRoom: AnswerRoom {
    var size: Int
    private(set) var taken = 0
    private(set) var wish: Int?

    init(_ size: Int) { self.size = size }

    func take(atLeast bytesMin: Int, upTo bytesMax: Int) -> Int {
        let granted = min(bytesMax, size - taken)
        guard granted >= bytesMin else { return 0 }
        taken += granted
        return granted
    }

    func charge(_ bytes: Int) { taken += bytes }
    func giveBack(_ bytes: Int) { taken -= bytes }
    func tellWhenThereIsRoom(for bytes: Int) { wish = bytes }
    func takeWhole(_ bytes: Int) -> Bool { take(atLeast: bytes, upTo: bytes) == bytes }
    func tellWhenThereIsRoom(forWhole bytes: Int) { wish = bytes }
}

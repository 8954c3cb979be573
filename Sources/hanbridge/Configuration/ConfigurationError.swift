import Sentences

/// A configuration that is not accepted; what was in force stays in force.
struct ConfigurationError: Error, Sendable {
    let file: String
    /// From 1; nil where no line is to blame.
    let line: Int?
    let sentence: Sentence

    /// With the place in front, as compilers write it, so that an editor can jump there.
    var located: Sentence {
        let place = line.map { "\(file):\($0)" } ?? file
        return Sentence(vi: "\(place): \(sentence.vietnamese)", en: "\(place): \(sentence.english)")
    }
}

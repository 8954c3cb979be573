import AccessPolicy
import Sentences

extension AgreementsProblem {
    /// What is wrong, in every language.
    var sentence: Sentence { .told(message) }

    /// With its place in front, as compilers write it, so that an editor can jump there.
    var located: Sentence {
        let place = line == 0 ? file : "\(file):\(line):\(column)"
        return Sentence(vi: "\(place): \(sentence.vietnamese)", en: "\(place): \(sentence.english)")
    }
}

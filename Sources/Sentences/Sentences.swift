// Sentences: every sentence that Hanbridge says to a person, in Vietnamese and in English.
//
// One catalogue serves the command line, the HTTPS problems and the doctor, so that a refusal reads the same wherever it is
// met. A ``Sentence`` is made from both languages at once: one that lacks a translation does not compile. Sentences take
// arguments as typed parameters, never as format strings, and say what to do next.
//
// The module is pure: it knows no file, no socket and no environment. Whoever speaks chooses the language with
// ``Language``: from `--lang`, from the locale's variables, or from an Accept-Language header.
//
// Records, keys and secrets are never arguments of a sentence: sentences end up in logs.
//
// Where to start reading: `Sentence.swift`, then `Problem.swift` (what HTTPS answers), then `Sentence+….swift` by subject.
// Words used throughout: broker = trạm trung chuyển, record = bản ghi, topic = chủ đề, partition = phân vùng,
// certificate = chứng thư, authority = cơ quan chứng thực, agreement = thoả thuận chia sẻ, consumer group = nhóm nhận.

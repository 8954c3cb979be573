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
// Where to start reading: `Sentence.swift`, then `Problem.swift` (what HTTPS answers), then `Sentence+….swift` by subject. `Help/` has
// what the commands say of themselves. `Phrasebook/` has Vietnamese for words that reach us in English only: a module that gives its
// reasons in English, an answer over the Kafka protocol, a library. The ``Phrasebook`` says how, and a test holds it to the sources.
// Words used throughout: broker = máy chủ, record = bản ghi, topic = chủ đề, partition = phân vùng, offset = vị trí,
// certificate = chứng thư số, authority = cơ quan chứng thực, agreement = thỏa thuận chia sẻ dữ liệu, consumer group = nhóm nhận,
// agency = cơ quan, unit = đơn vị, node = nút, to revoke = thu hồi, backup = bản sao lưu, to restore = khôi phục.

// What is said of witnesses: those of this broker's logs, and the one that this machine is.
extension Sentence {
    public static func witnessNameWrong(_ name: String) -> Sentence {
        Sentence(
            vi: "“\(name)” không thể là tên bên làm chứng: không được có dấu cách hay dấu cộng.",
            en: "“\(name)” cannot be the name of a witness: no spaces, no plus sign.")
    }

    public static func witnessPeerWithoutKey(_ host: String, file: String) -> Sentence {
        Sentence(
            vi: "\(file): không có khóa nào mang tên \(host). Hãy lấy lại bằng GET /tlog/keys của máy chủ đó.",
            en: "\(file): it has no key named \(host). Get it from that broker's GET /tlog/keys.")
    }

    public static func witnessMemoryLost(_ directory: String) -> Sentence {
        Sentence(
            vi: "\(directory): khóa làm chứng còn nhưng memory.sqlite đã mất. Không dùng khóa này được nữa vì nó có thể ký cho hai lịch sử của cùng một nhật ký. Hãy cất key.pem đi để tạo bên làm chứng mới, rồi gửi khóa mới cho mọi bên đang tin khóa cũ.",
            en: "\(directory): the witness's key is there and memory.sqlite is gone. The key must not be used again, because it could be led to cosign two histories of one log. Put key.pem away to make a new witness, and send the new key to all who trust the old one.")
    }

    public static func witnessKeyLost(_ directory: String) -> Sentence {
        Sentence(
            vi: "\(directory): memory.sqlite còn nhưng key.pem đã mất. Hãy đặt lại khóa, hoặc cất memory.sqlite đi để tạo bên làm chứng mới.",
            en: "\(directory): memory.sqlite is there and key.pem is gone. Put the key back, or put memory.sqlite away to make a new witness.")
    }

    public static func witnessCannotStart(_ why: Sentence) -> Sentence {
        Sentence(vi: "Bên làm chứng không khởi động được: \(why.vietnamese)", en: "The witness cannot start: \(why.english)")
    }

    public static func witnessReady(https: String, health: String) -> Sentence {
        Sentence(vi: "Sẵn sàng làm chứng. HTTPS: \(https) · theo dõi: \(health)", en: "Ready to witness. HTTPS: \(https) · health: \(health)")
    }

    public static func witnessNotInPolicy(_ name: String) -> Sentence {
        Sentence(vi: "Tệp chính sách không có bên làm chứng “\(name)”.", en: "The policy file names no witness “\(name)”.")
    }

    public static func witnessWithoutAddress(_ name: String) -> Sentence {
        Sentence(
            vi: "Chưa biết kết nối tới bên làm chứng “\(name)” ở đâu: hãy nêu profile hoặc url.",
            en: "Where witness “\(name)” is reached is not said: name a profile or a url.")
    }

    public static func witnessWithoutProfile(_ name: String) -> Sentence {
        Sentence(
            vi: "Bên làm chứng “\(name)” cần chứng thư số: hãy nêu profile do bên đó cấp.",
            en: "Witness “\(name)” wants a certificate: name the profile that its operator issued.")
    }

    public static func witnessWithoutTLS(_ address: String) -> Sentence {
        Sentence(
            vi: "\(address): chỉ được gọi bên làm chứng qua https, trừ khi ở ngay trên máy này.",
            en: "\(address): a witness is asked over https, unless it is on this machine.")
    }

    public static func tooManyWitnesses(max: Int) -> Sentence {
        Sentence(vi: "evidence.witnesses: tối đa \(max) bên làm chứng.", en: "evidence.witnesses: \(max) witnesses at most.")
    }

    // MARK: doctor

    public static func doctorWitness(_ name: String, answers: Bool) -> Sentence {
        answers
            ? Sentence(vi: "Bên làm chứng \(name) đang trả lời.", en: "Witness \(name) answers.")
            : Sentence(
                vi: "Bên làm chứng \(name) không trả lời: các điểm kiểm tra mới chưa được đồng ký. Hãy kiểm tra mạng và liên hệ đơn vị vận hành bên đó.",
                en: "Witness \(name) does not answer: new checkpoints lack its cosignature. Look at the network and ask its operator.")
    }

    public static func doctorUnconfirmedLogs(_ count: Int) -> Sentence {
        Sentence(
            vi: "\(count) nhật ký chưa được bên làm chứng nào xác nhận kể từ khi khởi động: chưa loại trừ được khả năng kho dữ liệu là bản cũ.",
            en: "\(count) logs were confirmed by no witness since the start: that the store is an older state is not ruled out.")
    }

    public static func doctorForks(of host: String, _ count: Int) -> Sentence {
        Sentence(
            vi: "\(host) đã đưa ra \(count) lịch sử mâu thuẫn với điểm kiểm tra đã được đồng ký ở đây. Bằng chứng nằm trong thư mục forks của bên làm chứng; hãy báo cho kiểm toán.",
            en: "\(host) has shown \(count) histories that contradict what was cosigned here. The evidence is in the witness's folder forks; tell the auditors.")
    }

    // MARK: audits

    public static func auditWitnessSilent(_ name: String, why: String) -> Sentence {
        Sentence(
            vi: "Bên làm chứng \(name) không trả lời: \(why.vietnamese). Không đối chiếu được với bên này.",
            en: "Witness \(name) does not answer: \(why). The log was not compared with what it saw.")
    }

    public static func auditWitnessUnusable(_ name: String) -> Sentence {
        Sentence(
            vi: "Điểm kiểm tra mà bên làm chứng \(name) đưa ra không có chữ ký hợp lệ của nhật ký và của chính bên đó; không dùng để đối chiếu được.",
            en: "What witness \(name) shows is not signed by the log and by the witness itself; the log was not compared with it.")
    }

    public static func auditStale(_ log: String, minutes: Int64) -> Sentence {
        Sentence(
            vi: "\(log): lần đồng ký gần nhất đã cách đây \(minutes) phút; điểm kiểm tra có thể đã cũ. Hãy đối chiếu với bên làm chứng bằng --witness.",
            en: "\(log): it was cosigned last \(minutes) minutes ago, so the checkpoint may be an old one. Compare it with a witness: --witness.")
    }

    public static func auditWitnessWrong(_ argument: String) -> Sentence {
        Sentence(vi: "“\(argument)”: cần viết dạng TÊN=TỆP-HỒ-SƠ.", en: "“\(argument)”: write NAME=PROFILE.")
    }

    public static let auditWitnessNeedsPolicy = Sentence(
        vi: "--witness cần --policy: khóa của bên làm chứng nằm trong tệp chính sách.",
        en: "--witness needs --policy: the witness's key is in the policy file.")

    public static func auditBehindWitnesses(size: Int64) -> Sentence {
        Sentence(
            vi: "các bên làm chứng đã đồng ký nhật ký này với \(size) bút toán: đây là một trạng thái cũ hơn",
            en: "witnesses have cosigned this log with \(size) entries: this is an older state of it")
    }
}

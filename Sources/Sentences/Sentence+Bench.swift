// What the benchmarks print.
extension Sentence {
    public static let benchName = Sentence(vi: "Phép đo", en: "benchmark")
    public static let benchSeconds = Sentence(vi: "Thời gian (giây)", en: "seconds")
    public static let benchRequests = Sentence(vi: "Số yêu cầu", en: "requests")
    public static let benchRecords = Sentence(vi: "Số bản ghi", en: "records")
    public static let benchRecordRate = Sentence(vi: "Bản ghi mỗi giây", en: "records/s")
    public static let benchRequestRate = Sentence(vi: "Yêu cầu mỗi giây", en: "requests/s")
    public static let benchByteRate = Sentence(vi: "MB mỗi giây", en: "MB/s")
    public static func benchLatency(_ percentile: Double) -> Sentence {
        Sentence(vi: "Độ trễ p\(percentile) (ms)", en: "latency p\(percentile), ms")
    }
    public static let benchLatencyMax = Sentence(vi: "Độ trễ lớn nhất (ms)", en: "latency max, ms")
    public static let benchBrokerCPU = Sentence(vi: "CPU của máy chủ (giây)", en: "broker CPU, s")
    public static let benchBrokerCPUPerGB = Sentence(vi: "CPU của máy chủ (giây/GB)", en: "broker CPU, s/GB")
    public static let benchBrokerMemory = Sentence(vi: "Bộ nhớ của máy chủ (MB)", en: "broker memory, MB")
    public static let benchLedger = Sentence(vi: "Riêng cho sổ giao nhận (giây)", en: "of it for the delivery ledger, s")
    public static let benchLedgerShare = Sentence(vi: "Riêng cho sổ giao nhận (%)", en: "of it for the delivery ledger, %")
    public static let benchMemoryCopy = Sentence(vi: "Máy: sao chép bộ nhớ (MB/s)", en: "machine: memory copy, MB/s")
    public static let benchAES = Sentence(vi: "Máy: mã hóa AES-GCM (MB/s)", en: "machine: AES-128-GCM, MB/s")
    public static let benchDurableWrites = Sentence(vi: "Máy: fdatasync mỗi giây", en: "machine: fdatasync/s")
    public static let benchLoopback = Sentence(vi: "Máy: TCP nội bộ (MB/s)", en: "machine: loopback TCP, MB/s")
    public static func benchRatio(_ limit: String) -> Sentence { Sentence(vi: "Tỉ lệ so với \(limit)", en: "ratio to \(limit)") }
    public static let benchConnections = Sentence(vi: "Số kết nối", en: "connections")
    public static let benchConnecting = Sentence(vi: "mở kết nối", en: "opening connections")
    public static let benchHandshakes = Sentence(vi: "Bắt tay TLS mỗi giây", en: "handshakes/s")
    public static let benchBytesPerConnection = Sentence(vi: "Bộ nhớ mỗi kết nối (byte)", en: "broker bytes a connection")
    public static let benchCPUPerHandshake = Sentence(vi: "CPU mỗi lần bắt tay (ms)", en: "broker CPU a handshake, ms")
    public static let benchByteRateUnchecked = Sentence(vi: "MB mỗi giây, không kiểm tra", en: "MB/s, unchecked")
    public static let benchByteRateChecked = Sentence(vi: "MB mỗi giây, kiểm tra từng bản ghi", en: "MB/s, each record checked")
    public static let benchCPUUnchecked = Sentence(vi: "CPU của máy chủ, không kiểm tra (giây/GB)", en: "broker CPU, unchecked, s/GB")
    public static let benchCPUChecked = Sentence(
        vi: "CPU của máy chủ, kiểm tra từng bản ghi (giây/GB)", en: "broker CPU, each record checked, s/GB")
    public static let benchCPUOfChecking = Sentence(vi: "CPU riêng cho việc kiểm tra (giây/GB)", en: "broker CPU for checking alone, s/GB")
    public static let benchByteRateWithoutTree = Sentence(vi: "MB mỗi giây, không có cây bằng chứng", en: "MB/s, without evidence")
    public static let benchByteRateWithTree = Sentence(vi: "MB mỗi giây, có cây bằng chứng", en: "MB/s, with evidence")
    public static let benchCPUWithoutTree = Sentence(
        vi: "CPU của máy chủ, không có cây bằng chứng (giây/GB)", en: "broker CPU, without evidence, s/GB")
    public static let benchCPUWithTree = Sentence(vi: "CPU của máy chủ, có cây bằng chứng (giây/GB)", en: "broker CPU, with evidence, s/GB")
    public static let benchCPUOfTree = Sentence(vi: "CPU riêng cho bằng chứng (giây/GB)", en: "broker CPU for evidence alone, s/GB")
    public static let benchLeafRate = Sentence(vi: "Lá mỗi giây của một lõi", en: "leaves/s a core")
    public static let columnDocumentBytes = Sentence(vi: "BYTE MỖI BẢN GHI", en: "BYTES EACH")
    public static let columnCoreByteRate = Sentence(vi: "MB/GIÂY MỘT LÕI", en: "MB/S A CORE")
    public static let columnDocumentNanoseconds = Sentence(vi: "NANÔ GIÂY MỖI BẢN GHI", en: "NS EACH")
    public static let columnAgreements = Sentence(vi: "SỐ THỎA THUẬN", en: "AGREEMENTS")
    public static let columnDecisionNanoseconds = Sentence(vi: "NANÔ GIÂY MỖI QUYẾT ĐỊNH", en: "NS A DECISION")
    public static func benchTopicEmpty(_ topic: String) -> Sentence {
        Sentence(vi: "Chủ đề \(topic) trống. Hãy chạy “bench produce” trước.", en: "Topic \(topic) is empty. Run “bench produce” first.")
    }
}

/// A step in the life of a request.
enum ServiceRequestStatusSample {
    private static let steps = ["received", "in-progress", "waiting-for-citizen", "approved", "rejected", "delivered"]
    private static let reasons = [
        "Thiếu bản vẽ hoàn công.", "Chưa có giấy xác nhận nơi cư trú.", "Ảnh chụp giấy tờ không rõ.", "Hồ sơ chưa có chữ ký của chủ hộ.",
    ]

    static func make(_ index: Int, _ random: inout SampleRandom) -> JSONText {
        let ward = random.pick(Ward.all)
        let status = random.pick(steps)
        let officer = Person.random(aged: 24...58, &random)
        var fields: [(String, JSONText)] = [
            ("requestId", .string(documentNumber(ward.mark, index + 1))),
            ("status", .string(status)),
            ("changedAt", .string(SampleDate.moment(index * 41 % 2_592_000 + random.integer(28_800...61_200)))),
            ("office", .string(ward.office)),
            ("officer", .string(officer.fullName)),
            ("ward", .string(ward.code)),
        ]
        if status == "rejected" || status == "waiting-for-citizen" { fields.append(("reason", .string(random.pick(reasons)))) }
        return .object(fields)
    }
}

/// What a citizen says after a service.
enum SatisfactionSurveySample {
    private static let praise = ["Cán bộ nhiệt tình, giải quyết nhanh.", "Rất hài lòng, cảm ơn bộ phận một cửa.", "Thủ tục rõ ràng, không phải đi lại nhiều."]
    private static let blame = ["Phải chờ lâu, thiếu ghế ngồi.", "Hẹn trả kết quả nhưng trễ hai ngày.", "Hướng dẫn hồ sơ chưa rõ, phải bổ sung hai lần."]

    static func make(_ index: Int, _ random: inout SampleRandom) -> JSONText {
        let ward = random.pick(Ward.all)
        let overall = max(random.integer(1...5), random.integer(1...5))
        var fields: [(String, JSONText)] = [("surveyId", .string(documentNumber("SV", index + 1)))]
        if !random.oneIn(4) { fields.append(("requestId", .string(documentNumber(ward.mark, random.integer(1...99_999))))) }
        fields += [
            ("office", .string(ward.office)),
            ("ward", .string(ward.code)),
            ("answeredAt", .string(SampleDate.moment(index * 67 % 2_592_000 + random.integer(28_000...62_000)))),
            ("channel", .string(random.pick(["kiosk", "kiosk", "sms", "web", "paper"]))),
            ("overall", .integer(Int64(overall))),
        ]
        if random.oneIn(2) {
            fields += [
                ("attitude", .integer(Int64(min(5, max(1, overall + random.integer(-1...1)))))),
                ("timeliness", .integer(Int64(min(5, max(1, overall + random.integer(-1...1)))))),
            ]
        }
        if random.oneIn(3) { fields.append(("comment", .string(random.pick(overall >= 4 ? praise : blame)))) }
        return .object(fields)
    }
}

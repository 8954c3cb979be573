/// A citizen's request at a ward's one-stop office.
enum ServiceRequestSample {
    private static let procedures: [(name: String, days: Int)] = [
        ("birth-certificate", 3), ("residence-registration", 7), ("marriage-registration", 5), ("land-use-copy", 10),
        ("construction-permit", 21), ("certified-copy", 1), ("business-household", 5),
    ]
    private static let notes = [
        "Xin bản sao cho con, cần gấp để nhập học.", "Nhờ trả kết quả qua bưu điện.", "Hồ sơ bổ sung theo phiếu hẹn.",
        "Người nộp là con ruột, có giấy uỷ quyền.", "Mong được giải quyết trước cuối tuần.",
    ]

    static func make(_ index: Int, _ random: inout SampleRandom) -> JSONText {
        let ward = random.pick(Ward.all)
        let citizen = Person.random(aged: 18...80, &random)
        let procedure = random.pick(procedures)
        let submitted = index * 37 % 2_592_000 + random.integer(25_200...61_200)
        var fields: [(String, JSONText)] = [
            ("requestId", .string(documentNumber(ward.mark, index + 1))),
            ("citizenId", .string(citizen.citizenID(&random))),
            ("fullName", .string(citizen.fullName)),
        ]
        if !random.oneIn(4) { fields.append(("phone", .string(Person.phone(&random)))) }
        fields += [
            ("procedure", .string(procedure.name)),
            ("channel", .string(random.pick(["counter", "counter", "online", "online", "post"]))),
            ("ward", .string(ward.code)),
            ("submittedAt", .string(SampleDate.moment(submitted))),
            ("dueDate", .string(SampleDate.day(SampleDate.firstDay + submitted / 86_400 + procedure.days))),
        ]
        if random.oneIn(3) { fields.append(("note", .string(random.pick(notes)))) }
        return .object(fields)
    }
}

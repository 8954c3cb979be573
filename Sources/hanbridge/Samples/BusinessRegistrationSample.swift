/// A business registered, changed, suspended or dissolved.
enum BusinessRegistrationSample {
    private static let forms: [(kind: String, prefix: String)] = [
        ("household", "Hộ kinh doanh"), ("private-enterprise", "Doanh nghiệp tư nhân"), ("limited-liability", "Công ty TNHH"),
        ("limited-liability", "Công ty TNHH MTV"), ("joint-stock", "Công ty Cổ phần"), ("cooperative", "Hợp tác xã"),
    ]
    private static let trades: [(name: String, codes: [String])] = [
        ("Hải sản", ["A0312", "G4632"]), ("Vận tải", ["H4933", "H5229"]), ("Xây dựng", ["F4101", "F4299"]),
        ("Du lịch", ["N7912", "I5510"]), ("Phần mềm", ["J6201", "J6202"]), ("Thực phẩm", ["C1079", "G4722"]),
        ("May mặc", ["C1410"]), ("Nhà hàng", ["I5610"]), ("Thuỷ sản", ["A0322", "C1020"]), ("Cơ khí", ["C2511", "C2592"]),
    ]
    private static let names = [
        "Biển Xanh", "Sông Hàn", "An Phát", "Hoàng Gia", "Minh Tâm", "Ngũ Hành", "Rồng Vàng", "Sơn Trà", "Đại Lộc", "Thành Công",
        "Mỹ Khê", "Hưng Thịnh", "Phước Mỹ", "Non Nước", "Bình Minh",
    ]

    static func make(_ index: Int, _ random: inout SampleRandom) -> JSONText {
        let form = random.pick(forms)
        let trade = random.pick(trades)
        let owner = Person.random(aged: 22...70, &random)
        let capitalMillions = form.kind == "household" ? random.integer(30...300) : random.integer(5...500) * 100
        return .object([
            ("taxCode", .string("040\(random.digits(7))")),
            ("name", .string("\(form.prefix) \(trade.name) \(random.pick(names))")),
            ("kind", .string(form.kind)),
            ("action", .string(random.pick(["registered", "registered", "registered", "changed", "changed", "suspended", "dissolved"]))),
            ("industries", .array(trade.codes.map(JSONText.string))),
            ("capitalVnd", .integer(Int64(capitalMillions) * 1_000_000)),
            ("representative", .string(owner.fullName)),
            ("address", .string(Street.address(&random))),
            ("ward", .string(random.pick(Ward.all).code)),
            ("effectiveDate", .string(SampleDate.day(SampleDate.firstDay + index / 60 % 60))),
        ])
    }
}

/// An incident as the hotline, a camera, a patrol or a citizen reports it.
enum PublicOrderIncidentSample {
    private static let kinds: [(kind: String, words: [String])] = [
        ("traffic-accident", ["Va chạm giữa hai xe máy, một người bị xây xát nhẹ.", "Ô tô va quệt xe máy tại ngã tư, giao thông ùn tắc."]),
        ("noise", ["Quán hát mở nhạc lớn sau 22 giờ.", "Công trình thi công gây ồn ban đêm."]),
        ("street-vending", ["Hàng rong lấn chiếm vỉa hè trước cổng trường.", "Bày bán hàng hoá dưới lòng đường."]),
        ("illegal-parking", ["Ô tô đỗ chắn lối ra vào hẻm.", "Xe tải dừng đỗ trên làn xe buýt."]),
        ("fire", ["Chập điện tại biển quảng cáo, đã dập tắt.", "Cháy bãi cỏ khô cạnh khu dân cư."]),
        ("theft", ["Mất xe máy tại bãi gửi xe.", "Bị giật túi xách khi đi bộ."]),
        ("flooding", ["Nước ngập khoảng 40 cm, xe máy không qua được.", "Cống thoát nước tắc, nước tràn vào nhà dân."]),
        ("lost-person", ["Bé trai khoảng 5 tuổi, áo đỏ, lạc cha mẹ.", "Cụ bà khoảng 80 tuổi đi lạc, không nhớ địa chỉ nhà."]),
    ]

    static func make(_ index: Int, _ random: inout SampleRandom) -> JSONText {
        let ward = random.pick(Ward.all)
        let what = random.pick(kinds)
        let occurred = index * 211 % 2_592_000 + random.integer(0...80_000)
        var fields: [(String, JSONText)] = [
            ("incidentId", .string(documentNumber("IN", index + 1))),
            ("kind", .string(what.kind)),
            ("severity", .integer(Int64(random.around(1...5)))),
            ("ward", .string(ward.code)),
            ("address", .string(Street.address(&random))),
            ("location", ward.location(&random)),
            ("occurredAt", .string(SampleDate.moment(occurred))),
            ("reportedAt", .string(SampleDate.moment(occurred + random.integer(20...1800)))),
            ("source", .string(random.pick(["hotline", "camera", "patrol", "citizen-app"]))),
            ("description", .string(random.pick(what.words))),
        ]
        let status = random.pick(["open", "open", "assigned", "resolved"])
        fields.append(("status", .string(status)))
        if status != "open" { fields.append(("assignedTo", .string(random.pick(["environment", "health", "ioc", "transport"])))) }
        return .object(fields)
    }
}

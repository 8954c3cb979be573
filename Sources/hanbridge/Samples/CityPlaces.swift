/// Places of Da Nang that samples mention.
struct Ward: Sendable {
    /// Lower case, without diacritics, hyphenated: what records carry.
    let code: String
    let name: String
    /// Two letters that open the numbers of its documents.
    let mark: String
    let latitudeTenThousandths: Int
    let longitudeTenThousandths: Int

    static let all: [Ward] = [
        Ward("hai-chau", "Hải Châu", "HC", 160_680, 1_082_210),
        Ward("hoa-cuong", "Hòa Cường", "HG", 160_380, 1_082_190),
        Ward("thanh-khe", "Thanh Khê", "TK", 160_660, 1_081_890),
        Ward("an-khe", "An Khê", "AK", 160_540, 1_081_720),
        Ward("son-tra", "Sơn Trà", "ST", 161_060, 1_082_520),
        Ward("an-hai", "An Hải", "AH", 160_690, 1_082_380),
        Ward("ngu-hanh-son", "Ngũ Hành Sơn", "NS", 160_120, 1_082_560),
        Ward("cam-le", "Cẩm Lệ", "CL", 160_150, 1_082_040),
        Ward("hoa-xuan", "Hòa Xuân", "HX", 160_020, 1_082_200),
        Ward("lien-chieu", "Liên Chiểu", "LC", 160_720, 1_081_500),
        Ward("hoa-khanh", "Hòa Khánh", "HK", 160_630, 1_081_560),
        Ward("hai-van", "Hải Vân", "HV", 161_290, 1_081_250),
    ]

    init(_ code: String, _ name: String, _ mark: String, _ latitude: Int, _ longitude: Int) {
        self.code = code
        self.name = name
        self.mark = mark
        latitudeTenThousandths = latitude
        longitudeTenThousandths = longitude
    }

    /// A point within a kilometre or so of the ward's middle, to four decimals.
    func location(_ random: inout SampleRandom) -> JSONText {
        func decimal(_ value: Int) -> JSONText {
            let fraction = String(value % 10_000)
            return .raw("\(value / 10_000).\(String(repeating: "0", count: 4 - fraction.count))\(fraction)")
        }
        return .object([
            ("latitude", decimal(latitudeTenThousandths + random.integer(-90...90))),
            ("longitude", decimal(longitudeTenThousandths + random.integer(-90...90))),
        ])
    }

    var office: String { "Bộ phận Một cửa phường \(name)" }
}

enum Street {
    static let all = [
        "Nguyễn Văn Linh", "Bạch Đằng", "Trần Phú", "Lê Duẩn", "Hùng Vương", "Điện Biên Phủ", "Võ Nguyên Giáp", "Ngô Quyền",
        "Hoàng Diệu", "Phan Châu Trinh", "Nguyễn Hữu Thọ", "Tôn Đức Thắng", "Trường Chinh", "Cách Mạng Tháng Tám",
        "Lê Đức Thọ", "Hoàng Sa", "Nguyễn Tất Thành", "2 Tháng 9", "Ông Ích Khiêm", "Núi Thành",
    ]

    static func address(_ random: inout SampleRandom) -> String { "\(random.integer(1...480)) \(random.pick(all)), Đà Nẵng" }
}

/// People of the samples: invented, with names as they are common in Da Nang.
struct Person: Sendable {
    let family: String
    let fullName: String
    let isWoman: Bool
    let birthDay: Int

    private static let families = [
        "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Trương",
    ]
    private static let womenMiddle = ["Thị", "Thị Mỹ", "Ngọc", "Thanh", "Thị Hồng", "Bảo", "Quỳnh"]
    private static let womenGiven = ["Lan", "Hương", "Nhung", "Tuyết", "Chi", "Trang", "Lệ", "Thảo", "Vy", "Hạnh", "Ánh", "Yến"]
    private static let menMiddle = ["Văn", "Đức", "Minh", "Gia", "Quốc", "Hữu", "Thành"]
    private static let menGiven = ["Đức", "Phúc", "Bảo", "Quân", "Trung", "Nam", "Khoa", "Hùng", "Sơn", "Dũng", "Tài", "Vinh"]

    /// - Parameter years: how old they are when the samples begin.
    static func random(aged years: ClosedRange<Int>, family: String? = nil, _ random: inout SampleRandom) -> Person {
        let family = family ?? random.pick(families)
        let isWoman = random.oneIn(2)
        let middle = random.pick(isWoman ? womenMiddle : menMiddle)
        let given = random.pick(isWoman ? womenGiven : menGiven)
        let days = random.integer(years.lowerBound * 365...years.upperBound * 365 + 364)
        return Person(
            family: family, fullName: "\(family) \(middle) \(given)", isWoman: isWoman, birthDay: SampleDate.firstDay - days)
    }

    var dateOfBirth: String { SampleDate.day(birthDay) }

    /// 12 digits as Decree 137/2015/NĐ-CP forms them: province (Da Nang 048), century and sex, year, six digits.
    func citizenID(_ random: inout SampleRandom) -> String {
        let date = dateOfBirth
        let century = date.hasPrefix("19") ? 0 : 2
        return "048\(century + (isWoman ? 1 : 0))\(date.prefix(4).suffix(2))\(random.digits(6))"
    }

    static func phone(_ random: inout SampleRandom) -> String { "+84\(random.pick(["90", "91", "93", "97", "98"]))\(random.digits(7))" }
}

/// `HC-2026-000123`
func documentNumber(_ mark: String, _ number: Int) -> String {
    let digits = String(number % 1_000_000_000)
    return "\(mark)-2026-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)"
}

/// A pupil's place in a school, confirmed.
enum SchoolEnrolmentSample {
    private static let schools: [(name: String, ward: String, grades: ClosedRange<Int>)] = [
        ("Trường Mầm non 20 Tháng 10", "hai-chau", 0...0), ("Trường Tiểu học Phù Đổng", "hai-chau", 1...5),
        ("Trường Tiểu học Điện Biên Phủ", "thanh-khe", 1...5), ("Trường Tiểu học Hoàng Văn Thụ", "hoa-cuong", 1...5),
        ("Trường THCS Lý Thường Kiệt", "son-tra", 6...9), ("Trường THCS Nguyễn Huệ", "an-hai", 6...9),
        ("Trường THCS Nguyễn Lương Bằng", "lien-chieu", 6...9), ("Trường THPT Phan Châu Trinh", "hai-chau", 10...12),
        ("Trường THPT Ngũ Hành Sơn", "ngu-hanh-son", 10...12), ("Trường THPT Hòa Vang", "cam-le", 10...12),
    ]

    static func make(_ index: Int, _ random: inout SampleRandom) -> JSONText {
        let school = random.pick(schools)
        let grade = random.integer(school.grades)
        let pupil = Person.random(aged: grade + 5...grade + 5, &random)
        let guardian = Person.random(aged: 27...55, family: random.oneIn(2) ? pupil.family : nil, &random)
        var fields: [(String, JSONText)] = [
            ("enrolmentId", .string(documentNumber("EN", index + 1))),
            ("pupilId", .string(pupil.citizenID(&random))),
            ("fullName", .string(pupil.fullName)),
            ("dateOfBirth", .string(pupil.dateOfBirth)),
            ("guardianName", .string(guardian.fullName)),
        ]
        if !random.oneIn(5) { fields.append(("guardianPhone", .string(Person.phone(&random)))) }
        fields += [
            ("school", .string(school.name)),
            ("grade", .integer(Int64(grade))),
            ("schoolYear", "2026-2027"),
            ("ward", .string(school.ward)),
            ("enrolledAt", .string(SampleDate.moment(index * 53 % 864_000 + random.integer(27_000...61_000)))),
        ]
        return .object(fields)
    }
}

/// A vaccination given at a ward's health station.
enum VaccinationSample {
    private static let vaccines: [(name: String, lot: String, years: ClosedRange<Int>, doses: Int)] = [
        ("bcg", "BCG", 0...0, 1), ("hepatitis-b", "HB", 0...1, 3), ("dtp", "DTP", 0...2, 4), ("polio", "PV", 0...2, 3),
        ("measles-rubella", "MR", 1...3, 2), ("japanese-encephalitis", "JE", 1...5, 3), ("hpv", "HPV", 9...26, 2),
        ("influenza", "FLU", 18...80, 1), ("covid-19", "CV", 18...80, 4),
    ]

    static func make(_ index: Int, _ random: inout SampleRandom) -> JSONText {
        let ward = random.pick(Ward.all)
        let vaccine = random.pick(vaccines)
        let person = Person.random(aged: vaccine.years, &random)
        return .object([
            ("citizenId", .string(person.citizenID(&random))),
            ("fullName", .string(person.fullName)),
            ("dateOfBirth", .string(person.dateOfBirth)),
            ("vaccine", .string(vaccine.name)),
            ("lot", .string("\(vaccine.lot)-26\(random.pick(["A", "B", "C", "D"]))\(random.digits(3))")),
            ("dose", .integer(Int64(random.integer(1...vaccine.doses)))),
            ("date", .string(SampleDate.day(SampleDate.firstDay + index / 400 % 30))),
            ("facility", .string("Trạm Y tế phường \(ward.name)")),
            ("ward", .string(ward.code)),
        ])
    }
}

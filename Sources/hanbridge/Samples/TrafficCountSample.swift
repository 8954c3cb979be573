/// Vehicles counted in five minutes: many motorbikes, more of everything at the rush hours.
enum TrafficCountSample {
    private static let stations: [(id: String, road: String, ward: String)] = [
        ("NV001", "Nguyễn Văn Linh", "hai-chau"), ("CR002", "Cầu Rồng", "an-hai"), ("DB003", "Điện Biên Phủ", "thanh-khe"),
        ("VG004", "Võ Nguyên Giáp", "ngu-hanh-son"), ("TD005", "Tôn Đức Thắng", "lien-chieu"), ("NH006", "Nguyễn Hữu Thọ", "cam-le"),
        ("CS007", "Cầu Sông Hàn", "hai-chau"), ("HS008", "Hoàng Sa", "son-tra"),
    ]

    static func make(_ index: Int, _ random: inout SampleRandom) -> JSONText {
        let station = stations[index % stations.count]
        let ward = Ward.all.first { $0.code == station.ward } ?? Ward.all[0]
        let start = index / stations.count * 300
        let hour = start / 3600 % 24
        let rush = [7, 8, 11, 17, 18].contains(hour) ? 3 : (hour < 5 ? 0 : 1)
        return .object([
            ("stationId", .string(station.id)),
            ("road", .string(station.road)),
            ("direction", .string(random.pick(["north", "east", "south", "west"]))),
            ("ward", .string(ward.code)),
            ("location", ward.location(&random)),
            ("from", .string(SampleDate.moment(start))),
            ("intervalSeconds", 300),
            ("motorbikes", .integer(Int64(random.around(20...400) + 420 * rush))),
            ("cars", .integer(Int64(random.around(5...90) + 95 * rush))),
            ("buses", .integer(Int64(random.around(0...6) + 3 * rush))),
            ("trucks", .integer(Int64(random.around(0...14)))),
            ("meanSpeedKmh", random.tenths(rush == 3 ? 110...290 : 240...480)),
        ])
    }
}

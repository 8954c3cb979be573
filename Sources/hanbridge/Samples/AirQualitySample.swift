/// An hourly reading of an air-quality station.
enum AirQualitySample {
    static func make(_ index: Int, _ random: inout SampleRandom) -> JSONText {
        let station = index % Ward.all.count
        let ward = Ward.all[station]
        let pm25 = random.around(40...900)
        return .object([
            ("stationId", .string("AQ\(String(1001 + station).suffix(3))")),
            ("ward", .string(ward.code)),
            ("location", ward.location(&random)),
            ("measuredAt", .string(SampleDate.moment(index / Ward.all.count * 3600))),
            ("pm25", .raw("\(pm25 / 10).\(pm25 % 10)")),
            ("pm10", random.tenths(pm25 + 50...pm25 + 600)),
            ("no2", random.tenths(30...600)),
            ("o3", random.tenths(80...1200)),
            ("co", .integer(Int64(random.around(200...1600)))),
            ("temperatureC", random.tenths(190...380)),
            ("humidityPercent", .integer(Int64(random.around(45...98)))),
            ("vnAqi", .integer(Int64(pm25AirQualityIndex(tenths: pm25)))),
        ])
    }

    /// VN_AQI of PM2.5 alone, by the breakpoints of Decision 1459/QĐ-TCMT.
    static func pm25AirQualityIndex(tenths: Int) -> Int {
        let steps = [(0, 0), (250, 50), (500, 100), (800, 150), (1500, 200), (2500, 300), (3500, 400), (5000, 500)]
        for (low, high) in zip(steps, steps.dropFirst()) where tenths <= high.0 {
            return low.1 + ((high.1 - low.1) * (tenths - low.0) + (high.0 - low.0) / 2) / (high.0 - low.0)
        }
        return 500
    }
}

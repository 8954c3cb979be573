import NIOCore

/// Both clocks of the coordinator, as a dependency: tests set them.
protocol GroupClock: Sendable {
    func now() -> Moment
}

struct SystemGroupClock: GroupClock {
    let calendar: any BrokerClock

    func now() -> Moment {
        Moment(uptime: Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000), date: calendar.now())
    }
}

import Foundation
import GRDB
import Storage

/// Consumer groups with their members.
enum GroupTable {
    static func all(_ database: Database) throws -> [GroupRecord] {
        var members: [String: [GroupRecord.Member]] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT * FROM groupMember ORDER BY consumerGroup, position")
        while let row = try rows.next() {
            members[row["consumerGroup"], default: []].append(member(row))
        }
        return try Row.fetchAll(database, sql: "SELECT * FROM consumerGroup ORDER BY name").map { row in
            let name: String = row["name"]
            return GroupRecord(
                group: name, protocolType: row["protocolType"], generation: row["generation"],
                protocolName: row["protocolName"], leader: row["leader"], stateChangedAt: row["stateChangedAt"],
                members: members[name] ?? [])
        }
    }

    private static func member(_ row: Row) -> GroupRecord.Member {
        let (subscription, assignment): (Data, Data) = (row["subscription"], row["assignment"])
        return GroupRecord.Member(
            memberID: row["memberID"], groupInstanceID: row["groupInstanceID"], clientID: row["clientID"],
            clientHost: row["clientHost"], principal: row["principal"], sessionTimeoutMilliseconds: row["sessionTimeout"],
            rebalanceTimeoutMilliseconds: row["rebalanceTimeout"], subscription: Array(subscription),
            assignment: Array(assignment))
    }

    static func put(_ group: GroupRecord, _ database: Database) throws {
        // Replaces the row, and with it, by the cascade, the members.
        try database.execute(sql: "DELETE FROM consumerGroup WHERE name = ?", arguments: [group.group])
        let sql = """
            INSERT INTO consumerGroup (name, protocolType, generation, protocolName, leader, stateChangedAt)
            VALUES (?, ?, ?, ?, ?, ?)
            """
        try database.execute(
            sql: sql,
            arguments: [
                group.group, group.protocolType, group.generation, group.protocolName, group.leader, group.stateChangedAt,
            ])
        for (position, member) in group.members.enumerated() {
            try insert(member, position: position, group: group.group, database)
        }
    }

    private static func insert(
        _ member: GroupRecord.Member, position: Int, group: String, _ database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO groupMember (
                    consumerGroup, position, memberID, groupInstanceID, clientID, clientHost, principal, sessionTimeout,
                    rebalanceTimeout, subscription, assignment
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            group, position, member.memberID, member.groupInstanceID, member.clientID, member.clientHost, member.principal,
            member.sessionTimeoutMilliseconds, member.rebalanceTimeoutMilliseconds, Data(member.subscription),
            Data(member.assignment),
        ])
    }

    /// The group, its members and its offsets.
    static func delete(_ group: String, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM consumerGroup WHERE name = ?", arguments: [group])
        try database.execute(sql: "DELETE FROM committedOffset WHERE consumerGroup = ?", arguments: [group])
    }
}

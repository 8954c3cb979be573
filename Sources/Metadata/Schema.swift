import GRDB
import Storage

/// The tables, as a list of steps: a store of version n has had the first n steps. A store with more steps than this program
/// knows was written by a newer one, and is refused untouched.
enum Schema {
    /// SQLite's `application_id`, "Hanb": a database of something else is never altered.
    static let applicationID: Int32 = 0x4861_6E62

    static var version: Int { steps.count }

    /// - Parameter last: the version to stop at, for tests of older stores.
    static func migrate(_ database: Database, to last: Int = version) throws {
        let found = try found(in: database)
        for (index, step) in steps.prefix(last).enumerated().dropFirst(found) {
            try database.inTransaction(.immediate) {
                try database.execute(sql: step)
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                try database.execute(sql: "PRAGMA user_version = \(index + 1)")
                return .commit
            }
        }
    }

    /// - Returns: the number of steps that the store has had; 0 for an empty database.
    /// - Throws: ``StorageError`` for a newer store or a database of another program.
    static func found(in database: Database) throws -> Int {
        let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        guard application == applicationID || (application == 0 && found == 0 && tables == 0) else {
            throw StorageError.corrupt("the metadata file is an SQLite database of another program")
        }
        guard found <= version else { throw StorageError.newerFormat(found: found, known: version) }
        return found
    }

    // UUIDs are 16-byte blobs, times ms since 1970. STRICT, so that a column holds what it says.
    private static let steps = [
        """
        CREATE TABLE counter (
            name TEXT PRIMARY KEY,
            value INTEGER NOT NULL CHECK (value >= 0)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE cluster (
            id BLOB PRIMARY KEY CHECK (length(id) = 16)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE topic (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            name TEXT NOT NULL UNIQUE,
            partitionCount INTEGER NOT NULL CHECK (partitionCount > 0),
            createdAt INTEGER NOT NULL,
            createdBy TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- For ever: a deleted topic's partitions are removed by its id, and an id tells which topic old records were of.
        CREATE TABLE deletedTopic (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            name TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE topicConfiguration (
            topic BLOB NOT NULL REFERENCES topic (id) ON DELETE CASCADE,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (topic, key)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE consumerGroup (
            name TEXT PRIMARY KEY,
            protocolType TEXT NOT NULL,
            generation INTEGER NOT NULL,
            protocolName TEXT,
            leader TEXT,
            stateChangedAt INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE groupMember (
            consumerGroup TEXT NOT NULL REFERENCES consumerGroup (name) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            memberID TEXT NOT NULL,
            groupInstanceID TEXT,
            clientID TEXT NOT NULL,
            clientHost TEXT NOT NULL,
            principal TEXT NOT NULL,
            sessionTimeout INTEGER NOT NULL,
            rebalanceTimeout INTEGER NOT NULL,
            subscription BLOB NOT NULL,
            assignment BLOB NOT NULL,
            PRIMARY KEY (consumerGroup, position),
            UNIQUE (consumerGroup, memberID)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE committedOffset (
            consumerGroup TEXT NOT NULL,
            topicID BLOB NOT NULL CHECK (length(topicID) = 16),
            partition INTEGER NOT NULL CHECK (partition >= 0),
            topicName TEXT NOT NULL,
            offset INTEGER NOT NULL,
            leaderEpoch INTEGER NOT NULL,
            metadata TEXT NOT NULL,
            committedAt INTEGER NOT NULL,
            PRIMARY KEY (consumerGroup, topicID, partition)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX committedOffsetByTopic ON committedOffset (topicID);

        CREATE TABLE agreementSet (
            version INTEGER PRIMARY KEY CHECK (version > 0),
            appliedAt INTEGER NOT NULL,
            appliedBy TEXT NOT NULL
        ) STRICT;

        CREATE TABLE agreementFile (
            version INTEGER NOT NULL REFERENCES agreementSet (version),
            name TEXT NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (version, name)
        ) STRICT, WITHOUT ROWID;
        """,
        // The schema registry.
        """
        -- For ever: records of the log name schemas by their id.
        CREATE TABLE schema (
            id INTEGER PRIMARY KEY CHECK (id > 0),
            format TEXT NOT NULL,
            text TEXT NOT NULL,
            allowsBacktracking INTEGER NOT NULL CHECK (allowsBacktracking IN (0, 1)),
            createdAt INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE schemaReference (
            schema INTEGER NOT NULL REFERENCES schema (id),
            position INTEGER NOT NULL,
            name TEXT NOT NULL,
            subject TEXT NOT NULL,
            version INTEGER NOT NULL CHECK (version > 0),
            PRIMARY KEY (schema, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE subject (
            name TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            compatibility TEXT,
            normalizes INTEGER CHECK (normalizes IN (0, 1)),
            mode TEXT
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE subjectVersion (
            subject TEXT NOT NULL REFERENCES subject (name),
            version INTEGER NOT NULL CHECK (version > 0),
            schema INTEGER NOT NULL REFERENCES schema (id),
            isDeleted INTEGER NOT NULL CHECK (isDeleted IN (0, 1)),
            registeredAt INTEGER NOT NULL,
            registeredBy TEXT NOT NULL,
            PRIMARY KEY (subject, version)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE registrySettings (
            row INTEGER PRIMARY KEY CHECK (row = 1),
            compatibility TEXT,
            normalizes INTEGER CHECK (normalizes IN (0, 1)),
            mode TEXT
        ) STRICT;
        """,
        // Publishers.
        """
        -- Records of the log name their writer by its key's hash: whose key it was.
        CREATE TABLE writer (
            key BLOB NOT NULL CHECK (length(key) = 32),
            principal TEXT NOT NULL,
            firstSeenAt INTEGER NOT NULL,
            PRIMARY KEY (key, principal)
        ) STRICT, WITHOUT ROWID;
        """,
        // Requests that carry a name of their own.
        """
        CREATE TABLE namedRequest (
            id INTEGER PRIMARY KEY,
            node TEXT NOT NULL,
            key TEXT NOT NULL,
            fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
            beganAt INTEGER NOT NULL,
            isAnswered INTEGER NOT NULL CHECK (isAnswered IN (0, 1)),
            content BLOB NOT NULL,
            UNIQUE (node, key)
        ) STRICT;

        CREATE INDEX namedRequestByTime ON namedRequest (beganAt);
        CREATE INDEX namedRequestOfNodeByTime ON namedRequest (node, beganAt);
        CREATE INDEX namedRequestUnanswered ON namedRequest (beganAt) WHERE isAnswered = 0;

        -- What the limits ask for at every one, kept so that nothing is counted.
        CREATE TABLE namedRequestTotal (
            node TEXT PRIMARY KEY,
            count INTEGER NOT NULL,
            bytes INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TRIGGER namedRequestAdded AFTER INSERT ON namedRequest BEGIN
            INSERT INTO namedRequestTotal (node, count, bytes) VALUES (new.node, 1, length(new.content))
            ON CONFLICT (node) DO UPDATE SET count = count + 1, bytes = bytes + excluded.bytes;
        END;

        CREATE TRIGGER namedRequestChanged AFTER UPDATE ON namedRequest BEGIN
            UPDATE namedRequestTotal SET bytes = bytes + length(new.content) - length(old.content) WHERE node = new.node;
        END;

        CREATE TRIGGER namedRequestForgotten AFTER DELETE ON namedRequest BEGIN
            UPDATE namedRequestTotal SET count = count - 1, bytes = bytes - length(old.content) WHERE node = old.node;
            DELETE FROM namedRequestTotal WHERE node = old.node AND count = 0;
        END;
        """,
        // Quotas.
        """
        CREATE TABLE quota (
            entity TEXT NOT NULL,
            key TEXT NOT NULL,
            value REAL NOT NULL,
            PRIMARY KEY (entity, key)
        ) STRICT, WITHOUT ROWID;
        """,
        // The journal of checkpoints.
        """
        -- What was signed of each partition's tree: written before anybody is shown it.
        CREATE TABLE checkpoint (
            topic BLOB NOT NULL CHECK (length(topic) = 16),
            partition INTEGER NOT NULL CHECK (partition >= 0),
            size INTEGER NOT NULL CHECK (size >= 0),
            madeAt INTEGER NOT NULL,
            -- Thinned to one a minute.
            isThinned INTEGER NOT NULL CHECK (isThinned IN (0, 1)),
            note BLOB NOT NULL,
            PRIMARY KEY (topic, partition, size)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX checkpointUnthinned ON checkpoint (madeAt) WHERE isThinned = 0;

        -- The largest of each, so that a start need not look through all.
        CREATE TABLE lastCheckpoint (
            topic BLOB NOT NULL CHECK (length(topic) = 16),
            partition INTEGER NOT NULL CHECK (partition >= 0),
            size INTEGER NOT NULL,
            PRIMARY KEY (topic, partition)
        ) STRICT, WITHOUT ROWID;
        """,
        // Publishers' certificates.
        """
        -- Of the key's first use: they outlive the authority's own records, for whoever checks who wrote.
        CREATE TABLE writerCertificate (
            key BLOB NOT NULL CHECK (length(key) = 32),
            position INTEGER NOT NULL CHECK (position >= 0),
            certificate BLOB NOT NULL,
            PRIMARY KEY (key, position)
        ) STRICT, WITHOUT ROWID;
        """,
        // Secrets.
        """
        -- What masks make their keys of: whoever reads this file can tell which value a hash stands for.
        CREATE TABLE secret (
            name TEXT PRIMARY KEY,
            value BLOB NOT NULL CHECK (length(value) >= 16)
        ) STRICT, WITHOUT ROWID;
        """,
        // What was known of revocations when publishers' certificates were accepted.
        """
        -- Once each, however many keys were accepted under it.
        CREATE TABLE revocationList (
            digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
            list BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE writerRevocationList (
            key BLOB NOT NULL CHECK (length(key) = 32),
            digest BLOB NOT NULL REFERENCES revocationList (digest),
            PRIMARY KEY (key, digest)
        ) STRICT, WITHOUT ROWID;
        """,
        // Emergencies that wait for the second person.
        """
        CREATE TABLE emergency (
            id TEXT PRIMARY KEY,
            text TEXT NOT NULL,
            askedBy TEXT NOT NULL,
            isByOperator INTEGER NOT NULL CHECK (isByOperator IN (0, 1)),
            key BLOB NOT NULL CHECK (length(key) = 32),
            expiresAt INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,
        // Cosigned checkpoints.
        """
        -- Whether the witnesses that are asked for have cosigned it: kept longer, and shown to auditors.
        ALTER TABLE checkpoint ADD COLUMN isWitnessed INTEGER NOT NULL DEFAULT 0 CHECK (isWitnessed IN (0, 1));

        DROP INDEX checkpointUnthinned;

        -- One for each of the two ages at which they are thinned.
        CREATE INDEX checkpointUnthinned ON checkpoint (isWitnessed, madeAt) WHERE isThinned = 0;

        CREATE INDEX checkpointWitnessed ON checkpoint (topic, partition, size) WHERE isWitnessed = 1;
        """,
        // The journal of checkpoints as a log of its own.
        """
        CREATE TABLE journal (
            row INTEGER PRIMARY KEY CHECK (row = 1),
            id BLOB NOT NULL CHECK (length(id) = 16)
        ) STRICT;

        -- Its leaves: checkpoints, which are never thinned from then on.
        CREATE TABLE journalEntry (
            position INTEGER PRIMARY KEY CHECK (position >= 0),
            topic BLOB NOT NULL CHECK (length(topic) = 16),
            partition INTEGER NOT NULL CHECK (partition >= 0),
            size INTEGER NOT NULL,
            UNIQUE (topic, partition, size)
        ) STRICT;

        -- Its tile levels.
        CREATE TABLE journalHash (
            level INTEGER NOT NULL,
            position INTEGER NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            PRIMARY KEY (level, position)
        ) STRICT, WITHOUT ROWID;

        -- Its own signed notes, and the tokens over them.
        CREATE TABLE journalNote (
            size INTEGER PRIMARY KEY CHECK (size > 0),
            madeAt INTEGER NOT NULL,
            note BLOB NOT NULL,
            token BLOB,
            stampedAt INTEGER
        ) STRICT;

        CREATE INDEX journalNoteStamped ON journalNote (size) WHERE token IS NOT NULL;
        """,
    ]
}

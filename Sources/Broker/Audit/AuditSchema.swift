import MessageSchema
import Storage

/// The schemas of the audit's topics, registered like those of any other at the first start: `_audit.access-value` and
/// `_audit.delivery-value`. One that a newer version of the broker has otherwise is registered as the subject's next version.
public enum AuditSchema {
    static let subjects = [(AuditTopic.access, access), (AuditTopic.delivery, delivery)].map { (name: "\($0)-value", text: $1) }

    /// What must be registered; nil where everything is.
    static func change(of image: RegistryImage, at now: Int64) -> RegistryChange? {
        var change = RegistryChange()
        var nextID = max(RegistryLimits.ownIDsFrom, (image.schemas.map(\.id).max() ?? 0) + 1)
        for subject in subjects {
            let versions = image.versions.filter { $0.name.subject == subject.name }
            let latest = versions.max { $0.name.version < $1.name.version }
            guard image.schemas.first(where: { $0.id == latest?.schema })?.text != subject.text else { continue }
            // In the log's words the broker itself is the publisher.
            if latest == nil { change.putSubjects.append(SubjectRecord(name: subject.name, owner: "broker")) }
            change.addedSchemas.append(SchemaRecord(id: nextID, format: SchemaFormat.json.rawValue, text: subject.text, createdAt: now))
            change.putVersions.append(
                SubjectVersionRecord(
                    name: SubjectVersionName(subject: subject.name, version: (latest?.name.version ?? 0) + 1), schema: nextID, registeredAt: now,
                    registeredBy: "broker"))
            nextID += 1
        }
        return change.isEmpty ? nil : change
    }

    /// Of ``AuditEntry``.
    public static let access = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "Decisions and changes",
          "description": "One record of _audit.access, a CloudEvents 1.0 event: a refusal, an access, a sign-in, a change. Never a payload, key or secret.",
          "type": "object",
          "required": ["specversion", "id", "source", "type", "time", "subject", "datacontenttype", "data"],
          "additionalProperties": false,
          "properties": {
            "specversion": { "const": "1.0" },
            "id": { "type": "string", "minLength": 1, "description": "Unique." },
            "source": { "type": "string", "pattern": "^/hanbridge/", "description": "/hanbridge/<cluster id>" },
            "type": { "enum": ["hanbridge.audit.refusal", "hanbridge.audit.access", "hanbridge.audit.signIn", "hanbridge.audit.change", "hanbridge.audit.suppressed"] },
            "time": { "type": "string", "format": "date-time" },
            "subject": { "type": "string", "description": "What it is about: topic:<name>, group:<id>, cluster, agreements:<owner>, listener:<name> and others." },
            "datacontenttype": { "const": "application/json" },
            "data": {
              "type": "object",
              "required": ["node", "action", "outcome"],
              "additionalProperties": false,
              "properties": {
                "node": { "type": "string", "description": "agency/unit/node; broker for the broker itself; empty where nobody was recognised; * for those counted together." },
                "certificate": { "type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the node's certificate." },
                "address": { "type": "string", "description": "address:port it came from." },
                "action": { "type": "string", "description": "publish, subscribe, sign-in and others; topic.create, agreements.apply and others." },
                "outcome": { "enum": ["refused", "allowed", "counted", "begun"], "description": "begun: durable before the change is made." },
                "reason": { "type": "string", "description": "Why not, or what allowed it: agreement:<id>#<rule>, role:<role>." },
                "purpose": { "type": "string" },
                "purposeImplied": { "const": true, "description": "The node declared none, and its agreements share one." },
                "policyVersion": { "type": "integer", "minimum": 0, "description": "The version of the agreements that decided." },
                "since": { "type": "string", "format": "date-time", "description": "Where the entry stands for several: when the first of them was. The last is at its time, or before." },
                "count": { "type": "integer", "minimum": 1, "description": "How many the entry stands for." },
                "details": { "type": "object", "additionalProperties": { "type": "string" }, "description": "Names and numbers of a change." }
              }
            }
          }
        }
        """#

    /// Of ``DeliveryEvent``.
    public static let delivery = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "The delivery ledger",
          "description": "One record of _audit.delivery, a CloudEvents 1.0 event: what was really sent to whom, which offsets, which fields, for which purpose. Never a payload, key or secret.",
          "type": "object",
          "required": ["specversion", "id", "source", "type", "time", "subject", "datacontenttype", "data"],
          "additionalProperties": false,
          "properties": {
            "specversion": { "const": "1.0" },
            "id": { "type": "string", "minLength": 1, "description": "<run>/<number>, unique." },
            "source": { "type": "string", "pattern": "^/hanbridge/" },
            "type": {
              "enum": ["hanbridge.delivery.started", "hanbridge.delivery.reserved", "hanbridge.delivery.delivered", "hanbridge.delivery.possible", "hanbridge.delivery.stopped"],
              "description": "started, stopped: the broker. reserved: may be sent from now on. delivered: was handed to the connection. possible: reserved when the broker was cut off, and not told since."
            },
            "time": { "type": "string", "format": "date-time" },
            "subject": { "type": "string", "description": "node:<agency/unit/node>, or ledger." },
            "datacontenttype": { "const": "application/json" },
            "data": {
              "type": "object",
              "required": ["run"],
              "additionalProperties": false,
              "properties": {
                "run": { "type": "string", "description": "One a start of the broker." },
                "session": { "type": "string", "description": "One a connection." },
                "node": { "type": "string", "description": "agency/unit/node" },
                "certificate": { "type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the node's certificate." },
                "address": { "type": "string" },
                "interface": { "enum": ["kafka", "https"] },
                "deliveries": { "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/delivery" } },
                "closes": { "type": "array", "minItems": 1, "items": { "type": "string" }, "description": "Reservations that nothing is sent by any more." },
                "ended": {
                  "type": "array",
                  "minItems": 1,
                  "items": {
                    "type": "object",
                    "required": ["topic", "partition", "lastOffset", "reason"],
                    "additionalProperties": false,
                    "properties": {
                      "topic": { "type": "string" },
                      "partition": { "type": "integer", "minimum": 0 },
                      "lastOffset": { "type": "integer", "minimum": 0, "description": "The last offset that was handed over." },
                      "reason": { "type": "string", "description": "session-closed, or what refuses now: agreement-ended:<id>, denied:<id>#<rule> and others." }
                    }
                  }
                },
                "possiblyMissing": {
                  "type": "object",
                  "required": ["from", "to"],
                  "additionalProperties": false,
                  "description": "The run before was cut off: what was handed over in its last second, within this interval, on topics that do not reserve, may be missing.",
                  "properties": {
                    "from": { "type": "string", "format": "date-time" },
                    "to": { "type": "string", "format": "date-time" }
                  }
                }
              }
            }
          },
          "$defs": {
            "delivery": {
              "type": "object",
              "required": ["topic", "topicId", "partition", "offsets", "records", "action", "citation", "policyVersion"],
              "additionalProperties": false,
              "properties": {
                "topic": { "type": "string" },
                "topicId": { "type": "string", "minLength": 22, "maxLength": 22 },
                "partition": { "type": "integer", "minimum": 0 },
                "offsets": { "type": "string", "pattern": "^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$", "description": "Runs of offsets in the order in which they were sent: 0-99,105" },
                "records": { "type": "integer", "minimum": 1 },
                "bytes": { "type": "integer", "minimum": 0, "description": "Of the batches or records sent." },
                "schemaIds": { "type": "array", "minItems": 1, "items": { "type": "integer" } },
                "fields": { "type": "array", "items": { "type": "string" }, "description": "Fields that were not given as they were published: citizenId:last4. Absent where all were." },
                "purpose": { "type": "string" },
                "purposeImplied": { "const": true },
                "action": { "type": "string", "description": "subscribe or replay." },
                "citation": { "type": "string", "description": "What allowed it: agreement:<id>#<rule>, role:<role>; several, with spaces between, in a reservation." },
                "policyVersion": { "type": "integer", "minimum": 0, "description": "The version of the agreements." },
                "window": { "type": "string", "description": "The reservation." },
                "since": { "type": "string", "format": "date-time", "description": "When the first of these records was handed over." }
              }
            }
          }
        }
        """#
}

// API key 22. Gives an idempotent producer its id and epoch (KIP-98).
//
// Versions 0-4: 2 is flexible, 3 lets a producer raise its epoch (KIP-360), 4 adds PRODUCER_FENCED (KIP-588). 5 belongs to
// later transactions.

public struct InitProducerIdRequest: KafkaRequest {
    public typealias Response = InitProducerIdResponse
    public static var apiKey: ApiKey { .initProducerID }
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 2 }

    public var transactionalID: String?
    public var transactionTimeoutMilliseconds: Int32 = 0
    public var producerID: Int64 = -1
    public var producerEpoch: Int16 = -1

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.string(&message.transactionalID, "TransactionalId")
        try walker.int32(&message.transactionTimeoutMilliseconds, "TransactionTimeoutMs")
        if version >= 3 {
            try walker.int64(&message.producerID, "ProducerId")
            try walker.int16(&message.producerEpoch, "ProducerEpoch")
        }
        try walker.noTags()
    }
}

public struct InitProducerIdResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleSince: Int16 { 2 }

    public var throttleTimeMilliseconds: Int32 = 0
    public var errorCode = ErrorCode.none
    public var producerID: Int64 = -1
    public var producerEpoch: Int16 = 0

    public init() {}

    public static func layout<W: LayoutWalker>(
        _ message: inout Self, by walker: inout W, version: Int16
    ) throws(W.Failure) {
        try walker.int32(&message.throttleTimeMilliseconds, "ThrottleTimeMs")
        try walker.errorCode(&message.errorCode, "ErrorCode")
        try walker.int64(&message.producerID, "ProducerId")
        try walker.int16(&message.producerEpoch, "ProducerEpoch")
        try walker.noTags()
    }
}

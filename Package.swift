// swift-tools-version: 6.2
// Hanbridge. The dependency table below is the architecture: README.md, "How it is built inside",
// draws it, `--explicit-target-dependency-import-check error` enforces it, and
// Tests/StructureTests keeps the two in step.

import Foundation
import PackageDescription

/// The system libraries that Hanbridge links, each with a header that tells whether its development
/// package is there. Checked here so that a missing one is a sentence instead of a compiler error.
let systemPackages: [(debianPackage: String, header: String)] = [
    ("libssl-dev", "openssl/ssl.h"),
    ("zlib1g-dev", "zlib.h"),
    ("libzstd-dev", "zstd.h"),
    ("liblz4-dev", "lz4frame.h"),
    ("libsnappy-dev", "snappy-c.h"),
    ("libsqlite3-dev", "sqlite3.h"),
]

#if os(Linux)
let includeDirectories = [
    "/usr/include", "/usr/local/include",
    "/usr/include/x86_64-linux-gnu", "/usr/include/aarch64-linux-gnu",
]
let missingPackages = systemPackages.filter { package in
    !includeDirectories.contains { FileManager.default.fileExists(atPath: "\($0)/\(package.header)") }
}.map(\.debianPackage)
if !missingPackages.isEmpty {
    let sentence =
        "Hanbridge needs system packages that are not installed; run: "
        + "sudo apt-get install -y \(missingPackages.joined(separator: " "))\n"
    FileHandle.standardError.write(Data(sentence.utf8))
    exit(1)
}
#endif

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

extension Target.Dependency {
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
    static let nioConcurrencyHelpers = product(name: "NIOConcurrencyHelpers", package: "swift-nio")
    static let nioTLS = product(name: "NIOTLS", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let x509 = product(name: "X509", package: "swift-certificates")
    static let asn1 = product(name: "SwiftASN1", package: "swift-asn1")
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let logging = product(name: "Logging", package: "swift-log")
    static let metrics = product(name: "CoreMetrics", package: "swift-metrics")
    static let atomics = product(name: "Atomics", package: "swift-atomics")
    static let dequeModule = product(name: "DequeModule", package: "swift-collections")
    static let orderedCollections = product(name: "OrderedCollections", package: "swift-collections")
    static let heapModule = product(name: "HeapModule", package: "swift-collections")
    static let serviceLifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdTLS = product(name: "HummingbirdTLS", package: "hummingbird")
    static let hummingbirdHTTP2 = product(name: "HummingbirdHTTP2", package: "hummingbird")
    static let yams = product(name: "Yams", package: "Yams")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let histogram = product(name: "Histogram", package: "hdrhistogram-swift")
}

func module(_ name: String, knows dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(of name: String, knows dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name)] + dependencies,
        exclude: exclude,
        swiftSettings: swiftSettings)
}

let package = Package(
    name: "hanbridge",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "hanbridge", targets: ["hanbridge"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-atomics.git", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", from: "0.2.0"),
    ],
    targets: [
        // C shims: each wraps one system facility and nothing else.
        .target(
            name: "CCompression",
            linkerSettings: [
                .linkedLibrary("z"), .linkedLibrary("zstd"), .linkedLibrary("lz4"), .linkedLibrary("snappy"),
            ]),
        .target(name: "CChecksum"),
        .target(name: "CDigest"),
        .target(name: "CLinux"),
        .target(name: "CTrust", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),

        // Pure modules: no sockets, files, clocks or locks.
        module("KafkaWire", knows: [.nioCore, "CCompression", "CChecksum"]),
        module("AccessPolicy", knows: [.yams]),
        module("MessageSchema", knows: []),
        module("Transparency", knows: ["CDigest", .crypto]),
        module("Sentences", knows: []),
        module("ZipArchive", knows: ["CCompression"]),
        module("RecordText", knows: ["MessageSchema", "Sentences"]),
        module("Storage", knows: ["KafkaWire", "AccessPolicy", "Transparency", .nioCore]),

        // Engines behind the seams.
        module(
            "CommitLog",
            knows: [
                "Storage", "KafkaWire", "Transparency", "CChecksum", "CLinux", .nioCore, .nioConcurrencyHelpers, .atomics,
                .dequeModule, .metrics, .logging,
            ]),
        module("Metadata", knows: ["Storage", "KafkaWire", "Transparency", .grdb]),
        module("Identity", knows: ["AccessPolicy", "CTrust", .x509, .asn1, .crypto, .nioConcurrencyHelpers, .logging, .yams]),

        module("Witnessing", knows: ["Storage", "Transparency", .metrics, .logging]),

        // What a request means, and the edges that carry it.
        module(
            "Broker",
            knows: [
                "KafkaWire", "MessageSchema", "RecordText", "Sentences", "AccessPolicy", "Transparency", "Storage", .nioCore,
                .nioConcurrencyHelpers, .atomics, .dequeModule, .crypto, .orderedCollections, .heapModule, .metrics, .logging,
            ]),
        module(
            "Listeners",
            knows: [
                "Broker", "Witnessing", "Identity", "RecordText", "Sentences", "KafkaWire", "MessageSchema", "AccessPolicy", "Transparency", "Storage", .nioCore, .nioPosix,
                .nioSSL, .nioTLS, .nioHTTP1,
                .nioConcurrencyHelpers, .atomics, .dequeModule, .hummingbird, .hummingbirdTLS, .hummingbirdHTTP2, .metrics,
                .logging, .serviceLifecycle,
            ]),

        // The composition root and the command line.
        .executableTarget(
            name: "hanbridge",
            dependencies: [
                "KafkaWire", "MessageSchema", "RecordText", "AccessPolicy", "Transparency", "ZipArchive", "Sentences", "Storage", "CommitLog", "Metadata", "Identity", "Witnessing", "Broker", "Listeners",
                "CLinux",
                .nioCore, .nioPosix, .nioSSL, .nioConcurrencyHelpers, .argumentParser, .logging, .metrics, .atomics,
                .serviceLifecycle, .unixSignals, .yams, .crypto, .asyncHTTPClient, .histogram,
            ],
            swiftSettings: swiftSettings),

        tests(of: "KafkaWire", knows: [.nioCore], exclude: ["Golden"]),
        tests(of: "MessageSchema"),
        tests(of: "AccessPolicy"),
        tests(of: "Transparency", knows: ["CDigest", .crypto]),
        tests(of: "ZipArchive"),
        tests(of: "Sentences"),
        tests(of: "RecordText", knows: ["MessageSchema", "Sentences"]),
        tests(of: "Storage", knows: ["KafkaWire", "AccessPolicy", .nioCore]),
        // With what signs and journals its trees: the tick is one thing to a power loss.
        tests(
            of: "CommitLog",
            knows: [
                "Storage", "KafkaWire", "Transparency", "AccessPolicy", "Broker", "Metadata", "CLinux", .nioCore, .nioConcurrencyHelpers,
                .logging, .grdb,
            ]),
        tests(of: "Metadata", knows: ["Storage", "KafkaWire", "Transparency", .grdb]),
        tests(of: "Witnessing", knows: ["Storage", "Transparency", .nioConcurrencyHelpers, .logging]),
        tests(of: "Identity", knows: ["AccessPolicy", .x509, .asn1, .crypto, .yams]),
        tests(
            of: "Broker",
            knows: [
                "KafkaWire", "AccessPolicy", "Sentences", "Storage", "Transparency", .nioCore, .nioEmbedded, .nioPosix,
                .nioConcurrencyHelpers, .orderedCollections, .logging,
            ]),
        tests(
            of: "Listeners",
            knows: [
                "Broker", "Witnessing", "Identity", "Sentences", "KafkaWire", "AccessPolicy", "Transparency", "Storage", .nioCore, .nioPosix, .nioEmbedded, .nioSSL,
                .nioTLS, .nioConcurrencyHelpers, .logging, .metrics, .serviceLifecycle,
            ]),
        tests(
            of: "hanbridge",
            knows: [
                "Broker", "Identity", "Listeners", "Witnessing", "RecordText", "Sentences", "KafkaWire", "MessageSchema", "AccessPolicy", "Transparency", "Storage", .nioCore,
                .nioPosix, .nioConcurrencyHelpers, .argumentParser, .logging,
            ]),
        .testTarget(name: "StructureTests", swiftSettings: swiftSettings),
    ]
)

/// Reads the files that broker.yaml's `identity` section names.
public enum TrustFiles {
    /// - Parameter directory: what relative paths are relative to: the directory of broker.yaml.
    /// - Throws: ``TrustError`` naming the file, what is wrong with it and what to do.
    public static func load(_ settings: IdentitySettings, relativeTo directory: String) throws(TrustError) -> TrustConfiguration {
        throw TrustError("not built yet")
    }

    /// Every file that ``load(_:relativeTo:)`` reads, absolute: what to watch for changes.
    public static func paths(of settings: IdentitySettings, relativeTo directory: String) -> [String] { [] }
}

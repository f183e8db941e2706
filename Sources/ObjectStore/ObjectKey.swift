/// The rule for names of objects, the same for every back end: what one store takes, all take.
package enum ObjectKey {
    /// S3's and Azure's limit.
    private static let maxByteCount = 1024
    /// The longest name that the usual file systems take.
    private static let maxPartByteCount = 255
    /// Names that stores use for work of their own, such as files under construction.
    static let reservedPrefix = ".fantail-"

    /// Refuses a key that could lead out of the store, that some back end cannot hold, or that is reserved.
    ///
    /// Errors: `.invalidKey`.
    package static func check(_ key: String) throws(StoreError) {
        if let reason = flaw(key) { throw .invalidKey(key: key, reason: reason) }
    }

    private static func flaw(_ key: String) -> String? {
        if key.utf8.count > maxByteCount { return "longer than \(maxByteCount) bytes" }
        // Control characters: terminals, logs and XML listings each treat them in a way of their own.
        if key.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) { return "control characters" }
        for part in key.split(separator: "/", omittingEmptySubsequences: false) {
            if part.isEmpty { return "empty parts" }
            if part == "." || part == ".." { return "'\(part)' parts" }
            if part.utf8.count > maxPartByteCount { return "a part longer than \(maxPartByteCount) bytes" }
            if part.hasPrefix(reservedPrefix) { return "names that begin with '\(reservedPrefix)' are reserved" }
        }
        return nil
    }
}

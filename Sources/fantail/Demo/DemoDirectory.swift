import Files
import FoundationEssentials

/// Where a demo's files are: the shop's database, the log and the copies.
///
/// A hidden file marks the directory as a demo's, and is locked while one runs in it.
final class DemoDirectory: Sendable {
    /// Absolute, so that one log has one name whoever looks from where.
    let path: String
    /// Whether the files stay there after the end.
    let isKept: Bool
    private let lock: LockFile

    /// The directory `given`, new, empty or an earlier demo's; or one of its own, which goes away again.
    init(_ given: String?) throws(DemoError) {
        isKept = given != nil
        path = given.map(Self.absolute) ?? Self.temporary()
        let names: [String]
        let lock: LockFile?
        do throws(FileError) {
            try Directory.create(path)
            names = try Directory.entries(path).map(\.name)
            lock = names.isEmpty || names.contains(Self.markName) ? try LockFile(path: "\(path)/\(Self.markName)") : nil
        } catch { throw .file(error) }
        guard names.isEmpty || names.contains(Self.markName) else { throw .notADemo(path: path) }
        guard let lock else { throw .inUse(path: path) }
        self.lock = lock
    }

    private static let markName = ".fantail-demo"

    private static func absolute(_ path: String) -> String {
        var path = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    private static func temporary() -> String {
        let parent = absolute(ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp")
        return "\(parent)/fantail-demo-\(String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16))"
    }

    /// The database that the shop writes to.
    var database: String { "\(path)/shop.db" }
    /// The object store.
    var log: String { "\(path)/log" }
    /// The copy with this number.
    func copy(_ number: Int) -> String { "\(path)/copy-\(number).db" }

    /// Takes the directory away, unless it is kept.
    func removeUnlessKept() {
        guard !isKept else { return }
        // What still runs, when a second signal ends it all, puts files there meanwhile; it loses soon.
        for _ in 0..<50 {
            try? FileManager.default.removeItem(atPath: path)
            if (try? File.exists(path)) != true { return }
        }
    }
}

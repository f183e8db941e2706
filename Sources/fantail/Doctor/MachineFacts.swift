import CCrypto
import CCurl
import CLZ4
import CSQLite
import Files
import SQLite
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What the machine has to offer, whatever the database and the store.
struct MachineFacts {
    var sqlite: SQLiteVersion
    /// Whether the library was built for use by several threads.
    var sqliteIsThreadSafe: Bool
    /// Whether it was built with WAL mode.
    var sqliteHasWAL: Bool
    var curl: String
    var curlProtocols: Set<String>
    var openSSL: String
    /// As OpenSSL counts its major version.
    var openSSLMajor: UInt
    var lz4: String
    /// How many file descriptors the process may have.
    var openFileLimit: UInt64
    /// Nil where there is no inotify.
    var inotify: Inotify?

    /// The kernel's limits for each user.
    struct Inotify: Equatable {
        var maxInstances: Int
        var maxWatches: Int
        /// Whether there is room for one more instance now.
        var hasRoom: Bool
    }

    static func gather() -> MachineFacts {
        let (curl, protocols) = curlVersion()
        return MachineFacts(
            sqlite: .running, sqliteIsThreadSafe: sqlite3_threadsafe() != 0,
            sqliteHasWAL: unsafe sqlite3_compileoption_used("OMIT_WAL") == 0,
            curl: curl, curlProtocols: protocols,
            openSSL: unsafe String(cString: OpenSSL_version(OPENSSL_VERSION)), openSSLMajor: UInt(OPENSSL_version_major()),
            lz4: unsafe String(cString: LZ4_versionString()), openFileLimit: openFileLimitNow(), inotify: inotifyLimits())
    }

    private static func curlVersion() -> (String, Set<String>) {
        // The structure and all it leads to are constants of the library.
        guard let info = unsafe curl_version_info(CURLVERSION_FIRST) else { return ("unknown", []) }
        let version = unsafe info.pointee.version.map { unsafe String(cString: $0) } ?? "unknown"
        var protocols: Set<String> = []
        guard let names = unsafe info.pointee.protocols else { return (version, protocols) }
        var index = 0
        while let name = unsafe names[index] {
            protocols.insert(unsafe String(cString: name))
            index += 1
        }
        return (version, protocols)
    }

    private static func openFileLimitNow() -> UInt64 {
        var limit = rlimit()
        #if canImport(Glibc)
        let code = unsafe getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
        #else
        let code = unsafe getrlimit(RLIMIT_NOFILE, &limit)
        #endif
        return code == 0 ? UInt64(limit.rlim_cur) : 0
    }

    private static func inotifyLimits() -> Inotify? {
        #if canImport(Glibc)
        let instance = inotify_init1(Int32(IN_CLOEXEC))
        if instance >= 0 { close(instance) }
        return Inotify(
            maxInstances: kernelNumber("max_user_instances"), maxWatches: kernelNumber("max_user_watches"),
            hasRoom: instance >= 0)
        #else
        return nil
        #endif
    }

    /// A number from /proc, whose files have no size that could be asked for.
    private static func kernelNumber(_ name: String) -> Int {
        guard let file = try? File("/proc/sys/fs/inotify/\(name)", .read),
            let bytes = try? file.read(upTo: 32, at: 0)
        else { return 0 }
        return Int(String(decoding: bytes.prefix { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self)) ?? 0
    }
}

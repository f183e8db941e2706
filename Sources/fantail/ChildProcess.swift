import Dispatch
import Synchronization
import UnixSignals
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The app, run by a shell as a child of this process.
final class ChildProcess: Sendable {
    /// What starting it can meet.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let pid: pid_t
    private let hasEnded = Mutex(false)

    /// Runs `command` with `sh -c`, with this process's streams and environment.
    init(shell command: String) throws {
        // A signal goes to the shell and to what it runs: the shell waits for that, and ends with its status.
        let arguments = ["/bin/sh", "-c", "trap exit TERM INT\n" + command]
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { for unsafe pointer in unsafe pointers { unsafe free(pointer) } }
        // The child starts with no signal blocked or ignored by us, whatever the runtime did to ours.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETPGROUP))
        // A process group of its own: signals then reach all of a command, not only the shell before it.
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        var pid: pid_t = 0
        let code = unsafe posix_spawn(&pid, "/bin/sh", nil, &attributes, &pointers, environ)
        guard code == 0 else {
            throw Failure(description: "cannot run \(command): \(unsafe String(cString: strerror(code)))")
        }
        self.pid = pid
    }

    /// Passes a signal on, unless the child is gone: its number may be another process's by then.
    func send(_ signal: UnixSignal) {
        hasEnded.withLock { hasEnded in
            guard !hasEnded else { return }
            _ = kill(-pid, signal == .sigint ? SIGINT : SIGTERM)
        }
    }

    /// Whether it is still there.
    var isRunning: Bool { hasEnded.withLock { !$0 } }

    /// Asks it to end, and after a while does not ask any more.
    func terminate(within patience: Duration) async {
        send(.sigterm)
        let deadline = ContinuousClock.now + patience
        while isRunning, .now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
        hasEnded.withLock { if !$0 { _ = kill(-pid, SIGKILL) } }
    }

    /// Waits for the end: the exit status, or 128 plus the number of the signal that ended it.
    func exitStatus() async -> Int32 {
        let pid = pid
        let status = await withCheckedContinuation { continuation in
            // waitpid blocks, for as long as the app runs: a thread of its own.
            DispatchQueue(label: "fantail.child").async {
                var status: Int32 = 0
                while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: status)
            }
        }
        hasEnded.withLock { $0 = true }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}

#if canImport(Glibc)
import Files
import Glibc

/// Sleeps until the app writes, somebody calls `wake`, or time is up.
///
/// One-shot inotify watches: a busy app costs a wake-up per `arm`, not per write. What only Linux has is in
/// this type; elsewhere a short sleep stands in for it.
final class WALWatch: Sendable {
    private let inotify: Int32
    private let wakeEnd: Int32
    private let wakerEnd: Int32
    private let paths: [String]

    /// Watches the database at `path` and its -wal.
    init(path: String) throws(FileError) {
        inotify = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        var ends: [Int32] = [-1, -1]
        guard inotify >= 0, unsafe pipe(&ends) == 0 else {
            throw .system(operation: .open, path: "inotify for \(path)", code: errno)
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (wakeEnd, wakerEnd) = (ends[0], ends[1])
        paths = ["\(path)-wal", path]
    }

    deinit {
        close(inotify)
        close(wakeEnd)
        close(wakerEnd)
    }

    /// Watches for the next write. What happened before the call is not reported: look once after it.
    func arm() {
        let events = UInt32(IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF) | UInt32(bitPattern: Int32.min)
        for path in paths {
            // A file that is not there cannot be watched; the safety timer finds it later.
            _ = unsafe inotify_add_watch(inotify, path, events)
        }
    }

    /// Sleeps for at most `timeout`; with `armed`, less if a watched file changes, and answers whether one did.
    @discardableResult
    func wait(for timeout: Duration, armed: Bool) -> Bool {
        var descriptors = [
            pollfd(fd: wakeEnd, events: Int16(POLLIN), revents: 0), pollfd(fd: inotify, events: Int16(POLLIN), revents: 0),
        ]
        let milliseconds = Int32((max(timeout, .zero) / .milliseconds(1)).rounded(.up))
        _ = unsafe poll(&descriptors, armed ? 2 : 1, milliseconds)
        if armed || descriptors[1].revents != 0 { drain(inotify) }
        if descriptors[0].revents != 0 { drain(wakeEnd) }
        return descriptors[1].revents != 0
    }

    /// Ends a `wait` of another thread, or the next one if none is under way.
    func wake() {
        // A full pipe means that a wake-up is waiting already.
        var byte: UInt8 = 1
        _ = unsafe write(wakerEnd, &byte, 1)
    }

    private func drain(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while unsafe read(descriptor, &buffer, buffer.count) > 0 {}
    }
}
#else
import Files
import Synchronization

/// Looks every few milliseconds, where there is no inotify.
final class WALWatch: Sendable {
    private let isWoken = Atomic(false)

    init(path: String) throws(FileError) {}

    func arm() {}

    @discardableResult
    func wait(for timeout: Duration, armed: Bool) -> Bool {
        guard !isWoken.exchange(false, ordering: .acquiringAndReleasing) else { return false }
        pause(min(timeout, .milliseconds(20)))
        return false
    }

    func wake() { isWoken.store(true, ordering: .releasing) }
}
#endif

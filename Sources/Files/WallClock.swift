#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The time of day, as files are stamped with it. It can jump: measure spans with `ContinuousClock`.
package enum WallClock {
    /// Nanoseconds since 1970, UTC, to the clock's full resolution (a file that is merely written gets the
    /// time of the kernel's last tick, some milliseconds ago).
    package static var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

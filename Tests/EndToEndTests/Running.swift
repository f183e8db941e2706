import Foundation
import Synchronization
import Testing

/// A program that runs beside the test; killed if the test forgets it.
final class Running {
    let process = Process()
    private let name: String
    private let printed = Printed()

    /// Starts `program`, found on the PATH if it is a bare name.
    init(_ program: String, _ arguments: [String]) throws {
        name = ([program.split(separator: "/").last.map(String.init) ?? program] + arguments).joined(separator: " ")
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "AWS_CA_BUNDLE" }
        process.standardOutput = output
        process.standardError = output
        try withoutBlockedSignals { try process.run() }
        // Ours would keep the pipe from ever ending.
        try? output.fileHandleForWriting.close()
        printed.drain(output.fileHandleForReading)
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Whether the program has a file open whose path ends so.
    func hasOpen(_ name: String) -> Bool {
        let descriptors = "/proc/\(process.processIdentifier)/fd"
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: descriptors)) ?? []
        return numbers.contains {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\($0)"))?.hasSuffix(name) ?? false
        }
    }

    /// What was printed so far, on both streams.
    var output: String { printed.text }

    /// Waits for the end and gives the exit status (of a signal: its number) and what was printed.
    ///
    /// One that is not at its end after so many seconds is killed, and the test fails with what it printed.
    func finish(within seconds: Int = 120) -> (status: Int32, output: String) {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while process.isRunning {
            if ContinuousClock.now > deadline {
                signal(SIGKILL)
                Issue.record("\(name) was still running after \(seconds) s; it printed: \(printed.text)")
                break
            }
            Thread.sleep(forTimeInterval: 0.002)
        }
        process.waitUntilExit()
        printed.waitForEnd()
        return (process.terminationStatus, printed.text)
    }
}

/// Starts a child: it would inherit that the threads of async code block every signal, and never see a SIGTERM.
private func withoutBlockedSignals(_ start: () throws -> Void) rethrows {
    var none = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    try start()
}

/// What a program prints, taken out of its pipe as it comes, so that it never waits for a reader.
private final class Printed: Sendable {
    private let content = Mutex((bytes: [UInt8](), isWhole: false))

    var text: String { content.withLock { String(decoding: $0.bytes, as: UTF8.self) } }

    /// Reads to the end, on a thread of its own.
    func drain(_ pipe: FileHandle) {
        Thread.detachNewThread { [self] in
            while case let data = pipe.availableData, !data.isEmpty {
                content.withLock { $0.bytes += data }
            }
            content.withLock { $0.isWhole = true }
        }
    }

    /// A grandchild may keep the pipe open for longer than anybody wants to wait.
    func waitForEnd() {
        let deadline = ContinuousClock.now + .seconds(2)
        while !content.withLock({ $0.isWhole }), ContinuousClock.now < deadline {
            Thread.sleep(forTimeInterval: 0.001)
        }
    }
}

/// Random pauses that a seed repeats.
struct Delays {
    private var state: UInt64

    /// Prints the seed, so that a failed run can be had again.
    init(seed: UInt32 = .random(in: 1...1_000_000), in test: String = #function) {
        print("seed \(seed) in \(test)")
        state = UInt64(seed)
    }

    /// The next pause, in milliseconds.
    mutating func next(_ range: ClosedRange<UInt64>) -> Duration { .milliseconds(number(range)) }

    /// The next number. SplitMix64, see https://prng.di.unimi.it/splitmix64.c
    mutating func number(_ range: ClosedRange<UInt64>) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return range.lowerBound + mixed % (range.upperBound - range.lowerBound + 1)
    }
}

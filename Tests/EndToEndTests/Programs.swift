import Foundation

/// Where the programs are that the end-to-end tests run.
enum Programs {
    /// The binary under test, which is built beside the test bundle.
    static let fantail = CommandLine.arguments[0].isEmpty
        ? "fantail" : Bundle.allBundles.map(\.bundlePath).first { $0.hasSuffix(".xctest") }
            .map { URL(fileURLWithPath: $0).deletingLastPathComponent().appending(path: "fantail").path }
            ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
                .appending(path: "fantail").path
    static let litestream = ProcessInfo.processInfo.environment["FANTAIL_TEST_LITESTREAM"]
    /// Tests that need a tool are skipped without it, unless all tools are promised.
    static var hasLitestream: Bool {
        litestream != nil || ProcessInfo.processInfo.environment["FANTAIL_TEST_REQUIRE_ALL"] != nil
    }
    static let workloads = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Workloads").path
}

/// A directory of its own for one test, removed at its end.
final class Scratch {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "fantail-e2e-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

/// A program that runs beside the test; killed if the test forgets it.
final class Running {
    let process = Process()
    private let output = Pipe()

    /// Starts `program`, found on the PATH if it is a bare name.
    init(_ program: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "AWS_CA_BUNDLE" }
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits for the end and gives the exit status and what was printed.
    func finish() -> (status: Int32, output: String) {
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}

/// Runs a program to its end.
func run(_ program: String, _ arguments: String...) throws -> (status: Int32, output: String) {
    try Running(program, arguments).finish()
}

/// Starts one of the Python workloads.
func workload(_ name: String, _ arguments: String...) throws -> Running {
    try Running("python3", ["\(Programs.workloads)/\(name).py"] + arguments)
}

/// Waits for something to become true, for at most ten seconds.
func eventually(_ isTrue: () throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if try isTrue() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return false
}

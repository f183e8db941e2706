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

/// Runs a program to its end.
func run(_ program: String, _ arguments: String...) throws -> (status: Int32, output: String) {
    try Running(program, arguments).finish()
}

/// Starts one of the Python workloads.
func workload(_ name: String, _ arguments: String...) throws -> Running {
    try Running("python3", ["\(Programs.workloads)/\(name).py"] + arguments)
}

/// Waits for something to become true, for at most `seconds`, but looks a hundred times in any case: other tests
/// may keep this one from running at all for longer than that.
func eventually(within seconds: Int = 10, _ isTrue: () throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var looks = 0
    while looks < 100 || ContinuousClock.now < deadline {
        if try isTrue() { return true }
        looks += 1
        try await Task.sleep(for: .milliseconds(20))
    }
    return false
}

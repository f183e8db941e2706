import Testing

/// A short run of the fuzzer that a person may let run for hours: see Tests/Workloads/lives.py.
@Suite struct LivesTests {
    @Test func `an app, a primary and a copy live through a random day`() throws {
        var delays = Delays()
        let scratch = try Scratch()
        let lives = try workload(
            "lives", Programs.fantail, scratch.path, "--seconds", "20", "--seed", "\(delays.number(1...999_999))")
        let (status, report) = lives.finish()
        #expect(status == 0, "\(report)")
    }
}

import Testing

@testable import fantail

/// Numbers as people read them.
@Suite struct ReadableTests {
    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")])
    func `a count has a comma every three digits`(count: Int, text: String) {
        #expect(Readable.count(count) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (132_400, "132 kB"), (1_290_000, "1.2 MB"), (10_960_000, "10.9 MB"),
        (5_600_000_000, "5.6 GB"), (2_000_000_000_000, "2.0 TB"),
    ])
    func `a size is said in the largest unit that fits`(count: Int64, text: String) {
        #expect(count.asByteCount == text)
    }

    @Test(arguments: [(0, "0.00 s"), (123, "0.12 s"), (9994, "9.99 s"), (9996, "10.0 s"), (99_960, "1:39")])
    func `a lag is as exact as it is short`(milliseconds: Int, text: String) {
        #expect(Readable.lag(.milliseconds(milliseconds)) == text)
    }

    @Test(arguments: [(7, "0:07"), (754, "12:34"), (3600, "1:00:00")])
    func `a span is a clock's`(seconds: Int, text: String) {
        #expect(Readable.clock(.seconds(seconds)) == text)
    }
}

import Testing
@testable import fantail

@Suite struct ProgressMeterTests {
    @Test func `it says how far, how fast and how long still`() {
        let meter = ProgressMeter(doneByteCount: 210_000_000, totalByteCount: 500_000_000, elapsed: .seconds(2))
        #expect(meter.text == "42%, 210 MB of 500 MB, 105 MB/s, 3s left")
        #expect(meter.bar.hasPrefix("[############..................] 42%"))
    }

    @Test(arguments: [(0, 0), (0, 100), (7, 3), (.max, .max), (1, .max)] as [(Int64, Int64)])
    func `no counts break it`(done: Int64, total: Int64) {
        for elapsed in [Duration.zero, .nanoseconds(1), .seconds(100_000)] {
            #expect(ProgressMeter(doneByteCount: done, totalByteCount: total, elapsed: elapsed).bar.contains("%"))
        }
    }

    @Test(arguments: [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (4_256_000, "4.2 MB"), (.max, "9223372 TB")] as [(Int64, String)])
    func `bytes are in the largest unit that fits`(count: Int64, text: String) {
        #expect(count.asByteCount == text)
    }
}

import Follower
import LTX
import ObjectStore
import Testing

@testable import fantail

/// What the demo draws of a snapshot.
@Suite struct DemoViewTests {
    private static let plain = TextLine.Style(hasColour: false, isUnicode: true)

    private static func snapshot() -> DemoSnapshot {
        func node(_ name: String, _ txid: UInt64, _ lag: Duration?) -> DemoSnapshot.Node {
            var requests = RequestCounter.Counts()
            requests.gets = 12_345
            return DemoSnapshot.Node(
                name: name, interval: "100ms", position: TXID(rawValue: txid), orderCount: 4321, lag: lag,
                pastLags: lag.map { [$0, .seconds(1)] } ?? [], state: .live, requests: requests, walByteCount: 132_000)
        }
        return DemoSnapshot(
            elapsed: .seconds(75), duration: .seconds(90), commitCount: 4321, commitsPerSecond: 31.4,
            log: LogMeter.Size(fileCount: 167, byteCount: 1_234_567), primary: node("primary", 0xa7, nil),
            copies: [node("copy-1", 0xa7, .zero), node("copy-2", 0xa5, .milliseconds(420))],
            directory: "/tmp/demo", isKept: true)
    }

    private static func screen(_ snapshot: DemoSnapshot, width: Int, _ style: TextLine.Style = plain) -> [String] {
        DemoView(snapshot: snapshot, style: style).screen(width: width)
    }

    @Test(arguments: [1, 20, 40, 60, 80, 100, 120, 200])
    func `no line is longer than the terminal is wide`(width: Int) {
        #expect(Self.screen(Self.snapshot(), width: width).allSatisfy { $0.count <= width })
    }

    @Test func `a wide terminal shows whole TXIDs, lags over time and every kind of request`() {
        let text = Self.screen(Self.snapshot(), width: 120).joined(separator: "\n")
        for part in ["00000000000000a5", "0.42 s", "▄█", "12,345", "132 kB", "167 files, 1.2 MB", "31/s", "1:15 of 1:30"] {
            #expect(text.contains(part), "\(part) is missing from\n\(text)")
        }
    }

    @Test func `a narrow terminal shows what matters most`() throws {
        let lines = Self.screen(Self.snapshot(), width: 50)
        let row = try #require(lines.first { $0.hasPrefix("copy-2") })
        for part in ["a5", "4,321", "0.42 s", "live"] { #expect(row.contains(part)) }
    }

    @Test func `columns stand under their titles`() throws {
        let lines = Self.screen(Self.snapshot(), width: 80)
        let header = try #require(lines.first { $0.hasPrefix("node") })
        let row = try #require(lines.first { $0.hasPrefix("copy-2") })
        #expect(header.count == row.count)
        let end = try #require(header.firstRange(of: "lag")).upperBound
        #expect(row.prefix(header.distance(from: header.startIndex, to: end)).hasSuffix("0.42 s"))
    }

    @Test func `there are escape codes only with colour`() {
        let colour = TextLine.Style(hasColour: true, isUnicode: true)
        #expect(!Self.screen(Self.snapshot(), width: 80).joined().contains("\u{1b}"))
        #expect(Self.screen(Self.snapshot(), width: 80, colour).joined().contains("\u{1b}[32mlive\u{1b}[0m"))
    }

    @Test func `a terminal without UTF-8 gets ASCII only`() {
        let text = Self.screen(Self.snapshot(), width: 120, .plain).joined()
        #expect(text.allSatisfy { $0.isASCII })
    }

    @Test func `what keeps a copy from its work is told`() {
        var snapshot = Self.snapshot()
        snapshot.copies[1].state = .stalled
        snapshot.copies[1].reason = "the disk is full"
        #expect(Self.screen(snapshot, width: 80).contains("copy-2 stalled: the disk is full"))
        #expect(DemoView(snapshot: snapshot, style: .plain).line.contains("copy-2 stalled: the disk is full"))
    }

    @Test func `what is not known yet is a dash`() {
        var snapshot = Self.snapshot()
        (snapshot.copies[0].position, snapshot.copies[0].orderCount, snapshot.copies[0].lag) = (nil, nil, nil)
        snapshot.copies[0].state = .cold
        let row = Self.screen(snapshot, width: 120).first { $0.hasPrefix("copy-1") }
        #expect(row?.contains("-                      -       -") == true, "\(row ?? "")")
        #expect(DemoView(snapshot: snapshot, style: .plain).line.contains("copy-1 - cold"))
    }

    @Test func `without a terminal a line tells it all`() {
        #expect(
            DemoView(snapshot: Self.snapshot(), style: .plain).line
                == "1:15 | 4,321 commits (31/s) | log 00000000000000a7 1.2 MB | copy-1 00000000000000a7 live 0.00 s"
                + " | copy-2 00000000000000a5 live 0.42 s")
    }

    @Test func `a follower is live until it lags more than the intervals explain`() {
        typealias State = DemoSnapshot.State
        #expect(State(.live, lag: .milliseconds(900), usualLag: .seconds(1)) == .live)
        #expect(State(.live, lag: .milliseconds(1100), usualLag: .seconds(1)) == .catchingUp)
        #expect(State(.stalled, lag: .zero, usualLag: .seconds(1)) == .stalled)
        #expect(State(nil, lag: nil, usualLag: .seconds(1)) == .cold)
    }
}

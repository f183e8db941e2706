import LTX
import ObjectStore
import Replica
import Testing

@Suite struct RestorePlanTests {
    @Test func `The newest snapshot comes first and then what follows it`() throws {
        #expect(
            try restore([(9, 1, 3), (9, 1, 7), (0, 7, 7), (0, 8, 8), (0, 9, 9)])
                == [(9, 1, 7), (0, 8, 8), (0, 9, 9)].map(file))
    }

    @Test func `Without a snapshot the log begins at TXID 1`() throws {
        #expect(try restore([(0, 1, 1), (0, 2, 2)]) == [(0, 1, 1), (0, 2, 2)].map(file))
    }

    @Test func `The file that goes furthest is taken, whatever its level`() throws {
        #expect(
            try restore([(0, 1, 1), (0, 2, 2), (0, 3, 3), (1, 2, 3), (2, 2, 6), (0, 7, 7)])
                == [(0, 1, 1), (2, 2, 6), (0, 7, 7)].map(file))
    }

    @Test func `A file may begin before the state that it continues`() throws {
        #expect(try restore([(9, 1, 4), (1, 3, 6)]) == [(9, 1, 4), (1, 3, 6)].map(file))
    }

    @Test func `Of files that go equally far the smallest is taken`() throws {
        let small = file((0, 4, 4))
        let large = LogFile(level: Level(rawValue: 1)!, name: name(2, 4), size: 500, modified: ObjectTime(rawValue: 0))
        let plan = try RestorePlan.restore(from: Catalogue([file((9, 1, 3)), large, small]), store: "test")
        #expect(plan.files == [file((9, 1, 3)), small])
        #expect(plan.byteCount == 200)
    }

    @Test func `What stands before a later file with the whole database is left out`() throws {
        #expect(try restore([(9, 1, 3), (2, 1, 8), (0, 9, 9)]) == [(2, 1, 8), (0, 9, 9)].map(file))
    }

    @Test func `A snapshot beyond the target is not used`() throws {
        #expect(try restore([(9, 1, 2), (9, 1, 5), (0, 3, 3)], to: 3) == [(9, 1, 2), (0, 3, 3)].map(file))
    }

    @Test func `An empty file is not there yet`() throws {
        let empty = LogFile(level: .captured, name: name(2, 2), size: 0, modified: ObjectTime(rawValue: 0))
        #expect(try RestorePlan.restore(from: Catalogue([file((9, 1, 1)), empty]), store: "test").end == txid(1))
    }

    @Test func `No file at all is an empty log`() {
        #expect(throws: ReplicaError.empty(store: "test")) { try restore([]) }
    }

    @Test func `Without a snapshot or TXID 1 there is nothing to begin with`() {
        #expect(throws: ReplicaError.noBase(first: txid(3))) { try restore([(0, 3, 3), (0, 4, 4)]) }
    }

    @Test func `A snapshot that does not begin at TXID 1 is none`() {
        #expect(throws: ReplicaError.noBase(first: txid(2))) { try restore([(9, 2, 3)]) }
    }

    @Test func `A gap is named`() {
        #expect(throws: ReplicaError.gap(missing: txid(4), head: txid(6))) {
            try restore([(9, 1, 3), (0, 5, 5), (0, 6, 6)])
        }
    }

    @Test func `A target beyond the log is named, and so is its end`() {
        #expect(throws: ReplicaError.targetAhead(txid(9), head: txid(3))) { try restore([(9, 1, 3)], to: 9) }
    }

    @Test func `A target inside a compacted file is named, and so is the nearest before it`() {
        #expect(throws: ReplicaError.targetCompacted(txid(5), nearest: txid(3))) {
            try restore([(9, 1, 3), (1, 4, 7)], to: 5)
        }
        #expect(throws: ReplicaError.targetCompacted(txid(2), nearest: nil)) { try restore([(9, 1, 3)], to: 2) }
    }

    @Test func `Catching up takes no snapshot`() throws {
        #expect(
            try catchUp(4, [(9, 1, 9), (1, 3, 6), (0, 7, 7), (0, 8, 8), (0, 9, 9)])
                == [(1, 3, 6), (0, 7, 7), (0, 8, 8), (0, 9, 9)].map(file))
    }

    @Test func `At the head there is nothing to catch up with`() throws {
        #expect(try catchUp(3, [(9, 1, 3)]) == [])
    }

    @Test func `A position that only a snapshot goes beyond cannot be bridged`() {
        #expect(throws: ReplicaError.unbridgeable(position: txid(4), head: txid(9))) {
            try catchUp(4, [(9, 1, 8), (0, 9, 9)])
        }
        #expect(ReplicaError.unbridgeable(position: txid(4), head: txid(9)).reaction == .rebase)
    }

    @Test func `A log that ends before the position is another one`() {
        #expect(throws: ReplicaError.logBehind(position: txid(4), head: txid(3))) { try catchUp(4, [(0, 3, 3)]) }
    }

    @Test func `In any catalogue a plan is found if there is one, and covers every TXID`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(state: seed)
        for round in 0..<5_000 {
            let files = (0..<Int.random(in: 0...14, using: &random)).map { _ in
                let min = UInt64.random(in: 1...12, using: &random)
                let max = Swift.min(min + UInt64.random(in: 0...4, using: &random), 12)
                let level = Int.random(in: 0...9, using: &random)
                return (level, level == 9 ? 1 : min, max)
            }
            let position = UInt64.random(in: 1...12, using: &random)
            let head = files.map(\.2).max() ?? 0
            let comment: Comment = "seed \(seed), round \(round): \(files), position \(position)"

            let restored = try? restore(files)
            #expect((restored != nil) == (head > 0 && reach(from: 0, files) == head), comment)
            if let restored { #expect(covers(restored, from: 0, to: head), comment) }

            let caughtUp = try? catchUp(position, files)
            let increments = files.filter { $0.1 != 1 }
            #expect((caughtUp != nil) == (head >= position && reach(from: position, increments) == head), comment)
            if let caughtUp { #expect(covers(caughtUp, from: position, to: head), comment) }
        }
    }

    typealias Sketch = (level: Int, min: UInt64, max: UInt64)

    private func restore(_ files: [Sketch], to target: UInt64? = nil) throws(ReplicaError) -> [LogFile] {
        try RestorePlan.restore(from: Catalogue(files.map(file)), to: target.map(txid), store: "test").files
    }

    private func catchUp(_ position: UInt64, _ files: [Sketch]) throws(ReplicaError) -> [LogFile] {
        try RestorePlan.catchUp(from: txid(position), in: Catalogue(files.map(file)), store: "test").files
    }

    private func file(_ sketch: Sketch) -> LogFile {
        LogFile(
            level: Level(rawValue: sketch.level)!, name: name(sketch.min, sketch.max), size: 100,
            modified: ObjectTime(rawValue: 0))
    }

    private func name(_ min: UInt64, _ max: UInt64) -> LTXFileName {
        LTXFileName(minTXID: txid(min), maxTXID: txid(max))
    }

    /// How far files lead, by trying until nothing changes.
    private func reach(from position: UInt64, _ files: [Sketch]) -> UInt64 {
        var reached = position
        while let next = files.first(where: { $0.min <= reached + 1 && $0.max > reached }) { reached = next.max }
        return reached
    }

    private func covers(_ files: [LogFile], from position: UInt64, to head: UInt64) -> Bool {
        var reached = position
        for file in files {
            guard file.name.minTXID.rawValue <= reached + 1, file.name.maxTXID.rawValue > reached else { return false }
            reached = file.name.maxTXID.rawValue
        }
        return reached == head
    }
}

/// Random numbers that a seed repeats.
///
/// Source: https://prng.di.unimi.it/splitmix64.c
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

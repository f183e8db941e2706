import LTX
@testable import Primary
import Testing

@Suite struct StartPlanTests {
    private let own = Epoch(rawValue: 100)!
    private let sum = Checksum(rawValue: 7)

    private func state(_ txid: UInt64) -> PrimaryState {
        PrimaryState(
            url: "file:///log", epoch: 100, txid: txid, checksum: sum.rawValue, pageSize: 4096, pageCount: 3, wal: nil)
    }

    private func head(_ txid: UInt64, epoch: UInt64 = 100, after: Checksum? = nil) -> StartPlan.Head {
        StartPlan.Head(
            txid: TXID(rawValue: txid)!,
            stamp: LTXStamp(epoch: Epoch(rawValue: epoch)!, before: nil, after: after ?? sum),
            pageSize: PageSize(4096)!)
    }

    private func decide(_ state: PrimaryState?, _ head: StartPlan.Head?, pending: Bool = false) -> StartPlan {
        StartPlan.decide(state: state, head: head, hasPending: pending, secondsSince1970: 500)
    }

    @Test func `an empty log begins with a full image in an epoch of now`() {
        #expect(decide(nil, nil) == .image(after: nil, epoch: Epoch(rawValue: 500)!))
    }

    @Test func `a log that ends where the state says is gone on with`() {
        #expect(decide(state(5), head(5)) == .resume)
    }

    @Test func `a file that may not have been shipped is shipped first`() {
        #expect(decide(state(5), head(4), pending: true) == .resumeWithPending(TXID(rawValue: 5)!))
        #expect(decide(state(5), head(5), pending: true) == .resumeWithPending(TXID(rawValue: 5)!))
    }

    @Test func `a log without a state is taken over with a full image in a later epoch`() {
        #expect(decide(nil, head(9, epoch: 800)) == .image(after: TXID(rawValue: 9)!, epoch: Epoch(rawValue: 801)!))
    }

    @Test func `a log that a later epoch has gone on with is left alone`() {
        #expect(decide(state(5), head(6, epoch: 101)) == .refuse(TXID(rawValue: 6)!, Epoch(rawValue: 101)!))
    }

    @Test func `a log that lost its end gets a full image`() {
        #expect(decide(state(5), head(3)) == .image(after: TXID(rawValue: 3)!, epoch: Epoch(rawValue: 500)!))
        #expect(decide(state(5), nil) == .image(after: nil, epoch: Epoch(rawValue: 500)!))
    }

    @Test func `a log that lost its beginning gets a full image behind its end`() {
        var head = head(5)
        head.isRestorable = false
        let image = StartPlan.image(after: TXID(rawValue: 5)!, epoch: Epoch(rawValue: 500)!)
        #expect(decide(state(5), head) == image)
        #expect(decide(state(6), head, pending: true) == image)
        #expect(decide(nil, head) == image)
    }

    @Test func `a head with another checksum is not built upon`() {
        #expect(decide(state(5), head(5, after: Checksum(rawValue: 8)))
            == .image(after: TXID(rawValue: 5)!, epoch: Epoch(rawValue: 500)!))
    }
}

@Suite struct PacerTests {
    @Test func `the first change ships at once, the next after the interval`() {
        let start = ContinuousClock.now
        var pacer = Pacer(interval: .seconds(1))
        #expect(pacer.decide(at: start, isDirty: true, isShipping: false, isHurried: false) == .seal)
        pacer.sealed(at: start)
        let soon = start + .milliseconds(10)
        #expect(pacer.decide(at: soon, isDirty: true, isShipping: false, isHurried: false) == .wait(until: start + .seconds(1)))
        #expect(pacer.decide(at: start + .seconds(1), isDirty: true, isShipping: false, isHurried: false) == .seal)
    }

    @Test func `nothing is sealed while a file is on its way or nothing changed`() {
        let pacer = Pacer(interval: .seconds(1))
        #expect(pacer.decide(at: .now, isDirty: true, isShipping: true, isHurried: true) == .idle)
        #expect(pacer.decide(at: .now, isDirty: false, isShipping: false, isHurried: true) == .idle)
    }

    @Test func `a drain does not wait for the interval`() {
        var pacer = Pacer(interval: .seconds(60))
        pacer.sealed(at: .now)
        #expect(pacer.decide(at: .now, isDirty: true, isShipping: false, isHurried: true) == .seal)
    }
}

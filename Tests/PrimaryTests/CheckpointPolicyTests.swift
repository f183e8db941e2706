import Testing

@testable import Primary

@Suite struct CheckpointPolicyTests {
    /// A policy that saw the WAL grow to `frameCount`, so many frames a look.
    private static func policy(at frameCount: UInt32, growth: UInt32) -> CheckpointPolicy {
        var policy = CheckpointPolicy()
        for look in stride(from: frameCount % growth, through: frameCount, by: Int(growth)) { policy.looked(frameCount: look) }
        return policy
    }

    @Test func `an app that is not in a hurry is checkpointed before SQLite would do it`() {
        #expect(!Self.policy(at: 799, growth: 5).isDue(at: .now))
        #expect(Self.policy(at: 800, growth: 5).isDue(at: .now))
    }

    @Test func `an app that writes flat out is checkpointed seldom`() {
        #expect(!Self.policy(at: 1000, growth: 200).isDue(at: .now))
        #expect(!Self.policy(at: 1999, growth: 200).isDue(at: .now))
        #expect(Self.policy(at: 2000, growth: 200).isDue(at: .now))
    }

    @Test func `one slow commit does not make a writer slow, a pause does`() {
        var policy = Self.policy(at: 1200, growth: 200)
        policy.looked(frameCount: 1200)
        #expect(!policy.isDue(at: .now))
        for _ in 0..<5 { policy.looked(frameCount: 1200) }
        #expect(policy.isDue(at: .now))
    }

    @Test func `a reader in the way makes the pauses longer, up to a second, and success ends them`() {
        var policy = Self.policy(at: 5000, growth: 100)
        var now = ContinuousClock.now
        for _ in 0..<20 {
            policy.finished(.blocked, at: now)
            #expect(!policy.isDue(at: now))
            #expect(policy.isDue(at: now + .seconds(1)))
            now += .seconds(1)
        }
        policy.finished(.complete, at: now)
        #expect(policy.isDue(at: now))
    }
}

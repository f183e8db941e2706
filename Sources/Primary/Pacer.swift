/// When to seal what has changed into the next LTX file.
///
/// The first change after a pause ships at once; under load files follow each other at the sync interval,
/// which bounds the number of PUTs. While a file is on its way the next one only grows, so that a store that
/// is away costs one file when it is back and the disk never holds more than two.
struct Pacer {
    let interval: Duration
    private var lastSeal: ContinuousClock.Instant?

    init(interval: Duration) { self.interval = interval }

    /// What to do about unsealed changes.
    enum Decision: Equatable {
        case seal
        case wait(until: ContinuousClock.Instant)
        /// Nothing to do until something else happens: a change, or the file on its way arriving.
        case idle
    }

    /// `isHurried`: shutting down or asked to flush, so the interval does not count.
    func decide(at now: ContinuousClock.Instant, isDirty: Bool, isShipping: Bool, isHurried: Bool) -> Decision {
        guard isDirty, !isShipping else { return .idle }
        guard let lastSeal, !isHurried, now < lastSeal + interval else { return .seal }
        return .wait(until: lastSeal + interval)
    }

    mutating func sealed(at now: ContinuousClock.Instant) { lastSeal = now }
}

import Logging
import Replica
import SQLite

/// The capturing thread: looks at the WAL, checkpoints it when due, seals what changed when the pacer says so.
struct CaptureLoop {
    let capture: Capture
    let watch: WALWatch
    let mailbox: Mailbox
    let ship: (Batch) -> Void
    let logger: Logger
    private var pacer: Pacer
    private var checkpoints = CheckpointPolicy()
    private var lastChange: ContinuousClock.Instant
    /// Until when a write that was noticed may still become a commit.
    private var commitExpectedUntil: ContinuousClock.Instant
    private var lastIdentityCheck: ContinuousClock.Instant
    private var drain = Drain.no
    /// What has to end before anything is sealed.
    private var scan: DatabaseScan?
    private var lastProgress: ContinuousClock.Instant

    /// How far a drain has come. It ends even if the app never pauses: what is committed later is the next
    /// run's.
    private enum Drain {
        case no
        /// Everything that was committed when the drain began has been seen.
        case seen
        /// And it is sealed.
        case sealed
    }

    /// While the app writes, how long to sleep between looks. Waking at every write would cost the app more
    /// than it brings anybody.
    private static let busyPause = Duration.milliseconds(2)
    /// How long without a change until the loop goes to sleep on inotify.
    private static let quietAfter = Duration.milliseconds(20)
    /// A commit writes its frames, perhaps syncs them, and only then shows in the WAL-index, which no event
    /// tells of. So after a write the loop stays awake this long, unless it sees the commit before.
    private static let commitPatience = Duration.seconds(1)
    /// A look without any event, in case one was lost, and at whether the file is still the same.
    private static let safetyInterval = Duration.seconds(5)

    init(
        _ capture: Capture, _ scan: DatabaseScan?, _ watch: WALWatch, _ mailbox: Mailbox, syncInterval: Duration, _ logger: Logger,
        ship: @escaping (Batch) -> Void
    ) {
        self.capture = capture
        self.scan = scan
        self.watch = watch
        self.mailbox = mailbox
        self.ship = ship
        self.logger = logger
        pacer = Pacer(interval: syncInterval)
        lastChange = .now
        commitExpectedUntil = .now
        lastIdentityCheck = .now
        lastProgress = .now
    }

    /// Runs until everything is shipped after `drain`, or until capture or shipping fails.
    mutating func run() throws(PrimaryError) {
        while true {
            let view = mailbox.view
            if let failure = view.failure { throw failure }
            let now = ContinuousClock.now
            let look = try capture.look(isQuiet: now - lastChange >= Self.quietAfter)
            if look != .unchanged {
                lastChange = now
                commitExpectedUntil = now
            }
            // A stat a second is cheap enough while something happens; when nothing does, it comes before sleep.
            if now - lastIdentityCheck >= .seconds(1) {
                lastIdentityCheck = now
                try capture.checkFiles()
            }
            checkpoints.looked(frameCount: capture.frameCount)
            if !capture.isCheckpointed, checkpoints.isDue(at: now) {
                checkpoints.finished(try capture.checkpoint(), at: .now)
            }
            if scan != nil {
                try advanceScan(now)
                continue
            }
            if view.isDraining, look != .contended, drain == .no { drain = .seen }
            if drain == .sealed || drain == .seen && !capture.isDirty, !view.isShipping { return }
            let decision = pacer.decide(
                at: now, isDirty: capture.isDirty, isShipping: view.isShipping, isHurried: view.isDraining)
            if decision == .seal {
                try seal()
                if drain == .seen { drain = .sealed }
            }
            try sleep(decision, now)
        }
    }

    /// Reads on in the database, and at its end hands over what came of it.
    private mutating func advanceScan(_ now: ContinuousClock.Instant) throws(PrimaryError) {
        guard var current = scan else { return }
        let hasEnded = try current.step(capture)
        scan = hasEnded ? nil : current
        if now - lastProgress >= Self.progressInterval {
            lastProgress = now
            logger.info(
                "reading the database", metadata: ["pages.done": "\(current.next - 1)", "db.pages": "\(capture.pageCount)"])
        }
        guard hasEnded else { return }
        switch current.purpose {
        case .image(let image):
            ship(.pages(try capture.seal(into: mailbox.takeSpare(), image: image)))
            pacer.sealed(at: .now)
        case .difference:
            logger.notice("compared the whole database with the log", metadata: ["pages.changed": "\(current.changedCount)"])
        }
    }

    /// Time between two lines on a scan that takes long.
    private static let progressInterval = Duration.seconds(5)

    private mutating func seal() throws(PrimaryError) {
        ship(.pages(try capture.seal(into: mailbox.takeSpare())))
        pacer.sealed(at: .now)
    }

    private mutating func sleep(_ decision: Pacer.Decision, _ now: ContinuousClock.Instant) throws(PrimaryError) {
        if now - lastChange < Self.quietAfter || now < commitExpectedUntil {
            watch.wait(for: Self.busyPause, armed: false)
            return
        }
        watch.arm()
        // Whatever came between the last look and the watch would otherwise wait for the safety timer.
        if try capture.look(isQuiet: true) != .unchanged {
            lastChange = now
            return
        }
        if try capture.isInTheWay() {
            watch.wait(for: Self.busyPause, armed: false)
            return
        }
        // The new file under an old name raises no event: the watch is for the files that are there now.
        try capture.checkFiles()
        var limit = Self.safetyInterval
        if case .wait(let until) = decision { limit = min(limit, until - now) }
        if let next = checkpoints.nextTry { limit = min(limit, next - now) }
        if watch.wait(for: max(limit, .zero), armed: true) { commitExpectedUntil = .now + Self.commitPatience }
    }
}

/// What the capturing thread hands over for shipping.
enum Batch: Sendable {
    /// Pages to be written to an LTX file first.
    case pages(SealedPages)
    /// A file that is on the disk already, which an earlier run could not ship.
    case file(LocalFile)

    /// The stage, emptied, once its pages are in the store.
    func cleared() throws(PrimaryError) -> PageStage? {
        guard case .pages(let sealed) = self else { return nil }
        try translating { try sealed.stage.clear() }
        return sealed.stage
    }
}

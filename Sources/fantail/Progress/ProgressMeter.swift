/// How far a long work is, in words. Pure: the time that it takes is given.
struct ProgressMeter {
    let doneByteCount: Int64
    let totalByteCount: Int64
    let elapsed: Duration

    /// Between 0 and 1.
    private var fraction: Double {
        totalByteCount > 0 ? min(max(Double(doneByteCount) / Double(totalByteCount), 0), 1) : 0
    }

    private var bytesPerSecond: Double { elapsed > .zero ? Double(doneByteCount) / (elapsed / .seconds(1)) : 0 }

    /// `42%, 210 MB of 503 MB, 95 MB/s, 3s left`
    var text: String {
        var parts = ["\(Int(fraction * 100))%", "\(doneByteCount.asByteCount) of \(totalByteCount.asByteCount)"]
        guard bytesPerSecond >= 1 else { return parts.joined(separator: ", ") }
        parts.append("\(Int64(min(bytesPerSecond, 1e18)).asByteCount)/s")
        let secondsLeft = Double(max(totalByteCount - doneByteCount, 0)) / bytesPerSecond
        // A year and more says nothing.
        if secondsLeft < 31_536_000 { parts.append("\(Duration.seconds(secondsLeft.rounded(.up)).asAge) left") }
        return parts.joined(separator: ", ")
    }

    /// The text behind a bar of 30 characters.
    var bar: String {
        let filled = Int(fraction * 30)
        return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled) + "] " + text
    }
}

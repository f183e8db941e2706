/// Numbers and columns as people read them.
extension String {
    /// With spaces behind, up to `width`.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 0)) }

    /// With spaces in front, up to `width`.
    func aligned(to width: Int) -> String { String(repeating: " ", count: max(width - count, 0)) + self }
}

extension Int64 {
    /// A count of bytes in the largest unit that fits: `812 B`, `4.2 MB`.
    var asByteCount: String {
        var value = Double(self)
        var unit = "B"
        for next in ["kB", "MB", "GB", "TB"] where value >= 1000 { (value, unit) = (value / 1000, next) }
        guard unit != "B", value < 100 else { return "\(Int64(value)) \(unit)" }
        let tenths = Int64(value * 10)
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }
}

extension Duration {
    /// The largest unit that fits: `12s`, `5m`, `3h`, `2d`.
    var asAge: String {
        let seconds = components.seconds
        return switch seconds {
        case ..<120: "\(seconds)s"
        case ..<7200: "\(seconds / 60)m"
        case ..<172_800: "\(seconds / 3600)h"
        default: "\(seconds / 86400)d"
        }
    }
}

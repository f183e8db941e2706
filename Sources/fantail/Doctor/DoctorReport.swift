import FoundationEssentials

/// All checks of one `fantail doctor`, for people or for programs; its properties are the keys of the JSON.
struct DoctorReport: Encodable {
    let checks: [Check]
    let warnings: Int
    let failures: Int

    init(_ checks: [Check]) {
        self.checks = checks
        warnings = checks.count { $0.verdict == .warning }
        failures = checks.count { $0.verdict == .failure }
    }

    /// A line a check, what to do about it under it, and a line that sums up.
    func text(colored: Bool) -> String {
        let width = checks.map(\.name.count).max() ?? 0
        var lines: [String] = []
        for check in checks {
            let verdict = check.verdict.rawValue.padded(to: Self.verdictWidth)
            let painted = colored ? "\u{1B}[\(check.verdict.color)m\(verdict)\u{1B}[0m" : verdict
            lines.append("\(painted)  \(check.name.padded(to: width))  \(check.detail)")
            guard let remedy = check.remedy else { continue }
            lines.append(String(repeating: " ", count: Self.verdictWidth + 2 + width + 2) + "→ " + remedy)
        }
        lines.append("\(checks.count) checks: \(Self.count(failures, "failure")), \(Self.count(warnings, "warning"))")
        return lines.joined(separator: "\n")
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// As long as the longest, "failure" and "warning".
    private static let verdictWidth = 7

    private static func count(_ count: Int, _ noun: String) -> String {
        "\(count == 0 ? "no" : String(count)) \(noun)\(count == 1 ? "" : "s")"
    }
}

extension Check.Verdict {
    /// The number of a terminal's color: green, yellow, red.
    fileprivate var color: Int {
        switch self {
        case .ok: 32
        case .warning: 33
        case .failure: 31
        }
    }
}

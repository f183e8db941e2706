import ArgumentParser

/// A span of time as people write it: `250ms`, `1s`, `5m`, `1h`.
struct DurationArgument: CustomStringConvertible, Sendable {
    let duration: Duration
    let description: String

    private static let units: [(suffix: String, unit: Duration)] = [
        ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)),
    ]
    /// A week. Longer is a slip of the keyboard.
    private static let longest = Duration.seconds(7 * 24 * 3600)

    /// Nil for anything but a number above zero with a unit, up to a week.
    init?(argument: String) {
        guard let (suffix, unit) = Self.units.first(where: { argument.hasSuffix($0.suffix) }),
            let number = Double(argument.dropLast(suffix.count)), number > 0, number.isFinite,
            number * (unit / .seconds(1)) <= Self.longest / .seconds(1)
        else { return nil }
        duration = unit * number
        description = argument
    }

    /// As `init`, for options: refuses in words that say what is accepted.
    static func parse(_ argument: String) throws -> DurationArgument {
        guard let value = DurationArgument(argument: argument) else {
            throw ValidationError("give a time with its unit, such as 250ms, 1s, 5m or 1h, above zero and up to a week")
        }
        return value
    }
}

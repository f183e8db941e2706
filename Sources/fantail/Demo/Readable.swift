/// Numbers as people read them.
enum Readable {
    /// `1,234,567`.
    static func count(_ number: some BinaryInteger) -> String {
        let digits = String(number)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0, digits[digits.startIndex] != "-" || index > 1 { result += "," }
            result.append(digit)
        }
        return result
    }

    /// `0.12 s`, `12.3 s`, `3:05`.
    static func lag(_ lag: Duration) -> String {
        let seconds = lag / .seconds(1)
        return seconds < 9.995 ? "\(decimal(seconds, 2)) s" : seconds < 99.95 ? "\(decimal(seconds, 1)) s" : clock(lag)
    }

    /// `0:07`, `12:34`, `1:00:00`.
    static func clock(_ span: Duration) -> String {
        let seconds = span.components.seconds
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = seconds / 60
        return minutes < 60
            ? "\(minutes):\(two(seconds % 60))" : "\(minutes / 60):\(two(minutes % 60)):\(two(seconds % 60))"
    }

    /// A number that is not negative, with so many digits after the point.
    static func decimal(_ value: Double, _ digitCount: Int) -> String {
        let factor = digitCount == 0 ? 1 : digitCount == 1 ? 10 : 100
        let scaled = Int64((value * Double(factor)).rounded())
        guard digitCount > 0 else { return count(scaled) }
        let fraction = String(scaled % Int64(factor))
        return "\(count(scaled / Int64(factor)))." + String(repeating: "0", count: digitCount - fraction.count) + fraction
    }
}

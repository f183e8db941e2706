/// One thing that `fantail doctor` looked at.
struct Check: Hashable, Encodable {
    /// How it looks.
    enum Verdict: String, Hashable, Encodable {
        case ok, warning, failure
    }

    /// What was looked at, in a word or two.
    let name: String
    let verdict: Verdict
    /// What was found.
    let detail: String
    /// What to do about it, or what is good to know.
    let remedy: String?

    static func ok(_ name: String, _ detail: String, _ remedy: String? = nil) -> Check {
        Check(name: name, verdict: .ok, detail: detail, remedy: remedy)
    }

    static func warning(_ name: String, _ detail: String, _ remedy: String) -> Check {
        Check(name: name, verdict: .warning, detail: detail, remedy: remedy)
    }

    static func failure(_ name: String, _ detail: String, _ remedy: String? = nil) -> Check {
        Check(name: name, verdict: .failure, detail: detail, remedy: remedy)
    }
}

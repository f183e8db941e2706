import Foundation
import Testing
@testable import fantail

@Suite struct DoctorReportTests {
    private let report = DoctorReport([
        .ok("one", "is there"), .warning("second", "is odd", "look at it"), .failure("third", "is gone"),
    ])

    @Test func `a check is a line, and what to do stands below its detail`() {
        #expect(report.text(colored: false) == """
            ok       one     is there
            warning  second  is odd
                             → look at it
            failure  third   is gone
            3 checks: 1 failure, 1 warning
            """)
    }

    @Test func `colors are on the verdict only`() {
        #expect(report.text(colored: true).hasPrefix("\u{1B}[32mok     \u{1B}[0m  one "))
    }

    @Test func `colors need a terminal that did not say no`() {
        #expect(Terminal.wantsColor(isTerminal: true, environment: [:]))
        #expect(Terminal.wantsColor(isTerminal: true, environment: ["NO_COLOR": ""]))
        #expect(!Terminal.wantsColor(isTerminal: true, environment: ["NO_COLOR": "1"]))
        #expect(!Terminal.wantsColor(isTerminal: true, environment: ["TERM": "dumb"]))
        #expect(!Terminal.wantsColor(isTerminal: false, environment: [:]))
    }

    @Test func `the JSON counts what is wrong`() throws {
        let read = try #require(JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any])
        #expect(read["failures"] as? Int == 1 && read["warnings"] as? Int == 1)
        #expect((read["checks"] as? [[String: Any]])?.last?["verdict"] as? String == "failure")
    }
}

import Foundation
import Testing

/// What no compiler checks: who may import whom, that doors are documented, that files stay small.
@Suite struct TidyTests {
    /// The rooms that each room may import, as Package.swift and the README say.
    private static let law: [String: Set<String>] = [
        "Files": [],
        "LTX": ["CLZ4"],
        "SQLite": ["CSQLite"],
        "ObjectStore": ["CCurl", "CCrypto", "Files"],
        "Replica": ["LTX", "ObjectStore", "Files"],
        "Primary": ["SQLite", "Replica", "LTX", "ObjectStore", "Files"],
        "Follower": ["SQLite", "Replica", "LTX", "ObjectStore", "Files"],
        "fantail": [
            "CSQLite", "CCurl", "CCrypto", "CLZ4", "Files", "LTX", "SQLite", "ObjectStore", "Replica", "Primary",
            "Follower",
        ],
    ]
    private static let systemLibraries: Set<String> = ["CSQLite", "CCurl", "CCrypto", "CLZ4"]

    @Test func `every room is under the law`() throws {
        let rooms = try FileManager.default.contentsOfDirectory(atPath: Source.root + "/Sources")
            .filter { !$0.hasPrefix(".") }
        #expect(Set(rooms) == Set(Self.law.keys).union(Self.systemLibraries))
    }

    @Test(arguments: law.keys.sorted())
    func `a room imports only the rooms below it`(room: String) throws {
        let rooms = Set(Self.law.keys).union(Self.systemLibraries)
        for file in try Source.files(under: "Sources/\(room)") {
            for line in file.lines where line.contains("import ") && !line.contains("//") {
                guard let imported = line.wholeMatch(of: /(?:(?:package|public|@testable) )?import (\w+)/)?.1 else { continue }
                let name = String(imported)
                #expect(
                    !rooms.contains(name) || Self.law[room]!.contains(name), "\(file.path) imports \(name)")
            }
        }
    }

    @Test func `every door between rooms is documented`() throws {
        let door = /\s*(?:@\w+ )*(?:package|public) (?!import|extension|internal|private).*/
        for file in try Source.files(under: "Sources") {
            for (index, line) in file.lines.enumerated() where line.wholeMatch(of: door) != nil {
                // What a protocol or the language asks for is documented there.
                if line.contains("override") || line.wholeMatch(of: Self.conformance) != nil { continue }
                let above = file.lines[..<index].last { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("@") } ?? ""
                #expect(
                    above.trimmingCharacters(in: .whitespaces).hasPrefix("///"),
                    "\(file.path):\(index + 1) has no documentation: \(line)")
            }
        }
    }

    private static var conformance: Regex<Substring> { /.*(?:static func [<=]+ ?\(|rawValue: |var description: |init\?\(argument).*/ }

    @Test func `a file holds one idea, so it is not long`() throws {
        for file in try Source.files(under: "Sources") + Source.files(under: "Tests") {
            #expect(file.lines.count <= 400, "\(file.path) has \(file.lines.count) lines")
        }
    }

    @Test func `nothing is left for later and nothing traps by mistake`() throws {
        // Spelled in halves, so that this file does not find itself.
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "try" + "!", "as" + "! ", "fatal" + "Error("]
        for file in try Source.files(under: "Sources") + Source.files(under: "Tests") {
            for (index, line) in file.lines.enumerated() {
                for word in words where line.contains(word) {
                    Issue.record("\(file.path):\(index + 1) says \(word): \(line)")
                }
            }
        }
    }

    @Test func `the top level has what it shall have and nothing else`() throws {
        let known: Set<String> = [
            "Package.swift", "Package.resolved", "Sources", "Tests", "Deploy", "Benchmarks", "README.md", "LICENSE",
        ]
        let found = try FileManager.default.contentsOfDirectory(atPath: Source.root).filter { !$0.hasPrefix(".") }
        #expect(Set(found).subtracting(known).isEmpty)
    }
}

/// The package's own source files.
private struct Source {
    let path: String
    let lines: [String]

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static func files(under directory: String) throws -> [Source] {
        guard let names = FileManager.default.enumerator(atPath: "\(root)/\(directory)") else { return [] }
        return try names.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            let path = "\(directory)/\(name)"
            let text = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
            return Source(path: path, lines: text.components(separatedBy: "\n"))
        }
    }
}

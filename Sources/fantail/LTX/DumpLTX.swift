import ArgumentParser
import Files
import LTX
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `fantail ltx dump`: what is in one file, however damaged.
struct DumpLTX: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Show one LTX file: header, pages, index, checks.",
        discussion: """
            Shows as much as can be read, and every rule that the file breaks with the offset where it does. Exits \
            with 2 if there is one. The file may hold anything.

            EXAMPLES:
              fantail ltx dump 0000000000000001-0000000000000001.ltx
              fantail ltx dump broken.ltx --pages
              curl -s https://example.com/x.ltx | fantail ltx dump - --json
            """)

    @Argument(help: "A file, or - for standard input.")
    var file: String

    @Flag(help: "List all pages, not only the first 20.")
    var pages = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let limit = pages ? Int.max : 20
        let inspection =
            if file == "-" {
                try LTXInspector(pageLimit: limit, read: Self.readStandardInput).run()
            } else {
                try Self.inspect(file, limit)
            }
        let name = file.split(separator: "/").last.flatMap { LTXFileName(parsing: $0) }
        let dump = LTXDump(path: file, name: name, inspection)
        print(json ? try dump.json() : dump.text)
        if !dump.problems.isEmpty { throw ExitCode(2) }
    }

    private static func inspect(_ path: String, _ limit: Int) throws -> LTXInspection {
        let opened = try File(path, .read)
        // The inspector's closure must escape, and a file that is not copied cannot be captured by one: a box.
        let reader = FileReader(opened)
        return try LTXInspector(pageLimit: limit, read: reader.next).run()
    }

    private static func readStandardInput(_ byteCount: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count >= 0 { return Array(bytes.prefix(count)) }
            guard errno == EINTR else { throw FileError.system(operation: .read, path: "standard input", code: errno) }
        }
    }
}

/// Reads a file piece by piece.
private final class FileReader {
    private let file: File
    private var offset: Int64 = 0

    init(_ file: consuming File) { self.file = file }

    func next(_ byteCount: Int) throws -> [UInt8] {
        let bytes = try file.read(upTo: byteCount, at: offset)
        offset += Int64(bytes.count)
        return bytes
    }
}

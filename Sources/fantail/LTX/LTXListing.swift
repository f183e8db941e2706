import FoundationEssentials
import LTX
import ObjectStore
import Replica

/// The files of a log with what their headers and indexes tell, for people or for programs.
struct LTXListing {
    /// One file.
    struct Row {
        let file: LogFile
        /// What could be read of it, or why it could not.
        let summary: Result<LogFileSummary, ReplicaError>

        static func load(_ replica: Replica, _ file: LogFile) async -> Row {
            do throws(ReplicaError) {
                return Row(file: file, summary: .success(try await replica.summarize(file)))
            } catch {
                return Row(file: file, summary: .failure(error))
            }
        }

        var pageCount: Int? { (try? summary.get())?.pageCount }

        var problem: String? { if case .failure(let error) = summary { "\(error)" } else { nil } }

        /// When the last of its TXIDs was captured; of a file that cannot be read, when it was stored.
        var milliseconds: Int64 { (try? summary.get())?.header.timestampMilliseconds ?? file.modified.rawValue }
    }

    var rows: [Row] = []

    /// Reads the ends of all files, some at a time.
    static func load(_ replica: Replica, _ files: [LogFile]) async -> LTXListing {
        let rows = await withTaskGroup(of: [(Int, Row)].self) { group in
            for first in 0..<min(concurrency, files.count) {
                group.addTask {
                    var done: [(Int, Row)] = []
                    for index in stride(from: first, to: files.count, by: concurrency) {
                        done.append((index, await Row.load(replica, files[index])))
                    }
                    return done
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        return LTXListing(rows: rows.sorted { $0.0 < $1.0 }.map(\.1))
    }

    /// Enough to hide a store's round trip, few enough for its limits and for our memory.
    private static let concurrency = 16

    // MARK: - For people

    /// A line a file under a line of headings, and a line that adds up. `now`: in milliseconds since 1970.
    func text(now: Int64) -> String {
        let header = ["level", "min txid", "max txid", "pages", "bytes", "age"]
        let cells = [header] + rows.map { row in
            [
                "\(row.file.level.rawValue)", "\(row.file.name.minTXID)", "\(row.file.name.maxTXID)",
                row.pageCount.map(String.init) ?? "?", "\(row.file.size)", Self.age(now, row.milliseconds),
            ]
        }
        let widths = header.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        var lines = cells.map { line in
            line.indices.map { column in
                (3...4).contains(column) ? line[column].aligned(to: widths[column]) : line[column].padded(to: widths[column])
            }.joined(separator: "  ").trimmedAtEnd
        }
        lines.append(totals)
        return lines.joined(separator: "\n")
    }

    private static func age(_ now: Int64, _ then: Int64) -> String {
        // A header may say anything: no overflow.
        let (age, overflow) = now.subtractingReportingOverflow(then)
        return overflow ? "?" : Duration.milliseconds(max(age, 0)).asAge
    }

    private var totals: String {
        let pages = rows.reduce(0) { $0 + ($1.pageCount ?? 0) }
        let bytes = rows.reduce(Int64(0)) { $0 &+ $1.file.size }
        let unknown = rows.count { $0.pageCount == nil }
        return "\(rows.count) file\(rows.count == 1 ? "" : "s"), \(pages) page\(pages == 1 ? "" : "s"), \(bytes) bytes"
            + (unknown == 0 ? "" : ", \(unknown) that cannot be read")
    }

    /// What is wrong, a line each.
    var problems: [String] { rows.compactMap(\.problem) }

    // MARK: - For programs

    private struct JSONRow: Encodable {
        let level: Int
        let minTXID: String
        let maxTXID: String
        /// Null if the file cannot be read; then `problem` says why.
        let pages: Int?
        let size: Int64
        /// When it was stored.
        let modified: Date
        /// When the last of its TXIDs was captured.
        let captured: Date?
        /// Who wrote it; null for Litestream.
        let epoch: String?
        let problem: String?
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let encodable = rows.map { row in
            let summary = try? row.summary.get()
            return JSONRow(
                level: row.file.level.rawValue, minTXID: "\(row.file.name.minTXID)", maxTXID: "\(row.file.name.maxTXID)",
                pages: summary?.pageCount, size: row.file.size,
                modified: Date(timeIntervalSince1970: Double(row.file.modified.rawValue) / 1000),
                captured: summary.map { Date(timeIntervalSince1970: Double($0.header.timestampMilliseconds) / 1000) },
                epoch: summary?.header.stamp.map { "\($0.epoch)" }, problem: row.problem)
        }
        return String(decoding: try encoder.encode(encodable), as: UTF8.self)
    }
}

extension String {
    fileprivate var trimmedAtEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}

import FoundationEssentials
import LTX

/// What `fantail ltx dump` says of a file, for people or for programs.
struct LTXDump {
    let path: String
    /// The name by which the log knows the file; nil if that is no name of a log's file.
    let name: LTXFileName?
    let inspection: LTXInspection

    init(path: String, name: LTXFileName?, _ inspection: LTXInspection) {
        self.path = path
        self.name = name
        self.inspection = inspection
    }

    /// A rule that the file breaks, and where.
    struct Problem: Hashable, Encodable {
        /// In bytes from the file's start.
        let offset: Int64
        let rule: String
    }

    var problems: [Problem] {
        var problems = inspection.findings.map { finding in
            Problem(offset: finding.offset, rule: finding.error.description + (finding.detail.map { ": \($0)" } ?? ""))
        }
        if let name, let header = inspection.header, header.name != name {
            problems.insert(Problem(offset: 16, rule: "the header says \(header.name), the file's name \(name)"), at: 0)
        }
        return problems
    }

    // MARK: - For people

    var text: String {
        var lines = [Self.row("file", "\(path), \(inspection.readByteCount) bytes read")]
        if let fields = inspection.fields { lines += headerLines(fields) }
        if inspection.header != nil { lines += pageLines }
        if let index = inspection.index {
            let agreement = index.agrees && index.entryCount == inspection.pageCount ? "agrees with the pages" : "DISAGREES with the pages"
            lines.append(Self.row("index", "\(index.entryCount) entries at \(index.offset), \(index.byteCount) bytes, \(agreement)"))
        }
        if let trailer = inspection.trailer {
            lines.append(Self.row(
                "trailer", "at \(trailer.offset), index size \(trailer.indexByteCount), checksum after \(trailer.postApplyChecksum)"))
            let computed = inspection.computedChecksum.map { "\($0)" } ?? "unknown, as not all pages could be read"
            lines.append(Self.row("checksum", "stored \(Hex.string(trailer.fileChecksum)), computed \(computed)"))
        }
        return (lines + verdictLines).joined(separator: "\n")
    }

    private static func row(_ name: String, _ value: String) -> String { "\(name.padded(to: 10))  \(value)" }

    private func headerLines(_ fields: LTXHeaderFields) -> [String] {
        let magic = Self.hex(fields.magic)
        return [
            Self.row("header", "\(fields.magic == 0x4C54_5831 ? "LTX1" : "\(magic), not LTX1"), flags \(fields.flags)"),
            Self.row("page size", "\(fields.pageSize)"),
            Self.row("commit", "\(fields.commit) pages"),
            Self.row("TXIDs", "\(Hex.string(fields.minTXID)) to \(Hex.string(fields.maxTXID))"),
            Self.row("time", Self.time(fields.timestampMilliseconds)),
            Self.row(
                "WAL", fields.walOffset == 0 && fields.walByteCount == 0 ? "none"
                    : "\(fields.walByteCount) bytes at \(fields.walOffset), salts \(Self.hex(fields.walSalt1)) \(Self.hex(fields.walSalt2))"),
            Self.row("node ID", Hex.string(fields.nodeID)),
            Self.row("stamp", stamp(fields)),
        ]
    }

    private func stamp(_ fields: LTXHeaderFields) -> String {
        guard let header = inspection.header else {
            return "reserved bytes " + fields.reserved.map { Self.hex($0) }.joined()
        }
        guard let stamp = header.stamp else { return "none: not written by fantail" }
        return "epoch \(stamp.epoch), before \(stamp.before.map { "\($0)" } ?? "nothing"), after \(stamp.after)"
    }

    private var pageLines: [String] {
        var lines = [Self.row("pages", "\(inspection.pageCount)")]
        guard !inspection.pages.isEmpty else { return lines }
        let header = ["page", "offset", "compressed"]
        let cells = [header] + inspection.pages.map { ["\($0.number)", "\($0.offset)", "\($0.compressedByteCount)"] }
        let widths = header.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        lines += cells.map { line in
            String(repeating: " ", count: 12)
                + line.indices.map { line[$0].aligned(to: widths[$0]) }.joined(separator: "  ")
        }
        let more = inspection.pageCount - inspection.pages.count
        if more > 0 { lines.append(String(repeating: " ", count: 12) + "and \(more) more; --pages lists all") }
        return lines
    }

    private var verdictLines: [String] {
        let problems = problems
        guard !problems.isEmpty else { return [Self.row("verdict", "sound")] }
        var lines = [Self.row("verdict", "NOT SOUND")]
        lines += problems.map { "  at offset \($0.offset): \($0.rule)" }
        let more = inspection.findingCount - inspection.findings.count
        if more > 0 { lines.append("  and \(more) more") }
        return lines
    }

    private static func hex(_ value: UInt32) -> String { String(Hex.string(UInt64(value)).suffix(8)) }
    private static func hex(_ value: UInt8) -> String { String(Hex.string(UInt64(value)).suffix(2)) }

    /// A header may say any time; what is no year of four digits is shown as the number it is.
    private static func time(_ milliseconds: Int64) -> String {
        // The years 1970 to 9999.
        guard (0..<253_402_300_800_000).contains(milliseconds) else { return "\(milliseconds) ms since 1970" }
        let text = Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601)
        let fraction = String(milliseconds % 1000 + 1000).dropFirst()
        return text.dropLast() + ".\(fraction)Z"
    }

    // MARK: - For programs

    private struct JSON: Encodable {
        struct Header: Encodable {
            let flags: UInt32, pageSize: UInt32, commit: UInt32
            let minTXID: String, maxTXID: String
            let timestampMilliseconds: Int64
            let preApplyChecksum: String
            let walOffset: Int64, walSize: Int64
            let walSalt1: UInt32, walSalt2: UInt32
            let nodeID: String
            let reserved: String
            /// Null for another program's.
            let stamp: Stamp?
        }
        struct Stamp: Encodable { let epoch: String, before: String?, after: String }
        struct Page: Encodable { let page: UInt32, offset: Int64, compressedSize: Int }
        struct Index: Encodable { let offset: Int64, size: Int, entries: Int, agrees: Bool }
        struct Trailer: Encodable { let offset: Int64, indexSize: UInt64, postApplyChecksum: String, fileChecksum: String }

        let path: String
        let bytesRead: Int64
        let header: Header?
        let pageCount: Int
        /// The first of them, or with --pages all.
        let pages: [Page]
        let index: Index?
        let trailer: Trailer?
        let computedChecksum: String?
        let sound: Bool
        let problems: [Problem]
        /// More than `problems` lists, if there are too many.
        let problemCount: Int
    }

    func json() throws -> String {
        let problems = problems
        let object = JSON(
            path: path, bytesRead: inspection.readByteCount, header: inspection.fields.map(jsonHeader),
            pageCount: inspection.pageCount,
            pages: inspection.pages.map { .init(page: $0.number, offset: $0.offset, compressedSize: $0.compressedByteCount) },
            index: inspection.index.map {
                .init(offset: $0.offset, size: $0.byteCount, entries: $0.entryCount, agrees: $0.agrees)
            },
            trailer: inspection.trailer.map {
                .init(
                    offset: $0.offset, indexSize: $0.indexByteCount, postApplyChecksum: Hex.string($0.postApplyChecksum),
                    fileChecksum: Hex.string($0.fileChecksum))
            },
            computedChecksum: inspection.computedChecksum.map { "\($0)" }, sound: problems.isEmpty, problems: problems,
            problemCount: problems.count + inspection.findingCount - inspection.findings.count)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(object), as: UTF8.self)
    }

    private func jsonHeader(_ fields: LTXHeaderFields) -> JSON.Header {
        .init(
            flags: fields.flags, pageSize: fields.pageSize, commit: fields.commit, minTXID: Hex.string(fields.minTXID),
            maxTXID: Hex.string(fields.maxTXID), timestampMilliseconds: fields.timestampMilliseconds,
            preApplyChecksum: Hex.string(fields.preApplyChecksum), walOffset: fields.walOffset,
            walSize: fields.walByteCount, walSalt1: fields.walSalt1, walSalt2: fields.walSalt2,
            nodeID: Hex.string(fields.nodeID), reserved: fields.reserved.map { Self.hex($0) }.joined(),
            stamp: inspection.header?.stamp.map {
                .init(epoch: "\($0.epoch)", before: $0.before.map { "\($0)" }, after: "\($0.after)")
            })
    }
}

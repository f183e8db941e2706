import LTX

/// Draws a snapshot of the demo: a pure function from the value to lines.
struct DemoView {
    let snapshot: DemoSnapshot
    let style: TextLine.Style

    /// The screen, in lines of at most `width` characters.
    func screen(width: Int) -> [String] {
        var lines = [title(width), TextLine(), way(width), TextLine()]
        lines += DemoTable(snapshot: snapshot, style: style).lines(width: width)
        lines += [TextLine(), totals, TextLine()]
        lines += troubles.map { TextLine($0, .warning) }
        lines += place
        return lines.map { $0.rendered(width: width, style) }
    }

    /// The same on one line, for a log or a pipe.
    var line: String {
        let copies = snapshot.copies.map { copy in
            "\(copy.name) \(copy.position?.description ?? "-") \(copy.state.rawValue)"
                + (copy.lag.map { " \(Readable.lag($0))" } ?? "")
        }
        let log = "log \(snapshot.primary.position?.description ?? "-")"
            + (snapshot.log.map { " \($0.byteCount.asByteCount)" } ?? "")
        return ([Readable.clock(snapshot.elapsed), commits, log] + copies + troubles).joined(separator: " | ")
    }

    private func title(_ width: Int) -> TextLine {
        var line = TextLine("fantail demo", .strong)
        line.append("  \(Readable.clock(snapshot.elapsed))")
        if let duration = snapshot.duration { line.append(" of \(Readable.clock(duration))") }
        line.append("  ")
        switch snapshot.phase {
        case .running: line.append("Ctrl-C ends it and compares every copy with the shop", .faint)
        case .shipping: line.append("ending: the primary ships the rest", .warning)
        case .catchingUp: line.append("ending: the copies come to the head of the log", .warning)
        case .ended: line.append("ended", .strong)
        case .comparing: line.append("ending: comparing every page of every copy", .warning)
        }
        return line
    }

    /// The way of the data, as detailed as there is room.
    private func way(_ width: Int) -> TextLine {
        let rate = snapshot.commitsPerSecond.map { "\(Readable.decimal($0, 0))/s" } ?? "-"
        let copies = "\(snapshot.copies.count) copies"
        let drawings = [
            way(["shop", "shop.db", "primary", "log", "followers", copies, "sqlite3"], [rate, "WAL", "PUT", "GET", "WAL", "SELECT"]),
            way(["shop", "shop.db", "primary", "log", copies, "sqlite3"], [rate, "WAL", "PUT", "GET", ""]),
            way(["shop.db", "log", copies], ["PUT", "GET"]),
        ]
        return drawings.first { $0.width <= width } ?? drawings[drawings.count - 1]
    }

    private func way(_ stations: [String], _ arrows: [String]) -> TextLine {
        let (line, tip) = style.isUnicode ? ("─", "▶") : ("-", ">")
        var result = TextLine(stations[0])
        for (station, arrow) in zip(stations.dropFirst(), arrows) {
            result.append(" \(line)\(arrow.isEmpty ? line : "")", .faint)
            result.append(arrow, .good)
            result.append("\(line)\(tip) ", .faint)
            result.append(station)
        }
        return result
    }

    private var commits: String {
        let rate = snapshot.commitsPerSecond.map { " (\(Readable.decimal($0, 0))/s)" } ?? ""
        return "\(Readable.count(snapshot.commitCount)) commits\(rate)"
    }

    private var totals: TextLine {
        guard let log = snapshot.log else { return TextLine(commits) }
        return TextLine("\(commits)   log: \(Readable.count(log.fileCount)) files, \(log.byteCount.asByteCount)")
    }

    /// Why a node is not well, and what was logged.
    private var troubles: [String] {
        let reasons = ([snapshot.primary] + snapshot.copies).compactMap { node in
            node.reason.map { "\(node.name) \(node.state.rawValue): \($0)" }
        }
        return reasons + snapshot.messages
    }

    private var place: [TextLine] {
        var files = TextLine("files in \(snapshot.directory)")
        files.append(snapshot.isKept ? ", which stay" : ", until the end", .faint)
        var hint = TextLine("look: ", .faint)
        hint.append("sqlite3 \(snapshot.directory)/copy-1.db 'SELECT * FROM products'")
        return [files, hint]
    }
}

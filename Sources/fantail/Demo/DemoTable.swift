import LTX
import ObjectStore

/// The table of nodes in the demo's view: as many columns as there is room for.
struct DemoTable {
    private enum Column {
        case node, every, position, orders, lag, pastLags, state, puts, gets, misses, lists, wal
    }

    /// Which columns, and how close.
    private struct Layout {
        var columns: [Column]
        var hasWholeTXIDs = false
        var gap = 2
    }

    /// From the one that shows most to the one that needs least room.
    private static let layouts: [Layout] = {
        let all: [Column] = [.node, .every, .position, .orders, .lag, .pastLags, .state, .puts, .gets, .misses, .lists, .wal]
        func without(_ some: Set<Column>) -> [Column] { all.filter { !some.contains($0) } }
        return [
            Layout(columns: all, hasWholeTXIDs: true),
            Layout(columns: all),
            Layout(columns: without([.pastLags]), hasWholeTXIDs: true),
            Layout(columns: without([.pastLags])),
            Layout(columns: without([.pastLags, .misses])),
            Layout(columns: without([.pastLags]), gap: 1),
            Layout(columns: without([.pastLags, .misses, .every]), gap: 1),
            Layout(columns: [.node, .position, .orders, .lag, .state], gap: 1),
        ]
    }()

    let snapshot: DemoSnapshot
    let style: TextLine.Style

    /// The header and a line for each node, no longer than `width` if any layout is.
    func lines(width: Int) -> [TextLine] {
        let drawings = Self.layouts.lazy.map(draw)
        return drawings.first { $0.allSatisfy { $0.width <= width } } ?? draw(Self.layouts[Self.layouts.count - 1])
    }

    private func draw(_ layout: Layout) -> [TextLine] {
        let nodes = [snapshot.primary] + snapshot.copies
        var lines = [TextLine](repeating: TextLine(), count: nodes.count + 1)
        for (index, column) in layout.columns.enumerated() {
            let cells = [(title(column, layout), TextLine.Paint.faint)] + nodes.map { cell(column, $0, layout) }
            let width = max(cells.map(\.0.count).max() ?? 0, leastWidth(column))
            for (line, (text, paint)) in cells.enumerated() {
                let padding = String(repeating: " ", count: width - text.count)
                if index > 0 { lines[line].append(String(repeating: " ", count: layout.gap)) }
                if isNumber(column) { lines[line].append(padding) }
                lines[line].append(text, paint)
                if !isNumber(column) { lines[line].append(padding) }
            }
        }
        return lines
    }

    private func title(_ column: Column, _ layout: Layout) -> String {
        switch column {
        case .node: "node"
        case .every: "every"
        case .position: layout.hasWholeTXIDs ? "position" : "TXID"
        case .orders: "orders"
        case .lag: "lag"
        case .pastLags: "over time"
        case .state: "state"
        case .puts: "PUT"
        case .gets: "GET"
        case .misses: "miss"
        case .lists: "LIST"
        case .wal: "WAL"
        }
    }

    /// So that columns do not move about as numbers grow and states change.
    private func leastWidth(_ column: Column) -> Int {
        switch column {
        case .node: 7
        case .every, .puts, .gets, .misses: 5
        case .position, .lists: 4
        case .orders, .lag: 6
        case .pastLags: 16
        case .state: 11
        case .wal: 6
        }
    }

    private func isNumber(_ column: Column) -> Bool {
        switch column {
        case .node, .position, .pastLags, .state: false
        case .every, .orders, .lag, .puts, .gets, .misses, .lists, .wal: true
        }
    }

    private func cell(_ column: Column, _ node: DemoSnapshot.Node, _ layout: Layout) -> (String, TextLine.Paint) {
        switch column {
        case .node: (node.name, .strong)
        case .every: (node.interval, .plain)
        case .position: (position(node.position, isWhole: layout.hasWholeTXIDs), .plain)
        case .orders: (node.orderCount.map(Readable.count) ?? "-", .plain)
        case .lag: (node.lag.map(Readable.lag) ?? "-", .plain)
        case .pastLags: (bars(node.pastLags), .faint)
        case .state: (node.state.rawValue, paint(node.state))
        case .puts: (Readable.count(node.requests.puts), .plain)
        case .gets: (Readable.count(node.requests.gets), .plain)
        case .misses: (Readable.count(node.requests.misses), .plain)
        case .lists: (Readable.count(node.requests.lists), .plain)
        case .wal: (node.walByteCount.map(\.asByteCount) ?? "-", .plain)
        }
    }

    /// Sixteen digits, or without the zeros before them.
    private func position(_ txid: TXID?, isWhole: Bool) -> String {
        guard let txid else { return "-" }
        return isWhole ? "\(txid)" : String(txid.rawValue, radix: 16)
    }

    private func paint(_ state: DemoSnapshot.State) -> TextLine.Paint {
        switch state {
        case .live: .good
        case .cold, .catchingUp: .warning
        case .stalled, .diverged: .bad
        }
    }

    /// Lags as a row of bars, all nodes by one measure: the tallest is the largest of them, but at least a second.
    private func bars(_ lags: [Duration]) -> String {
        let levels = Array(style.isUnicode ? "▁▂▃▄▅▆▇█" : "_.-=+*%#")
        let most = max(snapshot.copies.flatMap(\.pastLags).max() ?? .zero, .seconds(1))
        return String(lags.map { levels[min(Int($0 / most * Double(levels.count)), levels.count - 1)] })
    }
}

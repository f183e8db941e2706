/// One value of SQLite's five storage classes.
///
/// Source: https://www.sqlite.org/datatype3.html
package enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    /// The number, if this is an integer.
    package var integer: Int64? {
        if case .integer(let number) = self { return number }
        return nil
    }

    /// The characters, if this is a text.
    package var text: String? {
        if case .text(let characters) = self { return characters }
        return nil
    }
}

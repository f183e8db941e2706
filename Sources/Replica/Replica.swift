package import ObjectStore

/// The log of one database on a store: levels of LTX files.
package struct Replica: Sendable {
    /// Where the files are.
    package let store: any ObjectStore

    /// The log at the root of `store`.
    package init(store: any ObjectStore) { self.store = store }
}

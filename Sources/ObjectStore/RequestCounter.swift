import Synchronization

/// Counts the requests that one store was asked, by kind. Shared: whoever reports reads while others ask.
package final class RequestCounter: Sendable {
    /// Requests by kind.
    package struct Counts: Hashable, Sendable {
        /// Objects written.
        package var puts: Int64 = 0
        /// All reads, those that found nothing included: stores charge for both.
        package var gets: Int64 = 0
        /// Pages of listings.
        package var lists: Int64 = 0
        /// Objects that were asked to be deleted.
        package var deletes: Int64 = 0
        /// The reads that found nothing: polls for an object that is not there yet.
        package var misses: Int64 = 0

        /// Nothing counted yet.
        package init() {}
    }

    private let state = Mutex(Counts())

    /// Nothing counted yet.
    package init() {}

    /// The counts up to now.
    package var counts: Counts { state.withLock { $0 } }

    /// Adds a request: `requests.add { $0.puts += 1 }`.
    package func add(_ change: (inout Counts) -> Void) { state.withLock { change(&$0) } }
}

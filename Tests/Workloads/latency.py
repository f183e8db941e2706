#!/usr/bin/env python3
"""How long a commit on the primary takes to become visible in a copy.

Writes a row with the next number at random moments, so that the phase of nobody's timer matters, and polls
the copy with a stock reader until it shows up. The clock is one: both ends are on this machine.
"""

import sqlite3
import time

from workload import Stop, arguments, connect, percentile, report, seeded

LAST = "SELECT max(n) FROM ping"


class Copy:
    """The polling end; with `reopen` each look is a connection of its own, as short-lived scripts do it."""

    def __init__(self, path, reopen):
        self.path = path
        self.reopen = reopen
        self.connection = None
        self.errors = 0

    def last(self):
        """The newest number in the copy, or -1 where it cannot be read now."""
        try:
            if self.connection is None:
                self.connection = connect(self.path, "rw", busy_seconds=0)
            return self.connection.execute(LAST).fetchone()[0] or 0
        except sqlite3.Error:
            self.errors += 1
            self.close()
            return -1
        finally:
            if self.reopen:
                self.close()

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("copy")
    parser.add_argument("--gap", type=float, default=1.0, help="mean seconds between commits, each random in 0.5 to 1.5 times this")
    parser.add_argument("--poll", type=float, default=0.001, help="seconds between two looks at the copy")
    parser.add_argument("--reopen", action="store_true", help="a connection for each look")
    parser.add_argument("--timeout", type=float, default=30, help="give a commit up after so many seconds")
    parser.add_argument("--prepare", action="store_true", help="only create the table on the primary")
    options = parser.parse_args()
    rng = seeded(options)
    stop = Stop(options)

    primary = connect(options.database)
    primary.execute("PRAGMA journal_mode = WAL").fetchone()
    primary.execute("PRAGMA synchronous = NORMAL")
    primary.execute("CREATE TABLE IF NOT EXISTS ping(n INTEGER PRIMARY KEY, at REAL)")
    if options.prepare:
        return
    copy = Copy(options.copy, options.reopen)
    lags, lost = [], 0
    while not stop.reached(len(lags) + lost):
        stop.pause(options.gap * rng.uniform(0.5, 1.5))
        n = primary.execute("INSERT INTO ping(at) VALUES (?) RETURNING n", (time.time(),)).fetchone()[0]
        committed = time.monotonic()
        while copy.last() < n:
            if time.monotonic() - committed > options.timeout:
                lost += 1
                break
            time.sleep(options.poll)
        else:
            lags.append(time.monotonic() - committed)
    lags.sort()
    milliseconds = lambda seconds: None if seconds is None else round(seconds * 1000, 2)
    report(seed=options.seed, samples=len(lags), lost=lost, read_errors=copy.errors, p50_ms=milliseconds(percentile(lags, 0.5)),
           p99_ms=milliseconds(percentile(lags, 0.99)), max_ms=milliseconds(lags[-1] if lags else None))


if __name__ == "__main__":
    main()

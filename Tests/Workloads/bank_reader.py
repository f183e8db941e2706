#!/usr/bin/env python3
"""Reads a copy of the bank in a loop, as an application would, and counts everything that must not be.

A read is wrong if the balances do not sum up to the bank's total, or if the newest account is not of the
bank's version: then it mixes two states. It is backwards if its version is lower than one seen before, also
by an earlier run (--last-version keeps it in a file). Any error at all counts, SQLITE_BUSY too, because the
busy timeout is zero. With --hold, a read transaction stays open for that long and must keep its snapshot.
Exits with 1 if anything was wrong.
"""

import collections
import os
import sqlite3
import sys
import time

from workload import Stop, arguments, connect, report, seeded

STATE = """
SELECT (SELECT version FROM bank), (SELECT total FROM bank), sum(balance), max(version), count(*) FROM accounts
"""
CONTENT = "SELECT sum(balance * id), sum(version * id) FROM accounts"


class Reader:
    """The checks, and the counts of what they found."""

    def __init__(self, options):
        self.options = options
        self.connection = None
        self.last = self.remembered()
        self.versions = set()
        self.counts = collections.Counter()
        self.errors = collections.Counter()
        self.examples = []

    def remembered(self):
        try:
            with open(self.options.last_version, encoding="ascii") as file:
                return int(file.read())
        except (FileNotFoundError, TypeError):
            return -1

    def remember(self):
        if self.options.last_version:
            with open(self.options.last_version, "w", encoding="ascii") as file:
                file.write(str(self.last))

    def wrong(self, kind, detail):
        self.counts[kind] += 1
        if len(self.examples) < 10:
            self.examples.append(f"{kind}: {detail}")

    def check(self):
        """One statement, so one snapshot."""
        version, total, balances, newest, accounts = self.connection.execute(STATE).fetchone()
        if balances != total:
            self.wrong("wrong_sums", f"{balances} in {accounts} accounts, not {total}, at version {version}")
        if newest != version:
            self.wrong("mixed", f"an account of version {newest} in a bank of version {version}")
        if version < self.last:
            self.wrong("backwards", f"version {version} after {self.last}")
        self.last = max(self.last, version)
        self.versions.add(version)

    def hold(self, stop):
        """A long read transaction: the same content at its end as at its begin, whatever was applied."""
        self.connection.execute("BEGIN")
        self.check()
        before = self.connection.execute(CONTENT).fetchone()
        end = time.monotonic() + self.options.hold
        while time.monotonic() < end and not stop.reached(0):
            time.sleep(0.02)
            if self.connection.execute(CONTENT).fetchone() != before:
                self.wrong("moved_snapshots", f"content changed inside a read transaction at version {self.last}")
                break
        self.connection.execute("COMMIT")
        self.counts["holds"] += 1

    def read(self, stop):
        number = self.counts["reads"]
        try:
            if self.connection is None:
                self.connection = connect(self.options.copy, self.options.mode, busy_seconds=0)
            if self.options.hold and number % self.options.hold_every == 0:
                self.hold(stop)
            else:
                self.check()
            if self.options.integrity_every and number % self.options.integrity_every == 0:
                result = self.connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
                self.counts["integrity_checks"] += 1
                if result != "ok":
                    self.wrong("malformed", result)
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", type(error).__name__)
            self.errors[name] += 1
            self.wrong("errors", f"{name}: {error}")
            self.close()
        if self.options.reopen:
            self.close()
        self.counts["reads"] += 1

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("copy")
    parser.add_argument("--reopen", action="store_true", help="open, query, close each time (default: one connection)")
    parser.add_argument("--mode", choices=("ro", "rw"), default="rw", help="how to open the copy")
    parser.add_argument("--wait", type=float, default=30, help="seconds to wait for the copy to exist at first")
    parser.add_argument("--pause", type=float, default=0.001, help="seconds between reads")
    parser.add_argument("--integrity-every", type=int, default=0, help="integrity_check after so many reads")
    parser.add_argument("--hold", type=float, default=0, help="seconds that a long read transaction lasts")
    parser.add_argument("--hold-every", type=int, default=50, help="a long read transaction after so many reads")
    parser.add_argument("--last-version", default=None, help="file that keeps the last version seen across runs")
    options = parser.parse_args()
    seeded(options)
    stop = Stop(options)

    reader = Reader(options)
    patience = time.monotonic() + options.wait
    while not os.path.exists(options.copy) and time.monotonic() < patience and not stop.reached(0):
        time.sleep(0.01)
    first = reader.last
    begin = time.monotonic()
    while not stop.reached(reader.counts["reads"]):
        reader.read(stop)
        stop.pause(options.pause)
    reader.close()
    reader.remember()
    counts = {kind: reader.counts[kind] for kind in
              ("reads", "holds", "integrity_checks", "wrong_sums", "mixed", "backwards", "moved_snapshots", "malformed", "errors")}
    report(seed=options.seed, first_version=first, last_version=reader.last, distinct_versions=len(reader.versions),
           errors_by_name=dict(reader.errors), examples=reader.examples,
           seconds=round(time.monotonic() - begin, 3), **counts)
    faults = sum(counts[kind] for kind in counts if kind not in ("reads", "holds", "integrity_checks"))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

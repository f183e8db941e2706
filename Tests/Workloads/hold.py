#!/usr/bin/env python3
"""Holds one read transaction open until told to stop; what it reads must be the same at the end, and sound.

Says "holding" once it has begun. Exits with 1 if anything changed under it.
"""

import hashlib
import sys

from workload import Stop, arguments, connect, report


def content(connection):
    """A digest of every row of every table."""
    digest = hashlib.sha256()
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    for name in names:
        for row in connection.execute(f'SELECT * FROM "{name}"'):
            digest.update(repr(row).encode())
    return digest.hexdigest()


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("copy")
    parser.add_argument("--connections", type=int, default=1, help="so many connections, each in a transaction")
    options = parser.parse_args()
    stop = Stop(options)
    # Others that came before, each with a transaction of its own that stays open as well.
    crowd = [connect(options.copy, "ro", busy_seconds=0) for _ in range(options.connections - 1)]
    for one in crowd:
        one.execute("BEGIN")
        one.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    connection = connect(options.copy, "ro", busy_seconds=0)
    connection.execute("BEGIN")
    first, reads = content(connection), 0
    print("holding", flush=True)
    moved = False
    while not moved and not stop.reached(reads):
        moved = content(connection) != first
        reads += 1
        stop.pause(0.02)
    integrity = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    connection.execute("COMMIT")
    report(reads=reads, moved=moved, integrity=integrity)
    sys.exit(1 if moved or integrity != "ok" else 0)


if __name__ == "__main__":
    main()

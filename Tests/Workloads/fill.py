#!/usr/bin/env python3
"""Makes a database of a given size: rows of half random, half repeated text, and an index over them."""

import argparse
import os
import random

from workload import connect, report


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    connection = connect(options.database)
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("CREATE TABLE rows(id INTEGER PRIMARY KEY, number INTEGER, body TEXT)")
    connection.execute("CREATE INDEX rows_by_number ON rows(number)")
    text = "the quick brown fox jumps over the lazy dog; " * 5
    rows = 0
    while os.path.getsize(options.database) < options.megabytes << 20:
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO rows(number, body) VALUES (?, ?)", (
            (rng.randrange(1 << 40), rng.randbytes(100).hex() + text) for _ in range(20_000)))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        rows += 20_000
    connection.close()
    report(seed=options.seed, rows=rows, bytes=os.path.getsize(options.database))


if __name__ == "__main__":
    main()

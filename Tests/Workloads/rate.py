#!/usr/bin/env python3
"""How fast one process commits single-row inserts, and how long the slowest takes.

SQLite's defaults but for WAL and synchronous NORMAL; wal_autocheckpoint stays at 1000 unless told
otherwise. Every commit is timed on its own.
"""

import array
import time

from workload import Stop, arguments, connect, percentile, report, seeded, wal_bytes


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("--pace", type=float, default=None, help="transactions a second (default: flat out)")
    parser.add_argument("--autocheckpoint", type=int, default=1000)
    parser.add_argument("--prepare", action="store_true", help="only create the table")
    options = parser.parse_args()
    rng = seeded(options)
    stop = Stop(options)

    connection = connect(options.database)
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {options.autocheckpoint}")
    connection.execute("CREATE TABLE IF NOT EXISTS entries(id INTEGER PRIMARY KEY, at REAL, body TEXT)")
    if options.prepare:
        return
    bodies = ["%0100d" % rng.randrange(10 ** 100) for _ in range(64)]
    clock, insert = time.perf_counter, connection.execute
    times = array.array("d")
    begin = clock()
    done = 0
    # In batches, so that asking whether to stop is not part of what is measured.
    batch = 1 if options.pace else 200
    while not stop.reached(done):
        for _ in range(batch):
            start = clock()
            insert("INSERT INTO entries(at, body) VALUES (?, ?)", (start, bodies[done & 63]))
            times.append(clock() - start)
            done += 1
        if options.pace:
            stop.pause(begin + done / options.pace - clock())
    seconds = clock() - begin
    wal = wal_bytes(options.database)
    connection.close()
    ordered = sorted(times)
    report(seed=options.seed, transactions=done, per_second=round(done / seconds, 1), wal_bytes=wal,
           p50_ms=round(percentile(ordered, 0.5) * 1000, 4), p99_ms=round(percentile(ordered, 0.99) * 1000, 4),
           max_ms=round(ordered[-1] * 1000, 2), stalls_over_50_ms=sum(1 for t in ordered if t > 0.05))


if __name__ == "__main__":
    main()

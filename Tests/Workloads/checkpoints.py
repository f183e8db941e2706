#!/usr/bin/env python3
"""An app that checkpoints by itself, in every mode, beside a second writer that knows nothing of it.

Each checkpoint is timed, until it is done: SQLite answers busy=1 at once where another checkpoint is at work, and
else after the busy timeout. The first is a collision, and tried again; the second is what counts as busy. With --writer a second process commits flat out meanwhile and times its own waiting.
"""

import json
import os
import subprocess
import sys
import time

from workload import Stop, arguments, connect, is_busy, report, seeded

MODES = ("PASSIVE", "FULL", "RESTART", "TRUNCATE")


def write_flat_out(options):
    """Commits until told to stop; says how long the longest commit took, and how many were refused."""
    stop = Stop(options)
    connection = connect(options.database, busy_seconds=options.busy_seconds)
    connection.execute("PRAGMA synchronous = NORMAL")
    worst, busy, done = 0.0, 0, 0
    while not stop.reached(done):
        begin = time.perf_counter()
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO beside(body) VALUES (randomblob(200))")
            connection.execute("DELETE FROM beside WHERE id < (SELECT max(id) FROM beside) - 5000")
            connection.execute("COMMIT")
        except Exception as error:
            if not is_busy(error):
                raise
            busy += 1
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        worst = max(worst, time.perf_counter() - begin)
        done += 1
    connection.close()
    report(busy=busy, worst_seconds=round(worst, 3), transactions=done)


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("--writer", action="store_true", help="with a second process that writes flat out")
    parser.add_argument("--big", action="store_true", help="each checkpoint right after a big transaction")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between two checkpoints")
    parser.add_argument("--busy-seconds", type=float, default=10.0)
    parser.add_argument("--flat-out", action="store_true", help="be the second process")
    options = parser.parse_args()
    if options.flat_out:
        return write_flat_out(options)
    rng = seeded(options)
    stop = Stop(options)
    connection = connect(options.database, busy_seconds=options.busy_seconds)
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE IF NOT EXISTS beside(id INTEGER PRIMARY KEY, body BLOB)")
    connection.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, body BLOB)")
    second = None
    if options.writer:
        second = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), options.database, "--flat-out",
             "--busy-seconds", str(options.busy_seconds)], stdout=subprocess.PIPE, text=True)
    worst, busy, own_busy, done, collisions = {mode: 0.0 for mode in MODES}, {mode: 0 for mode in MODES}, 0, 0, 0
    while not stop.reached(done):
        mode = MODES[done % 4]
        try:
            connection.execute("BEGIN IMMEDIATE")
            for _ in range(3000 if options.big else rng.randrange(1, 10)):
                connection.execute("INSERT INTO t(body) VALUES (randomblob(?))", (rng.randrange(1, 3000),))
            connection.execute("DELETE FROM t WHERE id < (SELECT max(id) FROM t) - 4000")
            connection.execute("COMMIT")
        except Exception as error:
            if not is_busy(error):
                raise
            own_busy += 1
        begin = time.perf_counter()
        while True:
            start = time.perf_counter()
            answer = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
            # PASSIVE never waits for anybody.
            if mode == "PASSIVE" or not answer[0]:
                break
            now = time.perf_counter()
            if now - start >= options.busy_seconds / 2 or now - begin >= options.busy_seconds:
                busy[mode] += 1
                break
            collisions += 1
            time.sleep(0.001)
        worst[mode] = max(worst[mode], time.perf_counter() - begin)
        done += 1
        stop.pause(options.pause)
    connection.close()
    beside = {}
    if second is not None:
        second.terminate()
        beside = json.loads(second.communicate()[0])
    report(seed=options.seed, checkpoints=done, collisions=collisions, busy=sum(busy.values()), own_busy=own_busy, beside_busy=beside.get("busy", 0),
           beside_worst_seconds=beside.get("worst_seconds", 0), beside_transactions=beside.get("transactions", 0),
           worst_seconds=round(max(worst[m] for m in MODES if m != "PASSIVE"), 3),
           worst={mode: round(worst[mode], 3) for mode in MODES})


if __name__ == "__main__":
    main()

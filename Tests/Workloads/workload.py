"""What every workload script shares: when to stop, how to connect, how to report.

The scripts use the stock sqlite3 module and nothing else, each in a process of its own, because that is
how an application sees the database. Each prints exactly one line of JSON when it ends, seed included.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import sys
import time
import urllib.parse


def arguments(description):
    """An argument parser with what all scripts accept: a seed and the ways to end."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seed", type=int, default=None, help="replay a run (default: a fresh one, printed)")
    parser.add_argument("--seconds", type=float, default=None, help="stop after this long")
    parser.add_argument("--count", type=int, default=None, help="stop after this many transactions or reads")
    parser.add_argument("--stop-file", default=None, help="stop once this file exists")
    return parser


def seeded(options):
    """The run's random numbers; leaves the seed in `options`, so that the report can name it."""
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 32)
    return random.Random(options.seed)


class Stop:
    """Says when to end: SIGTERM or SIGINT, a stop file, a deadline, a count. Signals set a flag only, so
    that a transaction under way is finished and the report is always printed."""

    def __init__(self, options):
        self._count = options.count
        self._file = options.stop_file
        self._deadline = None if options.seconds is None else time.monotonic() + options.seconds
        self._signalled = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)
        # A thread that starts programs may have them blocked, and a mask is inherited.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT))

    def _note(self, *_):
        self._signalled = True

    def reached(self, done):
        """Whether to end now, after `done` transactions or reads."""
        if self._signalled or (self._count is not None and done >= self._count):
            return True
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return True
        return self._file is not None and os.path.exists(self._file)

    def pause(self, seconds):
        """Sleeps, but not past the deadline."""
        if self._deadline is not None:
            seconds = min(seconds, self._deadline - time.monotonic())
        if seconds > 0:
            time.sleep(seconds)


def connect(path, mode="rwc", busy_seconds=10.0):
    """A stock connection in autocommit mode, so that BEGIN and COMMIT stand where they are written."""
    uri = "file:" + urllib.parse.quote(os.path.abspath(path)) + "?mode=" + mode
    return sqlite3.connect(uri, uri=True, timeout=busy_seconds, isolation_level=None)


def is_busy(error):
    """Whether SQLite gave up waiting for a lock, which is fair among several writers."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def wal_bytes(path):
    """The size of the database's WAL now, in bytes."""
    try:
        return os.stat(path + "-wal").st_size
    except FileNotFoundError:
        return 0


def percentile(ordered, fraction):
    """The value at `fraction` of an ascending sequence, or None for an empty one."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))]


def report(**result):
    """Prints the one line of JSON."""
    print(json.dumps(result, sort_keys=True))
    sys.stdout.flush()

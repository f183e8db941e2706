#!/usr/bin/env python3
"""Random changes of every kind to one database in WAL mode, as applications make them.

Each transaction that commits adds one row to `marker`, whose n grows by one, and then, with --journal, one
line to that file: whatever the journal names was committed, so a complete copy must hold it. Triggers keep
`tally` equal to the number of rows and the sum of values in `items`. check.py knows both rules.
"""

import collections
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

from workload import Stop, arguments, connect, is_busy, report, seeded, wal_bytes

SCHEMA = """
CREATE TABLE IF NOT EXISTS marker(n INTEGER PRIMARY KEY, writer INTEGER, kind TEXT, at REAL);
CREATE TABLE IF NOT EXISTS items(id INTEGER PRIMARY KEY, value INTEGER NOT NULL CHECK (value >= 0), body BLOB);
CREATE INDEX IF NOT EXISTS items_by_value ON items(value);
CREATE TABLE IF NOT EXISTS tally(id INTEGER PRIMARY KEY CHECK (id = 1), rows INTEGER, total INTEGER);
INSERT OR IGNORE INTO tally VALUES (1, 0, 0);
CREATE TRIGGER IF NOT EXISTS items_added AFTER INSERT ON items
    BEGIN UPDATE tally SET rows = rows + 1, total = total + new.value; END;
CREATE TRIGGER IF NOT EXISTS items_changed AFTER UPDATE ON items
    BEGIN UPDATE tally SET total = total - old.value + new.value; END;
CREATE TRIGGER IF NOT EXISTS items_removed AFTER DELETE ON items
    BEGIN UPDATE tally SET rows = rows - 1, total = total - old.value; END;
CREATE TABLE IF NOT EXISTS blobs(id INTEGER PRIMARY KEY, body BLOB);
CREATE TABLE IF NOT EXISTS pairs(a TEXT, b INTEGER, c BLOB, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS docs USING fts5(title, body);
"""

# How often each kind of change comes, out of the sum. Rare are those that rewrite the whole file or start a process.
WEIGHTS = {
    "insert": 30, "update": 20, "delete": 10, "blob": 8, "pairs": 8, "fts": 8, "huge": 0.3,
    "rollback": 5, "failure": 4, "savepoint": 5, "schema": 3, "checkpoint": 3, "autocheckpoint": 1,
    "reopen": 1, "vacuum": 0.3, "auto_vacuum": 0.2, "incremental_vacuum": 2, "crash": 0.2, "repage": 0,
}

WORDS = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu".split()


class Writer:
    """One connection that makes random changes; every method named in WEIGHTS is one kind."""

    def __init__(self, options, rng):
        self.options = options
        self.rng = rng
        self.kinds = collections.Counter()
        self.busy = 0
        self.committed = 0
        self.auto_checkpoint = 1000
        self.journal = os.open(options.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644) if options.journal else None
        self.open()
        self.connection.execute("BEGIN IMMEDIATE")
        for statement in split(SCHEMA):
            self.connection.execute(statement)
        self.connection.execute("COMMIT")

    def open(self):
        self.connection = connect(self.options.database)
        if self.options.page_size:
            self.connection.execute(f"PRAGMA page_size = {self.options.page_size}")
        mode = retrying(lambda: self.connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        if mode != "wal":
            raise SystemExit(f"journal mode is {mode}, not wal")
        self.connection.execute(f"PRAGMA synchronous = {self.options.synchronous}")
        # A small cache makes big transactions spill uncommitted frames into the WAL.
        self.connection.execute("PRAGMA cache_size = 100")
        self.connection.execute(f"PRAGMA wal_autocheckpoint = {self.auto_checkpoint}")

    def step(self):
        """Makes one random change. Losing a lock to another process is no failure, anything else is."""
        kind = self.rng.choices(list(self.options.weights), list(self.options.weights.values()))[0]
        try:
            getattr(self, kind)()
        except sqlite3.OperationalError as error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            if not is_busy(error):
                raise
            self.busy += 1
        self.kinds[kind] += 1

    def commit(self, kind, change):
        """Runs `change` in one transaction together with its marker."""
        self.connection.execute("BEGIN IMMEDIATE")
        change()
        n = self.connection.execute(
            "INSERT INTO marker SELECT coalesce(max(n), 0) + 1, ?, ?, ? FROM marker RETURNING n",
            (self.options.writer, kind, time.time())).fetchone()[0]
        self.connection.execute("COMMIT")
        self.committed += 1
        if self.journal is not None:
            os.write(self.journal, b"%d\n" % n)

    # Rows

    def add_items(self, count, byte_count=400):
        rng = self.rng
        self.connection.executemany(
            "INSERT INTO items(value, body) VALUES (?, ?)",
            [(rng.randrange(1000), rng.randbytes(rng.randrange(byte_count))) for _ in range(count)])

    def some_range(self, table, width):
        """A random range of row ids in `table`, about `width` wide."""
        low, high = self.connection.execute(f"SELECT min(id), max(id) FROM {table}").fetchone()
        start = self.rng.randrange(low, high + 1) if low is not None else 0
        return start, start + self.rng.randrange(width)

    def insert(self):
        self.commit("insert", lambda: self.add_items(self.rng.choice((1, 1, 1, 5, 50))))

    def update(self):
        self.commit("update", lambda: self.connection.execute(
            "UPDATE items SET value = value + 1, body = randomblob(?) WHERE id BETWEEN ? AND ?",
            (self.rng.randrange(600), *self.some_range("items", 40))))

    def delete(self):
        # Wide ranges once the table is big, so that a long run keeps its size.
        wide = self.connection.execute("SELECT rows FROM tally").fetchone()[0] > 20_000
        self.commit("delete", lambda: self.connection.execute(
            "DELETE FROM items WHERE id BETWEEN ? AND ?", self.some_range("items", 5000 if wide else 30)))

    def blob(self):
        def change():
            self.connection.execute("DELETE FROM blobs WHERE id <= (SELECT max(id) - 40 FROM blobs)")
            self.connection.execute("INSERT INTO blobs(body) VALUES (?)", (self.rng.randbytes(self.rng.randrange(300_000)),))
        self.commit("blob", change)

    def pairs(self):
        self.commit("pairs", lambda: self.connection.executemany(
            "INSERT INTO pairs VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET c = excluded.c",
            [(self.rng.choice(WORDS), self.rng.randrange(300), self.rng.randbytes(self.rng.randrange(200))) for _ in range(5)]))

    def add_docs(self, count):
        text = lambda words: " ".join(self.rng.choices(WORDS, k=words))
        self.connection.executemany("INSERT INTO docs VALUES (?, ?)", [(text(3), text(60)) for _ in range(count)])

    def fts(self):
        def change():
            self.add_docs(5)
            self.connection.execute("DELETE FROM docs WHERE rowid <= (SELECT max(rowid) - 500 FROM docs)")
            if self.rng.random() < 0.05:
                self.connection.execute("INSERT INTO docs(docs) VALUES ('optimize')")
        self.commit("fts", change)

    def huge(self):
        """One transaction over many pages, then most of them freed by the next."""
        row_bytes = 20_000
        rows = self.options.huge_pages * 4096 // row_bytes
        self.commit("huge", lambda: self.connection.executemany(
            "INSERT INTO blobs(body) VALUES (?)", ((self.rng.randbytes(row_bytes),) for _ in range(rows))))
        self.commit("shrink", lambda: self.connection.execute(
            "DELETE FROM blobs WHERE id <= (SELECT max(id) - 40 FROM blobs)"))

    # What does not become durable

    def rollback(self):
        self.connection.execute("BEGIN IMMEDIATE")
        self.add_items(self.rng.choice((1, 20, 2000)))
        self.connection.execute("DELETE FROM pairs")
        self.connection.execute("ROLLBACK")

    def failure(self):
        """A constraint fails in the middle, after the full-text index was written."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.add_docs(3)
        try:
            self.connection.execute("INSERT INTO items(value) VALUES (-1)")
        except sqlite3.IntegrityError:
            self.connection.execute("ROLLBACK")

    def savepoint(self):
        def change():
            for depth in range(3):
                self.connection.execute(f"SAVEPOINT s{depth}")
                self.add_items(self.rng.randrange(1, 40))
            self.connection.execute("ROLLBACK TO s1")
            self.add_items(2)
            self.connection.execute("RELEASE s0")
        self.commit("savepoint", change)

    def crash(self):
        """A process of its own that dies in the middle of a transaction, with frames in the WAL."""
        subprocess.run([sys.executable, os.path.abspath(__file__), self.options.database, "--die-in-transaction"],
                       stdout=subprocess.DEVNULL, check=False)

    # The file as a whole

    def schema(self):
        name = f"scratch{self.rng.randrange(4)}"
        def change():
            self.connection.execute(f"DROP TABLE IF EXISTS {name}")
            self.connection.execute(f"CREATE TABLE {name}(id INTEGER PRIMARY KEY, a, b)")
            self.connection.executemany(f"INSERT INTO {name}(a, b) VALUES (?, ?)",
                                        [(self.rng.random(), self.rng.randbytes(50)) for _ in range(self.rng.randrange(200))])
            self.connection.execute(f"CREATE INDEX {name}_by_a ON {name}(a)")
            self.connection.execute("DROP INDEX IF EXISTS items_by_value")
            self.connection.execute("CREATE INDEX items_by_value ON items(value)")
        self.commit("schema", change)

    def checkpoint(self):
        mode = self.rng.choice(("PASSIVE", "FULL", "RESTART", "TRUNCATE"))
        self.connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()

    def autocheckpoint(self):
        self.auto_checkpoint = self.rng.choice((0, 100, 1000, 1000))
        self.connection.execute(f"PRAGMA wal_autocheckpoint = {self.auto_checkpoint}")

    def reopen(self):
        self.connection.close()
        self.open()

    def vacuum(self):
        self.connection.execute("VACUUM")

    def auto_vacuum(self):
        self.connection.execute(f"PRAGMA auto_vacuum = {self.rng.randrange(3)}")
        self.connection.execute("VACUUM")

    def incremental_vacuum(self):
        self.connection.execute(f"PRAGMA incremental_vacuum({self.rng.randrange(1, 60)})").fetchall()

    def repage(self):
        """Another page size, which SQLite allows outside WAL mode only, so with nobody else attached."""
        if self.connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
            return
        self.connection.execute(f"PRAGMA page_size = {self.rng.choice((512, 1024, 4096, 8192, 16384, 65536))}")
        self.connection.execute("VACUUM")
        self.connection.execute("PRAGMA journal_mode = WAL").fetchone()


def split(script):
    """The statements of an SQL script, triggers in one piece."""
    statement = ""
    for line in script.strip().splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def retrying(action):
    """Changing the journal mode ignores the busy timeout, so several writers that start at once must retry."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.005)


def die_in_transaction(path):
    """Writes past the page cache, so that uncommitted frames are in the WAL, and dies."""
    connection = connect(path)
    connection.execute("PRAGMA cache_size = 10")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE lost(body)")
    connection.executemany("INSERT INTO lost VALUES (?)", [(bytes(3000),)] * 200)
    os.kill(os.getpid(), signal.SIGKILL)


def parsed():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("--processes", type=int, default=1, help="so many writers at once, seeds counting up")
    parser.add_argument("--pace", type=float, default=None, help="transactions a second (default: flat out)")
    parser.add_argument("--only", default=None, help="comma-separated kinds, evenly: " + ", ".join(WEIGHTS))
    parser.add_argument("--without", default="", help="comma-separated kinds to leave out")
    parser.add_argument("--huge-pages", type=int, default=2000, help="pages in a huge transaction")
    parser.add_argument("--page-size", type=int, default=None, help="of a new database")
    parser.add_argument("--synchronous", default="NORMAL")
    parser.add_argument("--journal", default=None, help="append the n of every commit to this file")
    parser.add_argument("--writer", type=int, default=0, help="number of this writer, kept in its markers")
    parser.add_argument("--die-in-transaction", action="store_true", help="begin, write, kill -9 oneself")
    options = parser.parse_args()
    options.weights = {kind: 1 for kind in options.only.split(",")} if options.only else dict(WEIGHTS)
    for kind in filter(None, options.without.split(",")):
        del options.weights[kind]
    unknown = options.weights.keys() - WEIGHTS.keys()
    if unknown:
        parser.error("unknown kinds: " + ", ".join(sorted(unknown)))
    return options


def run_one(options):
    rng = seeded(options)
    stop = Stop(options)
    begin = time.monotonic()
    writer = Writer(options, rng)
    steps, wal_high = 0, 0
    while not stop.reached(steps):
        writer.step()
        steps += 1
        wal_high = max(wal_high, wal_bytes(options.database))
        if options.pace:
            stop.pause(begin + steps / options.pace - time.monotonic())
    last = writer.connection.execute("SELECT max(n) FROM marker").fetchone()[0]
    writer.connection.close()
    report(seed=options.seed, steps=steps, committed=writer.committed, busy=writer.busy, last_marker=last or 0,
           wal_high_bytes=wal_high, seconds=round(time.monotonic() - begin, 3), kinds=dict(writer.kinds))


def run_many(options):
    """Starts the writers as processes and passes a request to stop on; each prints its own line."""
    seeded(options)
    children = [
        subprocess.Popen([sys.executable, os.path.abspath(__file__), *sys.argv[1:],
                          "--processes", "1", "--seed", str(options.seed + i), "--writer", str(i)], stdout=subprocess.PIPE)
        for i in range(options.processes)]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: [child.terminate() for child in children])
    lines = [child.communicate()[0] for child in children]
    failed = [child.returncode for child in children if child.returncode != 0]
    results = [json.loads(line) for line in lines if line]
    report(seed=options.seed, writers=results, committed=sum(r["committed"] for r in results),
           busy=sum(r["busy"] for r in results), last_marker=max((r["last_marker"] for r in results), default=0),
           wal_high_bytes=max((r["wal_high_bytes"] for r in results), default=0))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    options = parsed()
    if options.die_in_transaction:
        die_in_transaction(options.database)
    elif options.processes > 1:
        run_many(options)
    else:
        run_one(options)

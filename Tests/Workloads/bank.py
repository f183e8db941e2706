#!/usr/bin/env python3
"""Transfers between accounts whose sum never changes; each transaction carries the next version number.

The accounts are spread over many pages and only updated, so a transaction rarely holds page 1, the page
that tells an ordinary reader that its cache is old. bank_reader.py checks a copy for what must hold.
"""

import sqlite3
import time

from workload import Stop, arguments, connect, report, seeded, wal_bytes

SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE accounts(id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, version INTEGER NOT NULL, padding BLOB);
CREATE TABLE bank(id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, total INTEGER NOT NULL);
"""


def create(connection, accounts):
    """The accounts, about five to a page, and the bank's own row; all in one transaction."""
    connection.executescript(SCHEMA)
    connection.executemany("INSERT INTO accounts VALUES (?, 1000, 0, zeroblob(700))", [(i + 1,) for i in range(accounts)])
    connection.execute("INSERT INTO bank VALUES (1, 0, ?)", (accounts * 1000,))
    connection.execute("COMMIT")


def transfer(connection, rng, accounts):
    """One transaction: a few transfers, all stamped with the bank's next version."""
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("UPDATE bank SET version = version + 1 RETURNING version").fetchone()[0]
    for _ in range(rng.randrange(1, 8)):
        source, target = rng.randrange(accounts) + 1, rng.randrange(accounts) + 1
        amount = rng.randrange(1, 100)
        connection.execute("UPDATE accounts SET balance = balance - ?, version = ? WHERE id = ?", (amount, version, source))
        connection.execute("UPDATE accounts SET balance = balance + ?, version = ? WHERE id = ?", (amount, version, target))
    connection.execute("COMMIT")
    return version


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("--accounts", type=int, default=1000, help="how many to create where there are none")
    parser.add_argument("--pace", type=float, default=None, help="transactions a second (default: flat out)")
    parser.add_argument("--checkpoint-every", type=int, default=0, help="a random kind of checkpoint after so many")
    options = parser.parse_args()
    rng = seeded(options)
    stop = Stop(options)

    connection = connect(options.database)
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = NORMAL")
    if connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'bank'").fetchone()[0] == 0:
        create(connection, options.accounts)
    accounts = connection.execute("SELECT max(id) FROM accounts").fetchone()[0]

    begin = time.monotonic()
    done, wal_high = 0, 0
    version = connection.execute("SELECT version FROM bank").fetchone()[0]
    while not stop.reached(done):
        version = transfer(connection, rng, accounts)
        done += 1
        wal_high = max(wal_high, wal_bytes(options.database))
        if options.checkpoint_every and done % options.checkpoint_every == 0:
            mode = rng.choice(("PASSIVE", "FULL", "RESTART", "TRUNCATE"))
            connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        if options.pace:
            stop.pause(begin + done / options.pace - time.monotonic())
    connection.close()
    report(seed=options.seed, transactions=done, version=version, wal_high_bytes=wal_high,
           sqlite=sqlite3.sqlite_version, seconds=round(time.monotonic() - begin, 3))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Whether a database written by writer.py is one of the states that it committed.

Markers must count from 1 without a gap, `tally` must match `items`, integrity_check must say ok, and with
--journal every commit named there must be in it. Reads a copy of the files, so nothing is touched.
"""

import argparse
import os
import shutil
import sys
import tempfile

from workload import connect, report


def faults(connection, journal):
    """Every rule that does not hold, as a sentence."""
    integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if integrity != "ok":
        yield f"integrity_check: {integrity}"
    count, first, last = connection.execute("SELECT count(*), min(n), max(n) FROM marker").fetchone()
    if count and (first != 1 or last != count):
        yield f"markers run from {first} to {last}, but only {count} are there"
    kept = connection.execute("SELECT rows, total FROM tally").fetchone()
    found = connection.execute("SELECT count(*), coalesce(sum(value), 0) FROM items").fetchone()
    if kept != found:
        yield f"items has (rows, total) {found}, tally says {kept}"
    if journal:
        with open(journal, encoding="ascii") as file:
            committed = {int(line) for line in file if line.endswith("\n")}
        present = {n for (n,) in connection.execute("SELECT n FROM marker")}
        lost = sorted(committed - present)
        if lost:
            yield f"{len(lost)} committed transactions are missing, the first is {lost[0]} of {max(committed)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("--journal", default=None, help="what writer.py --journal wrote")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(options.database))) as directory:
        copy = os.path.join(directory, "copy")
        shutil.copyfile(options.database, copy)
        if os.path.exists(options.database + "-wal"):
            shutil.copyfile(options.database + "-wal", copy + "-wal")
        connection = connect(copy, "rw")
        found = list(faults(connection, options.journal))
        last = connection.execute("SELECT max(n) FROM marker").fetchone()[0]
        connection.close()
    report(ok=not found, faults=found, last_marker=last or 0)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()

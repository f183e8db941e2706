#!/usr/bin/env python3
"""Whether two databases are the same file, byte for byte, once their WALs are checkpointed.

Neither is touched: the file and its -wal are copied aside while nobody writes, SQLite itself checkpoints
the copies, and those are compared. Nothing is ignored unless --ignore-header names byte ranges of page 1.
Prints the first page that differs; exits with 1 then.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile

from workload import connect, report

CHUNK = 1 << 20


def settled(path, directory, name):
    """A checkpointed copy of the database at `path`. Without the -shm, so that SQLite recovers the WAL
    from its frames alone, as it would after a crash."""
    target = os.path.join(directory, name)
    # By another process: closing a file here would drop the locks of whatever connection this one has to it.
    subprocess.run(["cp", path, target], check=True)
    if os.path.exists(path + "-wal") and os.path.getsize(path + "-wal") > 0:
        subprocess.run(["cp", path + "-wal", target + "-wal"], check=True)
    connection = connect(target, "rw")
    try:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise SystemExit(f"the copy of {path} could not be checkpointed")
        if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise SystemExit(f"{path} fails its integrity_check")
    finally:
        connection.close()
    return target


def page_size(path):
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(18)[16:18], "big")
    return 65536 if size == 1 else size or 4096


def first_difference(a, b, ignored):
    """The offset of the first differing byte, or None; `ignored` are ranges of offsets in the first chunk."""
    with open(a, "rb") as left, open(b, "rb") as right:
        offset = 0
        while True:
            x, y = left.read(CHUNK), right.read(CHUNK)
            if offset == 0:
                for low, high in ignored:
                    x = x[:low] + bytes(min(high, len(x)) - low) + x[high:]
                    y = y[:low] + bytes(min(high, len(y)) - low) + y[high:]
            if x != y:
                same = next((i for i, (p, q) in enumerate(zip(x, y)) if p != q), min(len(x), len(y)))
                return offset + same
            if not x:
                return None
            offset += len(x)


def parse_ranges(text):
    """`24-27,92-99` as half-open ranges."""
    ranges = (part.split("-") for part in text.split(",") if part)
    return [(int(low), int(high) + 1) for low, high in ranges]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source")
    parser.add_argument("copy")
    parser.add_argument("--ignore-header", default="",
                        help="byte ranges of page 1 to ignore, e.g. 18-19,24-27,92-95 after `litestream restore -f`")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(options.copy))) as directory:
        try:
            source = settled(options.source, directory, "source")
            copy = settled(options.copy, directory, "copy")
        except (sqlite3.Error, OSError) as error:
            report(same=False, reason=f"cannot be compared: {error}")
            sys.exit(2)
        size = page_size(source)
        sizes = (os.path.getsize(source), os.path.getsize(copy))
        offset = first_difference(source, copy, parse_ranges(options.ignore_header))
        if offset is None:
            report(same=True, page_size=size, pages=sizes[0] // size)
            return
        report(same=False, page_size=size, source_pages=sizes[0] // size, copy_pages=sizes[1] // size,
               first_page=offset // size + 1, offset_in_page=offset % size,
               reason=f"page {offset // size + 1} differs at byte {offset % size}; {sizes[0]} against {sizes[1]} bytes")
        sys.exit(1)


if __name__ == "__main__":
    main()

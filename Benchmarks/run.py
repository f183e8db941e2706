#!/usr/bin/env python3
"""Fantail beside litestream: same machine, same run, interleaved, medians. See README.md for the method."""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile

import measurements
from processes import Failure
from subjects import Fantail, Litestream

CHECKOUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")

MEASUREMENTS = {
    "writes": (measurements.writes, "Writing on the primary"),
    "lag": (measurements.lag, "Commit to visible on a copy"),
    "restore": (measurements.restore, "Restore"),
    "idle": (measurements.idle, "An idle minute"),
    "memory": (measurements.peak, "Peak memory on a big database"),
}

KEYS = ("condition", "subject", "round")


def medians(rows):
    """One row per condition and subject: the median of each number, `all` of each yes or no."""
    groups = {}
    for row in rows:
        groups.setdefault((row["condition"], row["subject"]), []).append(row)
    for (condition, subject), group in groups.items():
        merged = {"condition": condition, "subject": subject, "rounds": len(group)}
        for name in filter(lambda name: name not in KEYS, group[0]):
            values = [row[name] for row in group if row[name] is not None]
            if values and isinstance(values[0], bool):
                merged[name] = all(values)
            else:
                merged[name] = round(statistics.median(values), 3) if values else None
        yield merged


def shares(rows):
    """Adds what is left of the lone writer's rate, round by round against the same round's lone run."""
    alone = {(r["condition"], r["round"]): r["tx_per_s"] for r in rows if r["subject"] == "alone"}
    for row in rows:
        row["of_alone"] = round(row["tx_per_s"] / alone[row["condition"], row["round"]], 3)


def table(title, rows):
    """Markdown."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    yield f"### {title}\n"
    yield "| " + " | ".join(column.replace("_", " ") for column in columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "| " + " | ".join(shown(row.get(column)) for column in columns) + " |"
    yield ""


def shown(value):
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return str(value)


def machine():
    return {"cpus": os.cpu_count(), "system": f"{platform.system()} {platform.release()}", "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version}


def parsed():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=[*MEASUREMENTS, "all"])
    parser.add_argument("--fantail", default=None, help="binary (default: the release build of this checkout)")
    parser.add_argument("--litestream", default=os.environ.get("FANTAIL_TEST_LITESTREAM"),
                        help="binary; default: $FANTAIL_TEST_LITESTREAM, else it is left out")
    parser.add_argument("--without-fantail", action="store_true", help="only litestream, to check the method")
    parser.add_argument("--quick", action="store_true", help="short runs and small databases: a smoke test, not a result")
    parser.add_argument("--rounds", type=int, default=None, help="default 5, with --quick 1")
    parser.add_argument("--dir", default=None, help="where to put the databases (default: the system's temporary directory)")
    parser.add_argument("--out", default=None, help="write every single run as JSON")
    return parser.parse_args()


def release_build():
    subprocess.run(["swift", "build", "-c", "release", "--product", "fantail"], cwd=CHECKOUT, check=True, stdout=sys.stderr)
    return os.path.join(CHECKOUT, ".build", "release", "fantail")


def main():
    options = parsed()
    fantail = None if options.without_fantail else Fantail(options.fantail or release_build())
    litestream = Litestream(options.litestream) if options.litestream else None
    rounds = options.rounds or (1 if options.quick else 5)
    directory = tempfile.mkdtemp(prefix="fantail-bench-", dir=options.dir)
    bench = measurements.Bench(fantail, litestream, directory, rounds, options.quick)
    results = {"machine": machine(), "quick": options.quick,
               "versions": {subject.name: subject.version() for subject in bench.subjects}}
    print(json.dumps(results), flush=True)
    status = 0
    for name in MEASUREMENTS if options.what == "all" else [options.what]:
        function, title = MEASUREMENTS[name]
        rows = []
        try:
            for row in function(bench):
                rows.append(row)
                print(json.dumps(row), file=sys.stderr, flush=True)
        except Failure as failure:
            print(f"{name} failed: {failure}; its files are kept in {directory}", file=sys.stderr)
            status = 1
        if name == "writes" and status == 0:
            shares(rows)
        results[name] = rows
        if rows:
            print("\n".join(table(title, list(medians(rows)))), flush=True)
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    if status == 0:
        shutil.rmtree(directory)
    sys.exit(status)


if __name__ == "__main__":
    main()

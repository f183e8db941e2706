"""The five measurements. Each yields rows: one subject, one condition, one round."""

import os
import shutil
import sqlite3
import time

import processes
from processes import Background, Sampler, await_quiet, await_that, background, shipped, timed, workload
from subjects import Alone


class Bench:
    """What all measurements share: the subjects, the scratch directory, how long, how often."""

    def __init__(self, fantail, litestream, directory, rounds, quick):
        self.fantail = fantail
        self.litestream = litestream
        self.directory = directory
        self.rounds = rounds
        self.quick = quick
        self._number = 0

    @property
    def subjects(self):
        return [s for s in (self.fantail, self.litestream) if s is not None]

    def fresh(self):
        """An empty directory for one run of one subject."""
        self._number += 1
        path = os.path.join(self.directory, f"run{self._number}")
        os.makedirs(path)
        return path

    def interleaved(self, subjects):
        """Rounds over all subjects, each round beginning with another one, so that a machine that slows
        down or a cache that warms up favours nobody."""
        for number in range(self.rounds):
            shift = number % len(subjects)
            for subject in subjects[shift:] + subjects[:shift]:
                path = self.fresh()
                yield number, subject, path
                shutil.rmtree(path)


def writes(bench):
    """A Python writer with SQLite's defaults: flat out, and paced at 1,000 transactions a second."""
    seconds = 4 if bench.quick else 10
    for condition, pace in (("flat out", []), ("1000 tx/s", ["--pace", 1000])):
        for number, subject, path in bench.interleaved([Alone(), *bench.subjects]):
            database, store = os.path.join(path, "app.db"), os.path.join(path, "store")
            workload("rate.py", database, "--prepare")
            with background(subject.replicate(database, store), os.path.join(path, "log")) as sidecar:
                if sidecar is not None:
                    await_that(lambda: shipped(store), "the first file of the log", alive=sidecar)
                with Sampler(lambda: file_size(database + "-wal")) as wal:
                    begin = processes.cpu_seconds(sidecar.process.pid) if sidecar else 0
                    result = workload("rate.py", database, "--seconds", seconds, *pace)
                    cpu = (processes.cpu_seconds(sidecar.process.pid) - begin) if sidecar else 0
            yield {"condition": condition, "subject": subject.name, "round": number,
                   "tx_per_s": result["per_second"], "p99_ms": result["p99_ms"], "stall_ms": result["max_ms"],
                   "stalls_over_50_ms": result["stalls_over_50_ms"], "wal_high_mb": megabytes(wal.highest),
                   "sidecar_cpu_s": round(cpu, 2), "sidecar_peak_mb": megabytes(sidecar.peak_bytes if sidecar else 0),
                   "complete": complete(subject, database, store, path)}


def complete(subject, database, store, path):
    """Whether the log holds every row once the sidecar has stopped; a fast one that loses rows is not fast."""
    if isinstance(subject, Alone):
        return True
    out = os.path.join(path, "restored.db")
    timed(subject.restore(store, out), os.path.join(path, "log"))
    return count_rows(out) == count_rows(database)


def lag(bench):
    """Commit to visible, at the default intervals and at 10 ms, on a quiet primary and on a busy one.

    Every look at the copy is a connection of its own: a reader that stays connected blocks `litestream
    restore -f` for good."""
    for interval, gap, samples in ((None, 1.0, 15), ("10ms", 0.15, 60)):
        if bench.quick:
            samples = 8
        for load in ("quiet", "50 tx/s beside"):
            for number, subject, path in bench.interleaved(bench.subjects):
                yield {"condition": f"{interval or 'default 1s'}, {load}", "subject": subject.name, "round": number,
                       **lag_of(subject, path, interval, gap, load != "quiet", samples)}


def lag_of(subject, path, interval, gap, busy, samples):
    database, store, copy = (os.path.join(path, name) for name in ("app.db", "store", "copy.db"))
    workload("latency.py", database, copy, "--prepare")
    workload("bank.py", database, "--count", 1)
    bank = [processes.sys.executable, os.path.join(processes.WORKLOADS, "bank.py"), database, "--pace", "50"]
    with background(subject.replicate(database, store, interval), os.path.join(path, "replicate.log")) as sidecar:
        await_that(lambda: shipped(store), "the first file of the log", alive=sidecar)
        with background(subject.follow(store, copy, interval), os.path.join(path, "follow.log")) as follower, \
                background(bank if busy else None, os.path.join(path, "bank.log")):
            await_that(lambda: os.path.exists(copy), "the copy", alive=follower)
            result = workload("latency.py", database, copy, "--count", samples, "--gap", gap, "--reopen")
            follower.require_alive()
    return {name: result[name] for name in ("p50_ms", "p99_ms", "max_ms", "lost", "read_errors")}


def restore(bench):
    """A whole database out of the log that the same subject shipped with --once."""
    path = bench.fresh()
    filled(path, 50 if bench.quick else 500)
    sources, stores = {}, {}
    for subject in bench.subjects:
        # One each: litestream writes tables of its own into the database that it ships.
        sources[subject.name] = os.path.join(path, subject.name + ".db")
        stores[subject.name] = os.path.join(path, "store-" + subject.name)
        shutil.copyfile(os.path.join(path, "big.db"), sources[subject.name])
        log = os.path.join(path, subject.name + ".log")
        seconds, peak = timed(subject.replicate(sources[subject.name], stores[subject.name], once=True), log)
        yield {"condition": "first ship (--once)", "subject": subject.name, "round": 0,
               "seconds": round(seconds, 2), "peak_mb": megabytes(peak)}
    for number, subject, run in bench.interleaved(bench.subjects):
        out = os.path.join(run, "restored.db")
        seconds, peak = timed(subject.restore(stores[subject.name], out), os.path.join(run, "log"))
        same = workload("compare.py", sources[subject.name], out)["same"]
        yield {"condition": "restore", "subject": subject.name, "round": number,
               "seconds": round(seconds, 2), "peak_mb": megabytes(peak), "same": same}
    shutil.rmtree(path)


def idle(bench):
    """What the sidecar and the follower cost while nothing happens; all run at the same time."""
    seconds = 10 if bench.quick else 60
    path = bench.fresh()
    running = []
    try:
        for subject in bench.subjects:
            base = os.path.join(path, subject.name)
            database, store = base + ".db", base + ".store"
            workload("bank.py", database, "--count", 100)
            sidecar = Background(subject.replicate(database, store), base + ".replicate.log")
            running.append((subject, "replicate", sidecar))
            await_that(lambda: shipped(store), "the first file of the log", alive=sidecar)
            follower = Background(subject.follow(store, base + ".copy"), base + ".follow.log")
            running.append((subject, "follow", follower))
            await_that(lambda: os.path.exists(base + ".copy"), "the copy", alive=follower)
        # Past the first compaction of litestream's level 1 and past any back-off of ours.
        time.sleep(5 if bench.quick else 45)
        for number in range(bench.rounds):
            before = [usage(program) for _, _, program in running]
            time.sleep(seconds)
            for (subject, role, program), (cpu, switches) in zip(running, before):
                cpu_now, switches_now = usage(program)
                yield {"condition": role, "subject": subject.name, "round": number,
                       "cpu_s_per_min": round((cpu_now - cpu) * 60 / seconds, 3),
                       "wakeups_per_min": round((switches_now - switches) * 60 / seconds)}
    finally:
        for _, _, program in running:
            program.stop()
    shutil.rmtree(path)


def usage(program):
    program.require_alive()
    return processes.cpu_seconds(program.process.pid), processes.voluntary_switches(program.process.pid)


def peak(bench):
    """Peak memory of both ends on a big database: the first ship, the first copy, then writes."""
    for number, subject, path in bench.interleaved(bench.subjects):
        database = filled(path, 100 if bench.quick else 2000)
        store, copy = os.path.join(path, "store"), os.path.join(path, "copy.db")
        workload("rate.py", database, "--prepare")
        sidecar = Background(subject.replicate(database, store), os.path.join(path, "replicate.log"))
        try:
            await_that(lambda: shipped(store), "the first file of the log", 600, alive=sidecar)
            await_quiet(store, alive=sidecar)
            follower = Background(subject.follow(store, copy), os.path.join(path, "follow.log"))
            try:
                await_that(lambda: os.path.exists(copy), "the copy", 600, alive=follower)
                workload("rate.py", database, "--seconds", 5 if bench.quick else 30, "--pace", 2000)
                follower.require_alive()
                sidecar.require_alive()
            finally:
                follower.stop()
        finally:
            sidecar.stop(120)
        for role, program in (("replicate", sidecar), ("follow", follower)):
            yield {"condition": role, "subject": subject.name, "round": number, "peak_mb": megabytes(program.peak_bytes)}


def filled(path, size):
    """A database of so many megabytes, without a WAL."""
    database = os.path.join(path, "big.db")
    workload("fill.py", database, "--megabytes", size)
    return database


def count_rows(database):
    connection = sqlite3.connect(database)
    try:
        return connection.execute("SELECT count(*), max(id) FROM entries").fetchone()
    finally:
        connection.close()


def file_size(path):
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def megabytes(count):
    return round(count / 1e6, 1)

"""Starting and watching processes through /proc: no instrumentation in what is measured."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time

from subjects import environment

WORKLOADS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Tests", "Workloads")
TICKS = os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """A measured program did not do its job; the measurement is void."""


class Background:
    """A program that runs while something else is measured. Its peak memory is kept up to its end."""

    def __init__(self, command, log):
        self.command = command
        self.log = log
        self.peak_bytes = 0
        with open(log, "ab") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, env=environment())
        self._watch = threading.Thread(target=self._watch_memory, daemon=True)
        self._watch.start()

    def _watch_memory(self):
        # VmHWM is a high-water mark that the kernel keeps, so looking seldom misses only the very end.
        while self.process.poll() is None:
            self.peak_bytes = max(self.peak_bytes, memory(self.process.pid, "VmHWM"))
            time.sleep(0.005 if self.peak_bytes == 0 else 0.05)

    def require_alive(self):
        if self.process.poll() is not None:
            raise Failure(f"{' '.join(self.command)} ended with {self.process.returncode}, see {self.log}")

    def stop(self, patience=60):
        """SIGTERM and the exit status; a program that does not end within `patience` seconds fails."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failure(f"{' '.join(self.command)} did not end within {patience} s of SIGTERM") from None
        self._watch.join()
        return status


@contextlib.contextmanager
def background(command, log):
    """Runs a program for the length of a block; a `None` command is nobody."""
    if command is None:
        yield None
        return
    program = Background(command, log)
    try:
        yield program
    finally:
        program.stop()


class Sampler:
    """The largest value of a function, looked at every 20 ms."""

    def __init__(self, function):
        self.highest = 0
        self._function = function
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self._end.wait(0.02):
            self.highest = max(self.highest, self._function())

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()


def memory(pid, field):
    """A field of /proc/PID/status in bytes; zero once the process has ended."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def cpu_seconds(pid):
    """User and system time of a process so far, all threads."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def voluntary_switches(pid):
    """How often the threads of a process went to sleep, so how often they were woken."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as file:
                total += next(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches"))
    return total


def workload(script, *arguments):
    """Runs one of Tests/Workloads to its end; what it printed."""
    command = [sys.executable, os.path.join(WORKLOADS, script), *map(str, arguments)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise Failure(f"{' '.join(command)}: {answer.stdout}{answer.stderr}")
    return json.loads(answer.stdout) if answer.stdout else None


def timed(command, log):
    """Runs a program to its end: seconds and peak memory in bytes."""
    begin = time.perf_counter()
    program = Background(command, log)
    status = program.process.wait()
    seconds = time.perf_counter() - begin
    program.stop()
    if status != 0:
        raise Failure(f"{' '.join(command)} ended with {status}, see {log}")
    return seconds, program.peak_bytes


def await_that(condition, what, seconds=120, alive=None):
    """Polls until `condition` holds; a program that dies meanwhile, or the time running out, is a failure."""
    deadline = time.monotonic() + seconds
    while not condition():
        if alive is not None:
            alive.require_alive()
        if time.monotonic() > deadline:
            raise Failure(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


def shipped(store):
    """Whether the log in a directory store has its first file, so that a follower finds something."""
    with contextlib.suppress(FileNotFoundError):
        return any(name.endswith(".ltx") for name in os.listdir(os.path.join(store, "ltx", "0")))
    return False


def await_quiet(store, seconds=3.0, alive=None):
    """Polls until nothing was added to a directory store for a while, so that the first ship is over."""
    last, since = -1, time.monotonic()

    def quiet():
        nonlocal last, since
        now = sum(len(files) for _, _, files in os.walk(store))
        if now != last:
            last, since = now, time.monotonic()
        return time.monotonic() - since > seconds

    await_that(quiet, f"{store} to become quiet", 300, alive)

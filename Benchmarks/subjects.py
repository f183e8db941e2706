"""What is measured: how each program is told to replicate, follow and restore.

Every subject answers the same three questions with a command line, so that the measurements know no names.
"""

import os
import subprocess


class Alone:
    """Nobody: the application without a sidecar."""

    name = "alone"

    def replicate(self, database, store, interval=None):
        return None


class Fantail:
    """`fantail` of this checkout."""

    name = "fantail"

    def __init__(self, binary):
        self.binary = binary

    def version(self):
        return first_line([self.binary, "--version"])

    def replicate(self, database, store, interval=None, once=False):
        return ([self.binary, "replicate", database, "file://" + store] + (["--once"] if once else [])
                + (["--sync-interval", interval] if interval else []))

    def follow(self, store, copy, interval=None):
        return [self.binary, "follow", "file://" + store, copy] + (["--poll-interval", interval] if interval else [])

    def restore(self, store, out):
        return [self.binary, "restore", "file://" + store, "-o", out]


class Litestream:
    """The released `litestream`; its read replica is `restore -f`."""

    name = "litestream"

    def __init__(self, binary):
        self.binary = binary

    def version(self):
        return first_line([self.binary, "version"])

    def replicate(self, database, store, interval=None, once=False):
        if interval is None:
            return [self.binary, "replicate"] + (["-once"] if once else []) + [database, "file://" + store]
        # Intervals can only be given in a configuration file; the monitor's counts as much as the replica's.
        config = store + ".yml"
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"dbs:\n  - path: {database}\n    monitor-interval: {interval}\n"
                       f"    replica:\n      url: file://{store}\n      sync-interval: {interval}\n")
        return [self.binary, "replicate", "-config", config]

    def follow(self, store, copy, interval=None):
        return ([self.binary, "restore", "-f"] + (["-follow-interval", interval] if interval else [])
                + ["-o", copy, "file://" + store])

    def restore(self, store, out):
        return [self.binary, "restore", "-o", out, "file://" + store]


def first_line(command):
    """What a program says of its version."""
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    return ((answer.stdout or answer.stderr).splitlines() or ["unknown"])[0]


def environment():
    """Without AWS_CA_BUNDLE, which makes litestream refuse to start; nothing here talks to a network."""
    return {name: value for name, value in os.environ.items() if name != "AWS_CA_BUNDLE"}

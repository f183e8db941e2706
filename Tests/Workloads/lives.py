#!/usr/bin/env python3
"""Many short lives of an app and of `fantail replicate`, in every order that a day can bring.

The app opens and closes its connection (whose last close deletes the WAL), commits, rolls back, checkpoints
in every mode, vacuums, changes its page size, is restored from a backup. fantail runs beside it, or not, and
is stopped by SIGTERM, by SIGKILL, or ships with --once. After every end of fantail that says that all is
shipped, the log must restore to the app's database, byte for byte, and a copy that `fantail follow` catches up
must be that database too, whatever was done to the copy meanwhile. A second copy is followed all the time, or its
follower is stopped, killed, stopped in the middle of things, or finds a file of the log missing or damaged for a while.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

from compare import first_difference, settled
from workload import arguments, connect, report, seeded


class Lives:
    """One directory with a database, a log and at most one fantail; every method named in WEIGHTS is a step."""

    WEIGHTS = {
        "commit": 30, "burst": 6, "rollback": 3, "shrink": 4, "checkpoint": 8, "vacuum": 4, "close": 8,
        "repage": 1, "replace": 1.5, "once": 10, "start": 10, "stop": 10, "kill": 5, "wait": 6,
        "follow_start": 10, "follow_stop": 2, "follow_kill": 4, "follow_doze": 4, "lose": 2, "damage": 2, "read": 10,
    }

    def __init__(self, options, rng):
        self.options, self.rng = options, rng
        self.path = os.path.join(options.directory, "app.db")
        self.log = os.path.join(options.directory, "log")
        self.copy = os.path.join(options.directory, "copy.db")
        self.live = os.path.join(options.directory, "live.db")
        self.app, self.fantail, self.compared = None, None, 0
        self.follower, self.reader, self.held = None, None, {}

    # The app.

    def connection(self):
        if self.app is None:
            self.app = connect(self.path)
            self.app.execute("PRAGMA journal_mode = WAL")
            self.app.execute(f"PRAGMA wal_autocheckpoint = {self.rng.choice([0, 4, 50, 1000])}")
            self.app.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, body BLOB)")
        return self.app

    def commit(self):
        for _ in range(self.rng.randint(1, 3)):
            self.connection().execute("INSERT INTO t(body) VALUES (?)", (self.rng.randbytes(self.rng.randint(1, 9000)),))

    def burst(self):
        app = self.connection()
        app.execute("BEGIN")
        for _ in range(self.rng.randint(10, 400)):
            app.execute("INSERT INTO t(body) VALUES (?)", (self.rng.randbytes(self.rng.randint(1, 3000)),))
        app.execute("COMMIT")

    def rollback(self):
        app = self.connection()
        app.execute("PRAGMA cache_size = 10")
        app.execute("BEGIN")
        for _ in range(60):
            app.execute("INSERT INTO t(body) VALUES (?)", (self.rng.randbytes(3000),))
        app.execute("ROLLBACK")

    def shrink(self):
        self.connection().execute("DELETE FROM t WHERE id % ? = 0", (self.rng.randint(1, 4),))

    def checkpoint(self):
        mode = self.rng.choice(["PASSIVE", "FULL", "RESTART", "TRUNCATE"])
        self.connection().execute(f"PRAGMA wal_checkpoint({mode})").fetchone()

    def vacuum(self):
        if self.rng.random() < 0.5:
            self.connection().execute(f"PRAGMA auto_vacuum = {self.rng.randint(0, 2)}")
        self.connection().execute("VACUUM")

    def close(self):
        if self.app is not None:
            self.app.close()
            self.app = None

    def repage(self):
        """Another page size; SQLite allows that only outside WAL mode, so only while nobody else is there."""
        if self.fantail is not None:
            return
        app = self.connection()
        app.execute("PRAGMA journal_mode = DELETE")
        app.execute(f"PRAGMA page_size = {self.rng.choice([512, 1024, 4096, 8192, 65536])}")
        app.execute("VACUUM")
        app.execute("PRAGMA journal_mode = WAL")

    def replace(self):
        """What restoring a backup does: another file under the same name, without the old WAL."""
        self.close()
        backup = os.path.join(self.options.directory, "backup.db")
        if not os.path.exists(self.path):
            return
        if not os.path.exists(backup) or self.rng.random() < 0.3:
            shutil.copyfile(settled(self.path, self.options.directory, "settled"), backup)
            return
        shutil.copyfile(backup, self.path + ".new")
        for suffix in ("-wal", "-shm"):
            if os.path.exists(self.path + suffix):
                os.unlink(self.path + suffix)
        os.rename(self.path + ".new", self.path)
        if self.fantail is not None:
            # Noticed within a second; until then the old file is what is captured.
            time.sleep(2)

    def wait(self):
        time.sleep(self.rng.choice([0.001, 0.02, 0.1, 0.4]))

    # fantail.

    def command(self, *more):
        return [self.options.fantail, "replicate", self.path, self.log, "--sync-interval", "20ms", *more]

    def once(self):
        if self.fantail is None and os.path.exists(self.path):
            self.mend()
            self.said = subprocess.run(self.command("--once"), stderr=subprocess.PIPE, text=True, timeout=60)
            if self.said.returncode != 0:
                raise SystemExit(f"--once ended with {self.said.returncode}: {self.said.stderr}")
            self.compare("--once")

    def start(self):
        if self.fantail is None:
            self.mend()
            self.fantail = subprocess.Popen(self.command(), stderr=subprocess.PIPE, text=True)
            self.wait()

    def stop(self):
        if self.fantail is None or not os.path.exists(self.path):
            return
        self.fantail.send_signal(signal.SIGTERM)
        _, said = self.fantail.communicate(timeout=60)
        status, self.fantail = self.fantail.returncode, None
        # A signal before the handler stands ends it as any program; it has shipped nothing then.
        if status == -signal.SIGTERM:
            return
        if status != 0:
            raise SystemExit(f"ended with {status}: {said}")
        self.compare("SIGTERM", said)

    def kill(self):
        if self.fantail is not None:
            self.fantail.kill()
            self.fantail.communicate()
            self.fantail = None

    def compare(self, after, said=""):
        """Restores what is in the log and compares it with the app's database, which nobody changes now."""
        out = os.path.join(self.options.directory, "out.db")
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(out + suffix):
                os.unlink(out + suffix)
        done = subprocess.run([self.options.fantail, "restore", self.log, "-o", out], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"after {after}: cannot restore: {done.stderr}")
        offset = first_difference(settled(self.path, self.options.directory, "settled"), out, [])
        if offset is not None:
            raise SystemExit(f"after {after}: the log differs from the database at byte {offset}\n{said}")
        self.mend()
        self.follow(after)
        self.expect_live(after)
        self.compared += 1

    def follow(self, after):
        """Brings the copy to the head, perhaps after a kill in the middle of that, or after a stray write."""
        command = [self.options.fantail, "follow", self.log, self.copy]
        trouble = self.rng.choice(["none", "none", "kill", "stray", "truncate"])
        if trouble == "kill":
            follower = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            time.sleep(self.rng.uniform(0.01, 0.15))
            follower.kill()
            follower.wait()
        elif trouble == "stray" and os.path.exists(self.copy):
            stray = connect(self.copy)
            stray.execute("DELETE FROM t WHERE id % 3 = 0")
            stray.execute("CREATE TABLE IF NOT EXISTS stray(x)")
            if self.rng.random() < 0.5:
                stray.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            stray.close()
        elif trouble == "truncate" and os.path.exists(self.copy):
            os.truncate(self.copy, os.path.getsize(self.copy) // 2)
        done = subprocess.run([*command, "--once"], stderr=subprocess.PIPE, text=True, timeout=60)
        if done.returncode != 0:
            raise SystemExit(f"after {after} and {trouble}: follow ended with {done.returncode}: {done.stderr}")
        try:
            copied = settled(self.copy, self.options.directory, "copied")
        except sqlite3.DatabaseError as error:
            raise SystemExit(f"after {after} and {trouble}: the copy is broken: {error}\n{done.stderr}")
        offset = first_difference(os.path.join(self.options.directory, "settled"), copied, [])
        if offset is not None:
            raise SystemExit(f"after {after} and {trouble}: the copy differs at byte {offset}\n{done.stderr}")

    # A follower that runs on.

    def follow_start(self):
        if self.follower is None:
            # In a file: nobody reads a pipe meanwhile.
            with open(self.live + ".log", "a", encoding="utf-8") as log:
                self.follower = subprocess.Popen(
                    [self.options.fantail, "follow", self.log, self.live, "--poll-interval", "10ms"], stderr=log)

    def follow_stop(self):
        if self.follower is not None:
            self.follower.send_signal(signal.SIGTERM)
            status = self.follower.wait(timeout=60)
            self.follower = None
            if status not in (0, -signal.SIGTERM):
                raise SystemExit(f"the follower ended with {status}: {self.followed()}")

    def follow_kill(self):
        if self.follower is not None:
            self.follower.kill()
            self.follower.wait()
            self.follower = None

    def follow_doze(self):
        """Out of the way for a moment, so that it has to catch up."""
        if self.follower is not None:
            self.follower.send_signal(signal.SIGSTOP)
            self.commit()
            self.wait()
            self.follower.send_signal(signal.SIGCONT)

    def followed(self):
        with open(self.live + ".log", encoding="utf-8") as log:
            return "".join(log.readlines()[-12:])

    def newest(self):
        """The file of the log that came last."""
        level = os.path.join(self.log, "ltx", "0")
        names = sorted(name for name in os.listdir(level) if name.endswith(".ltx")) if os.path.isdir(level) else []
        return os.path.join(level, names[-1]) if names else None

    def lose(self):
        """A file of the log is not there for a while. Only while nobody ships: a primary would take the name."""
        path = self.newest()
        if path is not None and self.fantail is None and not self.held:
            with open(path, "rb") as file:
                self.held[path] = file.read()
            os.unlink(path)

    def damage(self):
        path = self.newest()
        if path is not None and self.fantail is None and not self.held:
            with open(path, "rb") as file:
                self.held[path] = whole = file.read()
            at = self.rng.randrange(len(whole))
            damaged = whole[:at] if self.rng.random() < 0.5 else whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]
            with open(path, "wb") as file:
                file.write(damaged)

    def mend(self):
        for path, content in self.held.items():
            with open(path + ".whole", "wb") as file:
                file.write(content)
            os.rename(path + ".whole", path)
        self.held = {}

    def read(self):
        """A stock reader that stays, with no patience at all."""
        if not os.path.exists(self.live):
            return
        if self.reader is None or self.rng.random() < 0.3:
            self.reader = connect(self.live, "rw", busy_seconds=0)
        problem = self.reader.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if problem != "ok":
            raise SystemExit(f"a reader finds {problem}: {self.followed()}")

    def expect_live(self, after):
        """The followed copy becomes the database, too, without another word."""
        if self.follower is None:
            return
        deadline, why = time.monotonic() + 60, "no copy"
        while time.monotonic() < deadline:
            if self.follower.poll() is not None:
                raise SystemExit(f"after {after}: the follower ended with {self.follower.returncode}: {self.followed()}")
            time.sleep(0.02)
            if not os.path.exists(self.live):
                continue
            try:
                copied = settled(self.live, self.options.directory, "lived")
            except (sqlite3.Error, SystemExit, OSError, subprocess.SubprocessError) as error:
                # Copied while it moved.
                why = str(error)
                continue
            why = first_difference(os.path.join(self.options.directory, "settled"), copied, [])
            if why is None:
                return
        raise SystemExit(f"after {after}: the followed copy is not the database ({why}): {self.followed()}")

    def step(self):
        kind = self.rng.choices(list(self.WEIGHTS), list(self.WEIGHTS.values()))[0]
        if self.options.verbose:
            print(kind, file=sys.stderr, flush=True)
        try:
            getattr(self, kind)()
        except sqlite3.OperationalError as error:
            # fantail may be in the middle of recovering or checkpointing; any app must bear that.
            if "locked" not in str(error):
                raise


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("fantail", help="the binary")
    parser.add_argument("directory", help="an empty one, for everything")
    parser.add_argument("--verbose", action="store_true", help="print every step")
    options = parser.parse_args()
    rng = seeded(options)
    lives = Lives(options, rng)
    done = 0
    deadline = None if options.seconds is None else time.monotonic() + options.seconds
    try:
        while (options.count is None or done < options.count) and (deadline is None or time.monotonic() < deadline):
            lives.step()
            done += 1
        lives.commit()
        lives.kill()
        lives.mend()
        lives.follow_start()
        lives.once()
    except SystemExit as failure:
        report(ok=False, seed=options.seed, steps=done, compared=lives.compared, reason=str(failure))
        sys.exit(1)
    finally:
        lives.kill()
        lives.follow_kill()
        lives.close()
    report(ok=True, seed=options.seed, steps=done, compared=lives.compared)


if __name__ == "__main__":
    main()

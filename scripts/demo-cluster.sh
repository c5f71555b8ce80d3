#!/usr/bin/env bash
# Three nodes over a PostgreSQL and a Redis of their own are restarted in turn under load; prints the ledger. Everything is
# stopped and removed at the end. Ends with 1 when anything was lost, doubled or out of order.
#
#   scripts/demo-cluster.sh [--json] [--rooms N] [--writers N] [--followers N] [--rounds N]
set -euo pipefail

cd "$(dirname "$0")/.."
if ! command -v redis-server >/dev/null 2>&1; then
  echo "redis-server is missing; install it with: scripts/install.sh --test" >&2
  exit 1
fi
cargo build --release --bin synctv --package synctv-server >&2
exec cargo run --release --package synctv-bench --bin synctv-bench -- demo-cluster "$@"

#!/usr/bin/env bash
# Checks the .proto files with buf: their form, their style, and that clients of the released schema still understand the
# server.
#
#   scripts/buf.sh             installs buf for itself alone below target/, if it is missing, and checks
#   scripts/buf.sh --release   the same, and takes the present schema as the released one: commit proto/released.binpb
set -euo pipefail

release=no
case "$#:${1-}" in
  0:) ;;
  1:--release) release=yes ;;
  *) echo "usage: $0 [--release]" >&2; exit 2 ;;
esac

cd "$(dirname "$0")/.."
version=1.75.0
tools=$PWD/target/buf-$version

# Written last, so that half an installation counts as none.
if [ ! -e "$tools/made" ]; then
  rm -rf "$tools"
  mkdir -p "$tools"
  npm install --prefix "$tools" --loglevel=error --no-fund --no-audit --ignore-scripts "@bufbuild/buf@$version"
  touch "$tools/made"
fi
buf() { "$tools/node_modules/.bin/buf" "$@"; }

cd proto
buf format --diff --exit-code
buf lint
[ ! -e released.binpb ] || buf breaking --against released.binpb
# Without comments and lines: they may change.
[ "$release" = no ] || buf build --exclude-source-info --output released.binpb

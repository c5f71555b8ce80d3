#!/usr/bin/env bash
# Tries a WebSocket server that says back all it hears with Autobahn's fuzzing client: no case may find a fault.
#
#   scripts/autobahn.sh --install                        installs Autobahn for itself alone, below target/
#   scripts/autobahn.sh URL OUTDIR [CASES [WITHOUT]]     such as '1.*,2.*' and '9.*'; all cases and none are the default
set -euo pipefail

cd "$(dirname "$0")/.."
version=25.10.1
ours=$PWD/tests/autobahn
tools=$PWD/target/autobahn-$version
# What was ported in another way has to be ported anew.
made=$(cat scripts/autobahn.sh "$ours/port.py" | sha256sum)
is_made() { [ "$(cat "$tools/made" 2>/dev/null)" = "$made" ]; }

if [ "${1-}" = --install ]; then
  ! is_made || exit 0
  rm -rf "$tools"
  python3 -m venv "$tools"
  pip() { "$tools/bin/pip" --quiet --disable-pip-version-check install --use-pep517 "$@"; }
  # The suite is for Python 2. What it is made of is for both: the version that it asks for, and the newest of the others.
  pip autobahn==0.10.9 txaio==2.1.0 wsaccel==0.6.7 'Twisted[tls]==26.10.0' Jinja2==3.1.6 fissix==24.4.24
  pip --no-deps --no-compile "autobahntestsuite==$version"
  (cd "$tools"/lib/python3*/site-packages && "$tools/bin/python" "$ours/port.py" autobahntestsuite)
  echo "$made" >"$tools/made"
  echo "installed autobahntestsuite $version"
  exit 0
fi

: "${1:?usage: $0 --install | URL OUTDIR [CASES [WITHOUT]]}" "${2:?}"
is_made || { echo "missing: run $0 --install" >&2; exit 1; }
# Warnings are about the age of the suite.
PYTHONDONTWRITEBYTECODE=1 exec "$tools/bin/python" -W ignore "$ours/fuzz.py" "$@"

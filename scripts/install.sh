#!/usr/bin/env bash
# Installs the programs that SyncTV needs on Debian or Ubuntu, and only those that are missing.
#
#   scripts/install.sh          PostgreSQL 15+, ffmpeg, Node 18+ and npm
#   scripts/install.sh --test   the same, and what the tests need: redis-server, chromium, python3, iproute2, libfaketime,
#                               Schemathesis, Autobahn, gRPC for Python, SeaweedFS
#   scripts/install.sh --bench  the first, and the peers of the measurements: redis-server, nginx with its RTMP module
set -euo pipefail

usage() {
  echo "usage: $0 [--test|--bench]" >&2
  exit 2
}

with_tests=no
with_peers=no
case "${1-}" in
  '') ;;
  --test) with_tests=yes ;;
  --bench) with_peers=yes ;;
  *) usage ;;
esac
[ $# -le 1 ] || usage

has() { command -v "$1" >/dev/null 2>&1; }

# The server programs usually live outside PATH, in one folder per major version.
has_postgres() {
  local bin major
  for bin in "$(dirname "$(command -v initdb || echo /nowhere/initdb)")" /usr/lib/postgresql/*/bin; do
    [ -x "$bin/initdb" ] && [ -x "$bin/pg_ctl" ] && [ -x "$bin/postgres" ] || continue
    major=$("$bin/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    [ "$major" -ge 15 ] && return 0
  done
  return 1
}

has_node() {
  has node && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ]
}

has_python() { has python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; }

# A library in a folder of the machine's architecture.
has_faketime() { compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null; }

# The program lives where only root's PATH leads.
has_nginx() { [ -x /usr/sbin/nginx ] || has nginx; }

has_nginx_rtmp() { [ -e /usr/lib/nginx/modules/ngx_rtmp_module.so ]; }

has_chromium() { has chromium || has chromium-browser || has google-chrome; }

missing_packages() {
  has_postgres || echo postgresql
  has ffmpeg || echo ffmpeg
  has_node || echo nodejs
  has npm || echo npm
  if [ "$with_tests" = yes ]; then
    has redis-server || echo redis-server
    has_chromium || echo chromium
    has_python || echo python3-venv
    has ip || echo iproute2
    has_faketime || echo libfaketime
  fi
  if [ "$with_peers" = yes ]; then
    has redis-server || echo redis-server
    has_nginx || echo nginx
    has_nginx_rtmp || echo libnginx-mod-rtmp
  fi
}

# Becomes root, or says what to type.
require_root() {
  [ "$(id -u)" -ne 0 ] || return 0
  local self
  self="$(cd "$(dirname "$0")" && pwd)/$(basename "$0")"
  if has sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    exec sudo bash "$self" "$@"
  fi
  echo "missing: $(missing_packages | paste -sd' ')" >&2
  if has sudo; then
    echo "run this: sudo bash $self${*:+ $*}" >&2
  else
    echo "run this as root: bash $self${*:+ $*}" >&2
  fi
  exit 1
}

# SyncTV runs its own private cluster: one on port 5432 would be a surprise, and in the way of another.
forbid_main_cluster() {
  local conf=/etc/postgresql-common/createcluster.conf
  mkdir -p "$(dirname "$conf")"
  if [ -e "$conf" ] && grep -qE '^[[:space:]]*create_main_cluster[[:space:]]*=' "$conf"; then
    sed -i -E 's/^[[:space:]]*create_main_cluster[[:space:]]*=.*/create_main_cluster = false/' "$conf"
  else
    # A file may lack its last newline; the setting must not join that line.
    [ ! -s "$conf" ] || [ -z "$(tail -c1 "$conf")" ] || echo >>"$conf"
    echo 'create_main_cluster = false' >>"$conf"
  fi
}

policy=/usr/sbin/policy-rc.d
policy_aside=
policy_ours=no

restore_policy() {
  [ "$policy_ours" = yes ] || return 0
  policy_ours=no
  if [ -n "$policy_aside" ]; then
    mv -f "$policy_aside" "$policy"
  else
    rm -f "$policy"
  fi
}

# Until this script ends, no package may start a service of its own.
forbid_services() {
  trap restore_policy EXIT
  trap 'exit 130' HUP INT TERM
  if [ -e "$policy" ] || [ -L "$policy" ]; then
    policy_aside="$policy.synctv.$$"
    mv "$policy" "$policy_aside"
  fi
  policy_ours=yes
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
}

apt() {
  local log
  log=$(mktemp)
  if ! DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get -qq -y \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold "$@" >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "apt-get $* failed" >&2
    return 1
  fi
  rm -f "$log"
}

install_package() {
  [ "$1" != postgresql ] || forbid_main_cluster
  apt install --no-install-recommends "$1"
  # Tests and measurements start their own; the packaged services would come up at the next boot.
  case "$1" in
    redis-server | nginx) ! has systemctl || systemctl disable "$1" >/dev/null 2>&1 || true ;;
  esac
  echo "installed $1 $(dpkg-query -W -f '${Version}' "$1" 2>/dev/null || true)"
}

# Programs that no distribution packages; below target/, so they belong to whoever builds there.
install_tools() {
  local owner=()
  [ "$with_tests" = yes ] || return 0
  [ "$(id -u)" -ne 0 ] || [ -z "${SUDO_USER-}" ] || owner=(sudo -u "$SUDO_USER")
  "${owner[@]}" bash "$(dirname "$0")/schemathesis.sh" --install
  "${owner[@]}" bash "$(dirname "$0")/autobahn.sh" --install
  "${owner[@]}" bash "$(dirname "$0")/python-example.sh" --install
  "${owner[@]}" bash "$(dirname "$0")/seaweedfs.sh" --install
}

mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -eq 0 ]; then
  install_tools
  exit 0
fi

if ! has apt-get; then
  echo "this is not Debian or Ubuntu; please install: ${missing[*]}" >&2
  exit 1
fi
require_root "$@"

forbid_services
apt update
for package in "${missing[@]}"; do
  install_package "$package"
done

mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -gt 0 ]; then
  echo "this distribution's packages are too old or absent: ${missing[*]} (needed: PostgreSQL 15+, Node 18+)" >&2
  exit 1
fi
install_tools

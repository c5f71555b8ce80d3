#!/usr/bin/env bash
# Builds the page (web/dist) and the sample video. Does nothing for what has not changed since the last run.
set -euo pipefail

cd "$(dirname "$0")/../web"

digest() { sha256sum "$@" | sha256sum | cut -d' ' -f1; }
fresh() { [ -e "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# The stamps lie inside node_modules: whoever deletes that also deletes them.
packages_stamp=node_modules/.synctv-packages
page_stamp=node_modules/.synctv-page

# The folder is rebuilt for another platform, too: esbuild is a native program.
packages=$(digest package.json package-lock.json .npmrc)-$(uname -sm | tr ' ' -)
if ! fresh "$packages_stamp" "$packages"; then
  npm ci --loglevel=error
  echo "$packages" >"$packages_stamp"
fi

mapfile -t sources < <(find src css static -type f | LC_ALL=C sort)
page=$(digest "${sources[@]}" index.html docs.html build.mjs package.json package-lock.json tsconfig.json)
built=yes
for file in index.html app.js theme.js style.css docs.html docs.js docs.css; do
  [ -s "dist/$file" ] || built=no
done
if [ "$built" = no ] || ! fresh "$page_stamp" "$page"; then
  npm run --silent build
  echo "$page" >"$page_stamp"
fi

sample/make.sh

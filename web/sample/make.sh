#!/usr/bin/env bash
# Makes sample.mp4 beside this script: 30 seconds of a moving test picture with a running second counter, and a tone.
# The same ffmpeg makes the same bytes each time; nothing happens while the file is newer than this script.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out="$here/sample.mp4"
[ ! -e "$out" ] || [ "$here/make.sh" -nt "$out" ] || exit 0

part=$(mktemp "$here/.sample.XXXXXX")
trap 'rm -f "$part"' EXIT

# A key frame each second keeps a seek exact and quick. One encoder thread, because the number of threads shows in the bytes.
ffmpeg -nostdin -hide_banner -loglevel error -y \
  -f lavfi -i 'testsrc2=size=640x360:rate=25:duration=30' \
  -f lavfi -i 'sine=frequency=330:beep_factor=4:sample_rate=44100:duration=30' \
  -map 0:v -map 1:a -shortest \
  -c:v libx264 -profile:v baseline -level 3.0 -pix_fmt yuv420p -threads 1 -preset slow \
  -b:v 180k -maxrate 200k -bufsize 400k -g 25 -keyint_min 25 -sc_threshold 0 \
  -c:a aac -b:a 32k -ac 1 \
  -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
  -movflags +faststart -f mp4 "$part"

chmod 644 "$part"
mv -f "$part" "$out"

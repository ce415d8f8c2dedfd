#!/usr/bin/env bash
# Tests the lab in Chromium: run.sh CSDM [FOLDER [SCRIPT]]. Screenshots go to FOLDER, if it is not empty. SCRIPT is test.mjs or repaint.mjs. Exit status 77: a browser or npm is missing.
set -euo pipefail
csdm=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
missing() { echo "skipped: $1"; exit 77; }
[ -n "$browser" ] || missing "no Chromium is installed"
command -v npm >/dev/null || missing "no npm is installed"
work=${LAB_MODULES:-$(mktemp -d)} # outside of the repository
if [ ! -d "$work/node_modules" ]; then
  mkdir -p "$work"
  cp "$here/package.json" "$work/"
  (cd "$work" && npm install --no-package-lock --no-audit --no-fund --silent) || missing "npm cannot install playwright-core and axe-core"
fi
"$work/node_modules/.bin/tsc" -p "$here/../web"
CSDM=$csdm BROWSER=$browser MODULES=$work SHOTS=${2:-} node "$here/${3:-test.mjs}"

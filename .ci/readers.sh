#!/usr/bin/env bash
# Opens csdm's NetCDF files in xarray, and runs its ONNX files in ONNX Runtime.
#
# Ends with 77 and a line that begins with SKIPPED for each reader that is missing and cannot be installed.
set -euo pipefail
cd "$(dirname "$0")/.."
skipped=
skip() { echo "SKIPPED: $1"; skipped=1; }
# check PACKAGE TEST: the test must have run
check() {
  out=$(go test -count=1 -vet=off "$1" -run "^$2\$" -v) || { echo "$out"; exit 1; }
  ! grep -q -- '^--- SKIP' <<<"$out" || { echo "$out"; echo "the reader is installed, and the test did not use it"; exit 1; }
  echo "$2 passed"
}

# xarray reads NetCDF-3 by SciPy.
readable() { /usr/bin/python3 -c 'import xarray, scipy' 2>/dev/null; }
readable || { command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] && apt-get update -qq &&
  apt-get install -y -qq --no-install-recommends python3-xarray python3-scipy; } >/dev/null 2>&1 || true
if readable; then check ./cmd/csdm TestExportNetCDF; else skip "NetCDF in xarray: python3-xarray and python3-scipy are missing"; fi

runs() { node -e "require('onnxruntime-node')" 2>/dev/null; }
if ! runs && command -v npm >/dev/null; then
  modules=$(mktemp -d)
  trap 'rm -rf "$modules"' EXIT
  timeout 120 npm install --prefix "$modules" --ignore-scripts --no-audit --no-fund --silent onnxruntime-node >/dev/null 2>&1 || true
  export NODE_PATH=$modules/node_modules
fi
if runs; then check ./nn TestONNX; else skip "networks in ONNX Runtime: onnxruntime-node is missing"; fi
[ -z "$skipped" ] || exit 77

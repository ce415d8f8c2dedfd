#!/bin/sh
# Runs tests for arm64 on another processor:
#   run-arm64.sh [package...] [-- test flags]
# README.md describes it.
set -eu
cd "$(dirname "$0")/../../.."
if ! command -v qemu-aarch64 >/dev/null; then
	echo "run-arm64.sh: no qemu-aarch64 (Debian: apt-get install qemu-user)" >&2
	exit 1
fi
packages=""
while [ $# -gt 0 ] && [ "$1" != -- ]; do packages="$packages $1"; shift; done
[ $# -eq 0 ] || shift
[ -n "$packages" ] || packages=./internal/kernel
# A test program cannot start itself here, so the test of CSDM_SIMD is skipped.
[ $# -gt 0 ] || set -- -test.v '-test.run=./(neon|seed)' '-test.skip=^TestForcedImplementation$'

program=$(mktemp)
trap 'rm -f "$program"' EXIT
status=0
for p in $packages; do
	GOARCH=arm64 CGO_ENABLED=0 go test -c -o "$program" "$p"
	(cd "$p" && qemu-aarch64 "$program" "$@") || status=1
done
exit $status

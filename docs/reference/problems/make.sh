#!/usr/bin/env bash
# Makes figures of docs/reference/five-problems.md from demos with embedded
# networks, about a minute each on two cores.
#
#   docs/reference/problems/make.sh DIR PROBLEM…
#
# DIR keeps the demos, with report.html of each. csdm is taken from $CSDM, or
# found in PATH.
set -euo pipefail
csdm=${CSDM:-csdm}
[ $# -ge 2 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)
out=$1
shift
for problem; do
  "$csdm" demo --problem "$problem" --threads 2 -o "$out/$problem"
  cp "$out/$problem/figures/overview.png" "$here/$problem-overview.png"
done

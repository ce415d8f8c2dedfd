#!/usr/bin/env bash
# Makes the paper's datasets (its Table 1) on two threads, and prints the tables of README.md.
#
#   docs/reference/datasets/make.sh DIR         the whole: some ten minutes and 3.2 GB. It resumes where it stopped.
#   docs/reference/datasets/make.sh DIR PAIRS   at most PAIRS of each, for a trial
#
# csdm is taken from $CSDM, or found in PATH. Times are of all calls that ended, kept in DIR/PROBLEM.log.
set -euo pipefail
csdm=${CSDM:-csdm}
[ $# -ge 1 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
trial=${2:-1000000000}
TIMEFORMAT=%R

sha() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
short() { sha "$1" | cut -c 1-12; }
commas() { sed -e ':a' -e 's/^\([0-9][0-9]*\)\([0-9]\{3\}\)/\1,\2/' -e 'ta'; }

# row PROBLEM, PAIRS OF THE PAPER, PAIRS TO MAKE
row() {
  local problem=$1 paper=$2 n=$(($3 < trial ? $3 : trial)) dir=$out/$1 made seconds bytes of=""
  { time "$csdm" data --problem "$problem" --pairs "$n" --seed 1 --threads 2 --json -o "$dir" >"$out/result.json" 2>&3; } 3>&2 2>"$out/seconds"
  made=$(sed -n 's/.*"made":\([0-9]*\).*/\1/p' "$out/result.json")
  seconds=$(tail -n 1 "$out/seconds")
  [ "$made" -eq 0 ] || echo "$made $seconds" >>"$out/$problem.log"
  bytes=$(ls -l "$dir" | awk '{s += $5} END {printf "%.0f", s}')
  [ "$n" -eq "$paper" ] || of=" (extrapolated from $(echo "$n" | commas))"
  touch "$out/$problem.log"
  awk -v problem="$problem" -v pairs="$(echo "$paper" | commas)" -v paper="$paper" -v n="$n" -v bytes="$bytes" -v of="$of" -v sums="$out/sums" \
    -v x="$(short "$dir/x-00000.npy")" -v y="$(short "$dir/y-00000.npy")" '
    { made += $1; seconds += $2 }
    END {
      rate = time = "–"
      if (seconds > 0) {
        r = made / seconds; t = paper / r
        rate = sprintf(r < 100 ? "%.1f" : "%.0f", r)
        time = t < 120 ? sprintf("%.0f s", t) : sprintf("%.0f min", t / 60)
      }
      printf "| `%s` | %s | %s | %s%s | %.2f GB%s |\n", problem, pairs, rate, time, of, bytes * paper / n / 1e9, of
      printf "| `%s` | `%s` | `%s` |\n", problem, x, y >>sums
    }' "$out/$problem.log" >>"$out/rows"
}

: >"$out/rows"
: >"$out/sums"
row quasistatic 10000 10000
row opticnerve 12000 12000
row phantom 10000 10000
row duallayer 3000 3000
row spheroid 30000 3000 # 500 of 5,000 simulations of six images each

echo '| problem | pairs | pairs per second | time | on disk |'
echo '|---|---|---|---|---|'
cat "$out/rows"
echo
echo '| problem | `x-00000.npy` | `y-00000.npy` |'
echo '|---|---|---|'
cat "$out/sums"
echo
cd "$out"
sha */x-00000.npy */y-00000.npy | diff - "$here/SHA256SUMS" >/dev/null && echo "The first blocks are those of SHA256SUMS." ||
  echo "The first blocks are not those of SHA256SUMS: a trial, or another kernel than AVX2?"

#!/usr/bin/env bash
# Runs the job scripts of docs/how-to/cluster.md on a real Slurm of two nodes.
#
#   recipes.sh CSDM
#
# Ends with 77 and a line that begins with SKIPPED where no Slurm can be started. What differs from a real cluster:
#   - The runs are smaller than those of the pages.
#   - The training has a limit of a minute, with the signal 55 s before, and is long enough to meet it twice. Slurm
#     looks at limits every 30 s, so the signal comes 5 to 35 s after the job begins. Then the limit is raised.
#   - Slurm holds a requeued job back for two minutes. Here it may begin at once.
#   - A task of the array is killed by scontrol requeue, as by a job of higher priority.
set -euo pipefail
here=$(realpath "$(dirname "$0")") csdm=$(realpath "$1")
page=$here/../../docs/how-to/cluster.md
skip() { echo "SKIPPED: job scripts on a Slurm: $1"; exit 77; }

[ "$(id -u)" = 0 ] || skip "root is needed"
if ! command -v slurmctld slurmd munged >/dev/null; then
  command -v apt-get >/dev/null || skip "slurmctld, slurmd or munged is missing"
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends slurm-wlm munge; } >/dev/null 2>&1 ||
    skip "apt-get could not install slurm-wlm and munge"
fi

work=$(mktemp -d)
export SLURM_CONF=$work/slurm/slurm.conf PATH=$(dirname "$csdm"):$PATH
finish() { "$here/cluster.sh" stop "$work/slurm"; rm -rf "$work"; }
trap finish EXIT
"$here/cluster.sh" start "$work/slurm"

fail() {
  echo "FAILED: $1"
  tail -n 40 "$work"/slurm/slurm*.log
  scontrol show job || true
  tail -n +1 "$work"/*/slurm-*.out
  exit 1
}

# field JOB NAME prints a value that Slurm shows of a job, such as JobState.
field() { scontrol show job "$1" | tr ' ' '\n' | sed -n "s/^$2=//p"; }

# await SECONDS COMMAND waits until the command succeeds. Requeued jobs need not wait meanwhile.
await() {
  local end=$((SECONDS + $1)) job
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "waited too long for: $*"
    for job in $(squeue -hrt PENDING -o '%i %r' | sed -n 's/ BeginTime$//p'); do
      sleep 3 # a node refuses a job within a second of its requeue
      scontrol update JobId="$job" StartTime=now || true
    done
    sleep 0.3
  done
}
over() { [[ $(field "$1" JobState) =~ ^(COMPLETED|FAILED|TIMEOUT|CANCELLED|NODE_FAIL|OUT_OF_MEMORY)$ ]]; }
all_over() { local job; for job in "$@"; do over "$job" || return 1; done; }
completed() {
  [ "$(field "$1" JobState)/$(field "$1" ExitCode)" = COMPLETED/0:0 ] || fail "job $1 has not completed with exit code 0"
}

# script NUMBER RUN prints a job script of the page, for a smaller run.
script() {
  awk -v number="$1" '/^```sh$/ { getline; if ($0 == "#!/bin/bash") inside = ++scripts == number }
    /^```$/ { inside = 0 } inside' "$page" |
    sed "s/--preset small/$2/; s/--pairs 65536/--pairs $pairs/; s/--grid 56/--grid 28/"
}

pairs=8192
tiny="--preset tiny --set data.pairs=$pairs --set data.held_out=64 --set network.ngf=4 --set cases=1
  --set sampling.draws=16 --set reference.method=none"
tiny=$(tr -s ' \n' ' ' <<<"$tiny")
mkdir "$work/one" "$work/two"

# The first script: one job.
cd "$work/one"
script 1 "$tiny --grid 8 --set training.steps=20 --allow-extrapolation" >run.sh
grep -q -- '--preset tiny' run.sh || fail "$page has no job script with --preset small"
single=$(sbatch --parsable run.sh)

# The second: an array, and a training that needs 65 s.
cd "$work/two"
seconds=$(csdm run --problem quasistatic $tiny --dry-run --json -q | sed -E 's/.*"training_steps":\{[^}]*"seconds":([0-9.]+).*/\1/')
steps=$(awk "BEGIN { print int(7000 * 65 / $seconds) }")
script 2 "$tiny --set training.steps=$steps --allow-extrapolation" >submit.sh
grep -q -- '--preset tiny' submit.sh && grep -q -- '--pairs 8192' submit.sh ||
  fail "$page has no second job script with --preset small and --pairs 65536"
sbatch() { # as the script calls it
  case "$*" in
  *--dependency*) command sbatch --time=1 --signal=USR1@55 "$@" ;;
  *) command sbatch "$@" ;;
  esac
}
export -f sbatch
bash submit.sh | tee submitted
array=$(sed -n 's/^job \(.*\): csdm-data$/\1/p' submitted) run=$(sed -n 's/^job \(.*\): csdm-run$/\1/p' submitted)

# A task is killed while it works, and begins again.
await 60 grep -qs 'data: 0/' "slurm-${array}_3.out"
scontrol requeue "${array}_3"
await 60 over "${array}_3"
[ "$(field "${array}_3" Restarts)" = 1 ] || fail "task 3 was not begun again"
await 60 all_over "${array}"_{1..8}
for task in {1..8}; do completed "${array}_$task"; done
csdm data verify -q run/data || fail "the pairs are not whole"
csdm data -q --problem quasistatic --grid 28 --pairs $pairs -o whole
for file in whole/*.npy; do cmp "$file" "run/data/${file#whole/}" || fail "the pairs differ from those of one call"; done
echo "array $array: task 3 was killed and requeued; the pairs are those of one call (${SECONDS} s)"

await 30 over "$single"
completed "$single"
twice() { [ "$(field "$run" Restarts)" = 2 ] || over "$run"; }
await 120 twice
scontrol update JobId="$run" TimeLimit=60 || true # of a job that is over
await 120 over "$run"
completed "$run"
restarts=$(field "$run" Restarts)
[ "$restarts" = 2 ] || fail "the training met its limit $restarts times, not twice"
[ -s run/model.safetensors ] || fail "the run left no model"
echo "job $run: $restarts limits, then COMPLETED with exit code 0; $steps steps (${SECONDS} s)"

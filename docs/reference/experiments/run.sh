#!/bin/sh
# The experiments behind preset "small", one factor at a time, at 28x28 where each takes minutes: run.sh FOLDER trains them one after the other,
# resumes where it was stopped, and leaves the result of each in FOLDER/NAME.json. CSDM names the program, csdm unless set.
set -eu
out=$1
csdm=${CSDM:-csdm}
seed=1
mkdir -p "$out"

# run NAME SETTING... trains 600 steps unless a setting says otherwise, and infers ten held-out measurements.
run() {
	name=$1
	shift
	set -- data.pairs=16384 data.neighbors=64 training.steps=600 cases=10 sampling.draws=128 "$@"
	for setting in "$@"; do
		set -- "$@" --set "$setting"
		shift
	done
	"$csdm" run --problem quasistatic --preset small --grid 28 --seed "$seed" "$@" -o "$out/$name" -q --json >"$out/result.part"
	mv "$out/result.part" "$out/$name.json"
}

run base
run ngf-8 network.ngf=8
run ngf-32-as-long network.ngf=32 training.steps=220
run batch-16 training.batch=16 training.steps=1200
run batch-64 training.batch=64 training.steps=300
run log-uniform training.sigma_median=0 training.sigma_log_std=0
run median-0.35 training.sigma_median=0.35
run median-1.4 training.sigma_median=1.4
run no-neighbors data.neighbors=0
run adam training.muon=0
seed=2
run base-seed-2
seed=1
run ngf-32 network.ngf=32
run log-std-0.9 training.sigma_log_std=0.9
run log-std-1.8 training.sigma_log_std=1.8
run decay-0.3 training.decay=0.3
run decay-1 training.decay=1

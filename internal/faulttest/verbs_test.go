package faulttest

import (
	"path/filepath"
	"strings"
)

const (
	problem = "--problem quasistatic --grid 8"
	tiny    = "--set data.pairs=20 --set data.held_out=4 --set network.ngf=2 --set " +
		"training.steps=4 --set training.batch=2 " +
		"--set training.warm_up=1 --set training.held_out_every=2 --set training.keep_every=1 " +
		"--set sampling.cases=1 --set sampling.draws=3 --set sampling.steps=3"
	measured = "--y INPUTS/run/cases/000/measurement.npz:y"

	// lab is a small specimen, and measuredMap a map of it.
	lab = `name = "lab"
grid = { rows = 8, cols = 8, width = 26, height = 34, unit = "mm" }
physics = {}
edges = { bottom = 0.392, top = 0.084 }
noise = { std = 0.003 }
[prior]
x = [12, 14]
y = [17, 19]
radius = [5, 6]
ratio = [2.2, 2.4]
background = 4
gradient = 0.4
`
	measuredMap = "--y INPUTS/map.npz:y --set map.unit=mm --set map.extent=26,34mm"
)

// inputs are the calls that make a run folder, pairs and the other inputs of
// the verbs. Parts name their inputs by absolute paths, because merge reads
// them in another folder.
var inputs = []string{
	"run " + problem + " --noise 10 --allow-extrapolation " + tiny + " -o run",
	"data " + problem + " --n 20 -o pairs",
	"data export pairs -o pairs.npz",
	"data " + problem + " --n 20 --block-pairs 5 --shard 1/2 -o pairs-1",
	"data " + problem + " --n 20 --block-pairs 5 --shard 2/2 -o pairs-2",
	"check --model INPUTS/run/model.safetensors --measurements 2 --draws 3 --steps 3 " +
		"--shard 1/2 -o parts",
	"check --model INPUTS/run/model.safetensors --measurements 2 --draws 3 --steps 3 " +
		"--shard 2/2 -o parts",
	"data --problem lab.toml --n 1 -o lab",
	"data export lab --problem lab.toml --noisy -o map.npz",
}

// verb is a call that writes.
type verb struct {
	name, line string
	slow       bool // one call takes many seconds; only CSDM_FAULTS=all makes it
}

// verbs lists calls of all verbs that write, each as small as possible. INPUTS
// stands for the folder of inputs.
var verbs = []verb{
	{name: "data", line: "data " + problem + " --n 20 -o out"},
	{name: "data of a program", line: "data --problem INPUTS/fibres/fibres.toml --n 6 -o out"},
	{name: "data export", line: "data export INPUTS/pairs -o out.npz"},
	{name: "data import", line: "data import INPUTS/pairs.npz " + problem + " -o out"},
	{name: "prior", line: "prior " + problem + " --n 2 -o out"},
	{name: "forward", line: "forward " + problem +
		" --x INPUTS/run/cases/000/measurement.npz:x -o out.npy"},
	{name: "train", line: "train " + problem + " --noise 10 --data INPUTS/pairs " + tiny +
		" -o out"},
	{name: "sample", line: "sample --model INPUTS/run/model.safetensors --allow-extrapolation " +
		measured + " --n 4 --steps 3 -o out.npz"},
	{name: "reference by quadrature", line: "reference " + problem +
		" --noise 10 --method quadrature " + measured + " -o out.npz"},
	{name: "reference by importance", line: "reference " + problem +
		" --noise 10 --method importance --n 20000 " + measured + " -o out.npz"},
	{name: "reference by adaptive", line: "reference " + problem +
		" --noise 10 --method adaptive " + measured + " -o out.npz"},
	{name: "check",
		line: "check --model INPUTS/run/model.safetensors --measurements 2 --draws 3 --steps 3 " +
			"-o out"},
	{name: "run", line: "run " + problem + " --noise 10 --allow-extrapolation " + tiny + " -o out"},
	{name: "fem plane-stress",
		line: "fem plane-stress --mu INPUTS/run/cases/000/measurement.npz:x --width 1 --height " +
			"1 --bottom 0 --top 0.1 -o out.npz"},
	{name: "net eval",
		line: "net eval --weights INPUTS/nn/scorenet_ngf4_avg.safetensors --case " +
			"INPUTS/nn/scorenet_ngf4_avg.npz -o out.npz --grads-out out.safetensors"},
	{name: "bench table5",
		line: "bench table5 --phantoms 1 --draws 2 --steps 3 --prior-draws 64 --models " +
			"INPUTS/run/model.safetensors -o out"},
	{name: "bench accuracy",
		line: "bench accuracy --problem INPUTS/run/model.safetensors " +
			"--methods network,importance " +
			"--cases 1 --draws 2 --levels 3 --budgets 100 --reference none -o out", slow: true},
	{name: "data of a shard",
		line: "data " + problem + " --n 20 --block-pairs 5 --shard 2/3 -o out"},
	{name: "sample of a shard", line: "sample --model INPUTS/run/model.safetensors " +
		"--allow-extrapolation " + measured + " --n 4 --steps 3 --shard 2/2 -o out"},
	{name: "reference of a shard", line: "reference " + problem +
		" --noise 10 --method importance --n 600 " + measured + " --shard 1/2 -o out"},
	{name: "check of a shard", line: "check --model INPUTS/run/model.safetensors " +
		"--measurements 2 --draws 3 --steps 3 --shard 1/2 -o out"},
	{name: "bench table5 of a shard",
		line: "bench table5 --phantoms 2 --draws 2 --steps 3 --prior-draws 0 --models " +
			"INPUTS/run/model.safetensors --shard 1/2 -o out"},
	{name: "merge", line: "merge INPUTS/parts -o out"},
	{name: "merge of datasets", line: "merge INPUTS/pairs-1 INPUTS/pairs-2 -o out"},
	{name: "bench limits", line: "bench limits --model INPUTS/run/model.safetensors " +
		"--measurements 12 --seed 9 -o out.safetensors"},
	{name: "specimen", line: "specimen --grid 8 " + measuredMap + " -o out.toml"},
	{name: "infer", line: "infer --problem INPUTS/lab.toml " + measuredMap + " -o out"},
	{name: "demo", line: "demo --n 2 -o out", slow: true},
}

func (v *verb) args() []string { return append(arguments(v.line), "--threads", "1") }

// arguments returns the words of a line, with the folder of inputs for INPUTS.
func arguments(line string) (args []string) {
	for _, word := range strings.Fields(line) {
		if rest, ok := strings.CutPrefix(word, "INPUTS"); ok {
			word = filepath.Join(shared.inputs, rest)
		}
		args = append(args, word)
	}
	return args
}

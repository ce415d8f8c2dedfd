//go:build unix

package peers

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// compare is a program that prints the relative error of each network in
// PyTorch, with the weights and the scores of a file of nn/testdata.
const compare = `
import json, struct, sys, types
import numpy as np
import torch
modules = {}
for name, text in json.load(sys.stdin).items():
    modules[name] = types.ModuleType(name)
    exec(text, modules[name].__dict__)
torch.set_default_dtype(torch.float64)

def weights(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    del header["__metadata__"]
    tensors = {}
    for name, v in header.items():
        values = np.frombuffer(data[slice(*v["data_offsets"])], "<f4")
        tensors[name] = torch.tensor(values.reshape(v["shape"]))
    return tensors

def light(net, x, y, sigma):
    root = torch.sqrt(sigma**2 + 0.25**2)
    mean, std = torch.tensor([0.5, 0.4]), torch.tensor([0.3, 0.15])
    y = (y - mean.view(1, -1, 1, 1)) / std.view(1, -1, 1, 1)
    out = net(x / root, y, torch.log(sigma.flatten()) / 4)
    return 0.25 / (sigma * root) * out - x / root**2

def refine(net, x, y, sigma):
    return net(torch.cat([x, y], 1)) / sigma

refineNet, lightNet = modules["refinenet"].RefineNet, modules["light"].Light
errors = {}
for name, net, score in (("scorenet_ngf8_28", refineNet(8, 2), refine),
                         ("scorenet_ngf4_avg", refineNet(4, 3, "avg"), refine),
                         ("light_g8", lightNet(8, 2, 2, 2, True), light)):
    net.load_state_dict(weights(sys.argv[1] + "/" + name + ".safetensors"))
    c = {k: torch.from_numpy(v) for k, v in np.load(sys.argv[1] + "/" + name + ".npz").items()}
    sigma = c["sigma"].view(-1, 1, 1, 1)
    with torch.no_grad():
        got = score(net, c["x"] + sigma * c["z"], c["y"], sigma)
    errors[name] = float((got - c["score"]).norm() / c["score"].norm())
print(json.dumps(errors))
`

// TestNetworks compares the networks in PyTorch with the scores that pin
// csdm's own networks (nn.TestReference). The weights have the same names.
func TestNetworks(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: PyTorch takes seconds to start")
	}
	data, err := filepath.Abs("../nn/testdata")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir()) // Python would import torch.py of this folder
	program := scripts[0].find(t.Context())
	if program == "" {
		t.Skip("PyTorch is not installed")
	}
	cmd := exec.CommandContext(t.Context(), program, "-c", compare, data)
	cmd.Stdin = bytes.NewReader(networks())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, err.(*exec.ExitError).Stderr)
	}
	errors := map[string]float64{}
	if err := json.Unmarshal(out, &errors); err != nil || len(errors) != 3 {
		t.Fatalf("%q: %v", out, err)
	}
	for name, e := range errors {
		if !(e <= 1e-12) {
			t.Errorf("%s: relative error %.2g of the score", name, e)
		}
	}
	t.Log(errors)
}

// TestRun times three peers that print known numbers: one that works, one that
// is missing and one that fails in the second round.
func TestRun(t *testing.T) {
	before := scripts
	t.Cleanup(func() { scripts = before })
	t.Chdir(t.TempDir())
	none := func(*Workload) []byte { return nil }
	scripts = []script{
		{name: "good", programs: []string{"no-such-program", "sh"}, option: "-c", probe: "true",
			// The time is the number of lines of the input and of the file so
			// far.
			text: `cat >>in; echo '{"peer": "good 1.2", "seconds": ` +
				`{"training step, light": '$(wc -l <in)', "draws, light": 8}}'`,
			input: func(w *Workload) []byte { return []byte(strings.Repeat("x\n", w.Batch)) }},
		{name: "absent", programs: []string{"sh"}, option: "-c", probe: "exit 1", input: none,
			install: "nowhere"},
		{name: "failing", programs: []string{"sh"}, option: "-c", probe: "true", input: none,
			text: `test ! -e done && touch done && ` +
				`echo '{"peer": "f", "seconds": {"draws, light": 1}}' || { echo broken >&2; exit 3; }`},
	}
	own := []float64{5, 1, 3}
	calls := 0
	r, err := Run(t.Context(), Workload{Batch: 2}, 3, func() (map[string]float64, error) {
		calls++
		return map[string]float64{LightTraining: own[calls-1], Draws: 4, FEM: 1}, nil
	}, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	// csdm's median is 3; the peer's times are 2, 4 and 6 lines.
	want := []Row{{LightTraining, 3, "good 1.2", 4, 0.75}, {Draws, 4, "good 1.2", 8, 0.5}}
	if !slices.Equal(r.Rows, want) {
		t.Errorf("rows %+v, want %+v", r.Rows, want)
	}
	if len(r.Missing) != 2 || r.Missing[0] != (Untimed{"absent", "is not installed (nowhere)"}) ||
		!strings.Contains(r.Missing[1].Reason, "broken") {
		t.Errorf("missing %+v", r.Missing)
	}
	if _, err := Run(t.Context(), Workload{}, 1, func() (map[string]float64, error) {
		return nil, errors.New("own")
	}, func(string) {}); err == nil || err.Error() != "own" {
		t.Errorf("csdm's own error: %v", err)
	}
}

package peers

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

//go:embed light.py
var lightPy string

//go:embed refinenet.py
var refinePy string

//go:embed torch.py
var torchPy string

//go:embed onnx.py
var onnxPy string

//go:embed onnx.js
var onnxJS string

//go:embed fenics.py
var fenicsPy string

// script is a program that times a peer. It gets Workload as JSON, its last
// argument, and prints an object with peer and seconds.
type script struct {
	name     string
	programs []string // that may run it; the first with the library is taken
	option   string   // of the program, before its text
	probe    string   // a program that fails without the library
	text     string
	input    func(w *Workload) []byte
	install  string // package that is missing where the probe fails
}

// interpreters are the Pythons that are tried: the first in PATH may lack the
// packages of the system.
var interpreters = []string{"python3", "/usr/bin/python3"}

var scripts = []script{
	{name: "PyTorch", programs: interpreters, option: "-c", probe: "import torch", text: torchPy,
		input: func(*Workload) []byte { return networks() }, install: "Debian: python3-torch"},
	{name: "ONNX Runtime", programs: interpreters, option: "-c",
		probe: "import onnxruntime, numpy", text: onnxPy,
		input: func(w *Workload) []byte { return w.ONNX }, install: "pip: onnxruntime"},
	{name: "ONNX Runtime for Node.js", programs: []string{"node"}, option: "-e",
		probe: "require('onnxruntime-node')", text: onnxJS,
		input:   func(w *Workload) []byte { return w.ONNX },
		install: "npm: onnxruntime-node, in NODE_PATH"},
	{name: "FEniCS", programs: interpreters, option: "-c", probe: "import dolfin", text: fenicsPy,
		input: func(*Workload) []byte { return nil }, install: "Debian: python3-dolfin"},
}

// networks returns the programs that define the networks in PyTorch, by name,
// as JSON.
func networks() []byte {
	text, err := json.Marshal(map[string]string{"light": lightPy, "refinenet": refinePy})
	if err != nil {
		panic(err)
	}
	return text
}

// find returns the program that has the library, or "".
func (s *script) find(ctx context.Context) string {
	for _, program := range s.programs {
		if exec.CommandContext(ctx, program, s.option, s.probe).Run() == nil {
			return program
		}
	}
	return ""
}

// timed is the output of a script.
type timed struct {
	Peer    string             `json:"peer"`
	Seconds map[string]float64 `json:"seconds"`
}

// run times the peer once.
func (s *script) run(ctx context.Context, program string, w *Workload) (*timed, error) {
	text, err := json.Marshal(w)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, s.option, s.text, string(text))
	// Memory that is freed stays with the process: page faults would otherwise
	// dominate the time of the peer.
	cmd.Env = append(os.Environ(), "MALLOC_MMAP_THRESHOLD_=4294967296",
		"MALLOC_TRIM_THRESHOLD_=68719476736", "MALLOC_TOP_PAD_=268435456")
	cmd.Stdin = bytes.NewReader(s.input(w))
	out, err := cmd.Output()
	if err != nil {
		message := err.Error()
		if failed, is := errors.AsType[*exec.ExitError](err); is {
			lines := strings.Split(strings.TrimSpace(string(failed.Stderr)), "\n")
			message += ": " + lines[len(lines)-1]
		}
		return nil, fmt.Errorf("%s: %s", s.name, message)
	}
	t := new(timed)
	// A library may print lines of its own first, such as FEniCS's compiler.
	last := out[bytes.LastIndexByte(bytes.TrimSpace(out), '\n')+1:]
	if err := json.Unmarshal(last, t); err != nil || len(t.Seconds) == 0 {
		return nil, fmt.Errorf("%s printed %.200q, which is no JSON object with seconds", s.name,
			out)
	}
	return t, nil
}

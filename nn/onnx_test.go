package nn

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// runONNX is a program for Node.js that evaluates a network.
const runONNX = `
const fs = require('fs'), ort = require('onnxruntime-node')
const [n, c, h, w] = process.argv.slice(1).map(Number)
const floats = name => new Float32Array(new Uint8Array(fs.readFileSync(name)).buffer)
ort.InferenceSession.create('net.onnx').then(s => s.run({
	x: new ort.Tensor('float32', floats('x'), [n, 1, h, w]),
	y: new ort.Tensor('float32', floats('y'), [n, c, h, w]),
	sigma: new ort.Tensor('float32', floats('sigma'), [n])})).then(r =>
	fs.writeFileSync('score', Buffer.from(r.score.data.buffer)))
`

// TestONNX compares the scores of ONNX Runtime with csdm's. It is run by
// Node.js, which finds onnxruntime-node by NODE_PATH.
func TestONNX(t *testing.T) {
	if err := exec.Command("node", "-e", "require('onnxruntime-node')").Run(); err != nil {
		t.Skip("ONNX Runtime is not here: npm install onnxruntime-node, and set NODE_PATH")
	}
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			m, err := ReadModelFile("testdata/" + name + ".safetensors")
			if err != nil {
				t.Fatal(err)
			}
			c, err := ReadCase("testdata/" + name + ".npz")
			if err != nil {
				t.Fatal(err)
			}
			e, err := m.Net.Evaluate(m.Parameterization, c)
			if err != nil {
				t.Fatal(err)
			}
			text, err := m.ONNX("test", c.Rows, c.Cols)
			if err != nil {
				t.Fatal(err)
			}
			dir, pixels := t.TempDir(), c.Rows*c.Cols
			noisy := make([]float64, len(c.X))
			for k := range noisy {
				noisy[k] = c.X[k] + c.Sigma[k/pixels]*c.Z[k]
			}
			write := func(name string, data []byte) {
				if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("net.onnx", text)
			for name, v := range map[string][]float64{"x": noisy, "y": c.Y, "sigma": c.Sigma} {
				write(name, singles(v))
			}
			cmd := exec.Command("node", "-e", runONNX)
			for _, n := range []int{c.N, m.Net.arch.YChannels, c.Rows, c.Cols} {
				cmd.Args = append(cmd.Args, strconv.Itoa(n))
			}
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			data, err := os.ReadFile(filepath.Join(dir, "score"))
			if err != nil {
				t.Fatal(err)
			}
			got := make([]float32, len(e.Score))
			if _, err := binary.Decode(data, binary.LittleEndian, got); err != nil {
				t.Fatal(err)
			}
			d := relative(got, e.Score)
			t.Logf("relative difference %.2g", d)
			if !(d < 1e-5) {
				t.Errorf("the scores differ by %.2g", d)
			}
		})
	}
}

// singles returns values as float32, little-endian.
func singles(v []float64) (data []byte) {
	for _, x := range v {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(x)))
	}
	return data
}

// TestONNXRefuses checks that a phase is refused, and that equal models give
// equal bytes.
func TestONNXRefuses(t *testing.T) {
	m, err := ReadModelFile("testdata/light_g8.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	m.Meta.Rows = 0 // so that the arguments count
	first, err := m.ONNX("test", 16, 16)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := m.ONNX("test", 16, 16); err != nil || !bytes.Equal(first, again) {
		t.Errorf("a second file differs, or %v", err)
	}
	if _, err := m.ONNX("test", 15, 16); err == nil {
		t.Error("a size that no tiles fit is accepted")
	}
	if p, ok := m.Parameterization.(*Preconditioned); ok {
		p.YPeriod = 1
		if _, err := m.ONNX("test", 16, 16); err == nil {
			t.Error("a phase is accepted")
		}
	} else {
		t.Error("the light network is not preconditioned")
	}
}

package train

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csdm/internal/format"
)

// FuzzCheckpoint reads checkpoints with arbitrary text and a correct digest,
// and cuts back arbitrary metrics. The result must be an error of the right
// type, or a state of the right size.
func FuzzCheckpoint(f *testing.F) {
	s := toySettings()
	c := &Checkpoint{Step: 2, Steps: s.Steps, Settings: s.decisive(), Kernel: "go",
		Identity: map[string]string{"data": "a"}}
	m, err := c.metadata()
	if err != nil {
		f.Fatal(err)
	}
	const line = `{"step":1,"loss":2}` + "\n" + `{"step":2,"held_out":{"step":2}}` + "\n" +
		`{"step":3}`
	f.Add(m["step"], m["steps"], m["elapsed"], m["loss"], m["settings"], m["identity"],
		m["held_out_last"], 8, []byte(line))
	f.Add("-1", m["steps"], "1h", "NaN", m["settings"], "null", "null", 3, []byte("{}\n"))
	folder := f.TempDir()
	path := filepath.Join(folder, "checkpoint")
	f.Fuzz(func(t *testing.T, step, steps, elapsed, loss, settings, identity, last string,
		weights int, metrics []byte) {
		meta := map[string]string{
			"kind": checkpointKind, "kernel": "go", "step": step, "steps": steps,
			"elapsed": elapsed, "loss": loss,
			"settings": settings, "identity": identity, "held_out_last": last,
			"held_out_best": last,
		}
		for _, text := range meta {
			if strings.ToValidUTF8(text, "") != text {
				return // the format itself refuses it
			}
		}
		weights = max(0, weights) % 9
		c := &Checkpoint{Weights: make([]float32, weights), EMA: make([]float32, weights),
			M: make([]float32, weights), V: make([]float32, weights)}
		meta["sha256"] = c.digest(meta)
		file := &format.Tensors{Metadata: meta, Arrays: map[string]*format.Array{}}
		for _, tensor := range c.tensors() {
			file.Arrays[tensor.name] = format.Array32(*tensor.data, weights)
		}
		var b bytes.Buffer
		if err := format.WriteTensors(&b, file); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		back, err := ReadCheckpoint(path)
		if err != nil {
			if _, ok := errors.AsType[*DamagedError](err); !ok {
				t.Fatalf("%v (%T)", err, err)
			}
			return
		}
		if err := back.fits(&s, c.Identity, 8); err != nil {
			if _, ok := errors.AsType[*MismatchError](err); !ok {
				t.Fatalf("%v (%T)", err, err)
			}
		} else if len(back.Weights) != 8 || back.Step < 0 || back.Step > s.Steps {
			t.Fatalf("step %d of %d with %d weights is taken up", back.Step, s.Steps,
				len(back.Weights))
		}
		keep, err := belonging(metrics, back)
		if err == nil && (keep < 0 || keep > len(metrics) || keep > 0 && metrics[keep-1] != '\n') {
			t.Fatalf("%d of %d bytes are kept", keep, len(metrics))
		}
	})
}

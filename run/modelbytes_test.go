package run

import (
	"bytes"
	"csdm/nn"
	"os"
	"path/filepath"
	"testing"
)

// TestModelBytes checks that two trainings, with different numbers of threads
// and at different times, write the same file. Their differences are in
// run.json, and OpenModel reads them from there.
func TestModelBytes(t *testing.T) {
	c := small(t)
	c.Cases = 0
	var files [][]byte
	for threads := 1; threads <= 2; threads++ {
		dir := t.TempDir()
		if _, err := chain(dir, c, threads); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, ModelFile)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, data)
		bare, err := nn.ReadModel(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		model, err := OpenModel(path)
		if err != nil {
			t.Fatal(err)
		}
		if b, m := bare.Meta.Training, model.Meta.Training; b.Threads != 0 || b.Kernel != "" ||
			m.Threads != threads || m.Kernel == "" || m.Reproducible() != b {
			t.Errorf("the file says %+v, with run.json it is %+v", b, m)
		}
		if bare.Identity() != model.Identity() {
			t.Error("the place of the training changes the model's identity")
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("two identical trainings give different files")
	}
}

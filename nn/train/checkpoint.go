package train

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"csdm/internal/atomicfile"
	"csdm/internal/format"
)

// checkpointKind is stored in the metadata of every checkpoint. It changes with
// the layout.
const checkpointKind = "csdm training checkpoint 1"

// summation names the order of the additions in a step: gradients of samples in
// a tree, bias gradients in chunks of pixels, and Muon's products on the
// shorter side of a matrix. It changes with the order, which changes the last
// digits of every weight. "tree" added the pixels of a bias one after another,
// and had Muon's products on columns. Checkpoints of the first versions, which
// added up to 16 groups of samples one after another, have no name.
const summation = "tree, chunks, shorter side"

// Checkpoint is the state of a training between two steps. On disk it is one
// safetensors file with the tensors "weights", "ema", "adam.m" (the momentum,
// for weights that Muon moves) and "adam.v", each flat in the network's own
// order. The metadata hold the rest.
type Checkpoint struct {
	Path     string // file that it was read from
	Step     int    // steps done
	Steps    int    // steps planned
	Elapsed  time.Duration
	Settings map[string]string // every setting that affects the result, by name
	Identity map[string]string // identity of network and data, as given to Run
	Kernel   string            // kernel implementation that computed it
	// Order in which the last step added gradients.
	Summation string
	Last      HeldOut // Step 0: none yet
	Best      HeldOut
	Loss      float64 // loss of the last step

	Weights, EMA, M, V []float32
}

// DamagedError reports that a file is not a complete checkpoint: it is cut
// short, changed, or another kind of file.
type DamagedError struct {
	Path string
	Err  error
}

// Error names the file.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s is damaged, or not a checkpoint: %v", e.Path, e.Err)
}

// Unwrap returns the error of the reader.
func (e *DamagedError) Unwrap() error { return e.Err }

// MismatchError reports that a checkpoint was made with other settings, by
// another network or from other data.
type MismatchError struct {
	Path    string // the checkpoint
	Name    string // the setting or identity that differs
	Was, Is string // its value in the checkpoint, and its value now
}

// Error names the setting, both values, and two ways out.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s was made with %s = %s; now it is %s: resume with the first value, or "+
		"train in a new folder", e.Path, e.Name, orNone(e.Was), orNone(e.Is))
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// metadata returns everything except the tensors, as text.
func (c *Checkpoint) metadata() (map[string]string, error) {
	m := map[string]string{
		"kind":    checkpointKind,
		"step":    strconv.Itoa(c.Step),
		"steps":   strconv.Itoa(c.Steps),
		"elapsed": c.Elapsed.String(),
		"kernel":  c.Kernel,
		"loss":    strconv.FormatFloat(c.Loss, 'g', -1, 64),

		"summation": c.Summation,
	}
	for key, value := range map[string]any{"settings": c.Settings, "identity": c.Identity,
		"held_out_last": c.Last, "held_out_best": c.Best} {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		m[key] = string(text)
	}
	return m, nil
}

// setMetadata sets the fields from the text of metadata.
func (c *Checkpoint) setMetadata(m map[string]string) (err error) {
	if m["kind"] != checkpointKind {
		return fmt.Errorf("the kind is %q; it must be %q", m["kind"], checkpointKind)
	}
	c.Kernel, c.Summation = m["kernel"], m["summation"]
	if c.Step, err = strconv.Atoi(m["step"]); err != nil {
		return err
	}
	if c.Steps, err = strconv.Atoi(m["steps"]); err != nil {
		return err
	}
	if c.Step < 0 || c.Step > c.Steps {
		return fmt.Errorf("step %d of %d; it must be between 0 and the number of steps", c.Step,
			c.Steps)
	}
	if c.Elapsed, err = time.ParseDuration(m["elapsed"]); err != nil {
		return err
	}
	if c.Loss, err = strconv.ParseFloat(m["loss"], 64); err != nil {
		return err
	}
	for key, value := range map[string]any{"settings": &c.Settings, "identity": &c.Identity,
		"held_out_last": &c.Last, "held_out_best": &c.Best} {
		if err := json.Unmarshal([]byte(m[key]), value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

// tensors returns the arrays with their names, in the order of the digest.
func (c *Checkpoint) tensors() []struct {
	name string
	data *[]float32
} {
	return []struct {
		name string
		data *[]float32
	}{{"weights", &c.Weights}, {"ema", &c.EMA}, {"adam.m", &c.M}, {"adam.v", &c.V}}
}

// digest returns the SHA-256 of metadata and tensors. The file format itself
// detects missing bytes, but not changed ones.
func (c *Checkpoint) digest(metadata map[string]string) string {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		fmt.Fprintf(h, "%q=%q\n", key, metadata[key])
	}
	var buffer [1 << 14]byte
	for _, t := range c.tensors() {
		for part := range slices.Chunk(*t.data, len(buffer)/4) {
			for i, v := range part {
				binary.LittleEndian.PutUint32(buffer[4*i:], math.Float32bits(v))
			}
			h.Write(buffer[:4*len(part)])
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// writeFile writes the checkpoint, completely or not at all. It replaces a
// former file of that name.
func (c *Checkpoint) writeFile(path string) error {
	metadata, err := c.metadata()
	if err != nil {
		return err
	}
	metadata["sha256"] = c.digest(metadata)
	file := &format.Tensors{Metadata: metadata, Arrays: map[string]*format.Array{}}
	for _, t := range c.tensors() {
		file.Arrays[t.name] = format.Array32(*t.data, len(*t.data))
	}
	return atomicfile.Write(path, true, func(w io.Writer) error {
		return format.WriteTensors(w, file)
	})
}

// ReadCheckpoint reads a checkpoint. It returns a *DamagedError if the file is
// not a complete checkpoint, or the error of the disk.
func ReadCheckpoint(path string) (*Checkpoint, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := format.ReadTensors(f, info.Size())
	if err != nil {
		if _, content := errors.AsType[*format.Error](err); content {
			return nil, &DamagedError{path, err}
		}
		return nil, fmt.Errorf("reading checkpoint %s: %w", path, err)
	}
	c := &Checkpoint{Path: path}
	for _, t := range c.tensors() {
		a := file.Arrays[t.name]
		if a == nil || a.DType != format.Float32 || len(a.Shape) != 1 ||
			len(a.F32) != len(file.Arrays["weights"].F32) {
			return nil, &DamagedError{path, fmt.Errorf("tensor %q is missing or of another shape",
				t.name)}
		}
		*t.data = a.F32
	}
	want := file.Metadata["sha256"]
	delete(file.Metadata, "sha256")
	if got := c.digest(file.Metadata); got != want {
		return nil, &DamagedError{path, errors.New("the content does not match its SHA-256")}
	}
	if err := c.setMetadata(file.Metadata); err != nil {
		return nil, &DamagedError{path, err}
	}
	return c, nil
}

const (
	checkpointFolder = "checkpoints"
	checkpointPrefix = "checkpoint-"
	checkpointSuffix = ".safetensors"
)

// CheckpointPath returns the path of the checkpoint after step steps of the run
// in folder.
func CheckpointPath(folder string, step int) string {
	return filepath.Join(folder, checkpointFolder,
		fmt.Sprintf("%s%09d%s", checkpointPrefix, step, checkpointSuffix))
}

// IsCheckpoint reports whether a file has the name of a checkpoint.
func IsCheckpoint(path string) bool {
	name := filepath.Base(path)
	return strings.HasPrefix(name, checkpointPrefix) && strings.HasSuffix(name, checkpointSuffix)
}

// listCheckpoints returns the paths of the checkpoints of the run in folder,
// newest first.
func listCheckpoints(folder string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(folder, checkpointFolder))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var steps []int
	for _, e := range entries {
		digits, ok := strings.CutPrefix(e.Name(), checkpointPrefix)
		digits, ok2 := strings.CutSuffix(digits, checkpointSuffix)
		if step, err := strconv.Atoi(digits); ok && ok2 && err == nil &&
			e.Name() == filepath.Base(CheckpointPath("", step)) {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	slices.Reverse(steps)
	paths := make([]string, len(steps))
	for i, step := range steps {
		paths[i] = CheckpointPath(folder, step)
	}
	return paths, nil
}

// Checkpoints returns the paths of the checkpoints of the run in folder, oldest
// first. A missing folder has none.
func Checkpoints(folder string) ([]string, error) {
	paths, err := listCheckpoints(folder)
	slices.Reverse(paths)
	return paths, err
}

// keeps reports whether the checkpoint at path is kept permanently.
func (s *Settings) keeps(path string) bool {
	var step int
	_, err := fmt.Sscanf(filepath.Base(path), checkpointPrefix+"%d", &step)
	return err == nil && s.KeepEvery > 0 && step%s.KeepEvery == 0
}

// Latest returns the newest complete checkpoint of the run in folder, or nil if
// there is none yet, and the damaged ones that are newer. If all are damaged,
// it returns the *DamagedError of the newest.
func Latest(folder string) (c *Checkpoint, damaged []*DamagedError, err error) {
	paths, err := listCheckpoints(folder)
	if err != nil {
		return nil, nil, err
	}
	for _, path := range paths {
		c, err := ReadCheckpoint(path)
		if err == nil {
			return c, damaged, nil
		}
		d, ok := errors.AsType[*DamagedError](err)
		if !ok {
			return nil, nil, err
		}
		damaged = append(damaged, d)
	}
	if len(damaged) > 0 {
		return nil, nil, damaged[0]
	}
	return nil, nil, nil
}

// fits returns a *MismatchError if training under s with a network of n weights
// cannot resume from c.
func (c *Checkpoint) fits(s *Settings, identity map[string]string, n int) error {
	names := slices.Collect(maps.Keys(identity))
	names = slices.AppendSeq(names, maps.Keys(c.Identity))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if was, is := c.Identity[name], identity[name]; was != is {
			return &MismatchError{c.Path, name, was, is}
		}
	}
	if len(c.Weights) != n {
		return &MismatchError{c.Path, "number of weights", strconv.Itoa(len(c.Weights)),
			strconv.Itoa(n)}
	}
	decisive := s.decisive()
	for _, name := range slices.Sorted(maps.Keys(decisive)) {
		was, known := c.Settings[name]
		if !known {
			was, known = c.Settings[formerly[name]]
		}
		if !known {
			was = "0" // the setting is newer than the checkpoint; it was off
		}
		if now := decisive[name]; was != now {
			return &MismatchError{c.Path, name, was, now}
		}
	}
	if c.Steps != s.Steps && !s.extends(c.Steps, c.Step) {
		return &MismatchError{c.Path, "steps", fmt.Sprintf("%d (%d done)", c.Steps, c.Step),
			strconv.Itoa(s.Steps)}
	}
	return nil
}

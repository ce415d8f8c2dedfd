package nn

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"csdm/internal/atomicfile"
	"csdm/internal/format"
	"csdm/langevin"
)

// Model is a trained network with everything needed to use it. Its file is a
// safetensors file. It holds the tensors of Net.Tensors and of Novelty, and
// JSON under the metadata keys architecture, parameterization, model, sampling
// and novelty. The key format identifies a model file of csdm and its version.
// A checksum covers the whole file (format.WriteTensors); older files have
// none.
type Model struct {
	// architecture and weights
	Net *Net[float32]
	// turns the network's output into the score
	Parameterization Parameterization
	// problem, units, normalization and training
	Meta Metadata
	// Sampling is the section [sampling] of the recipe; it is zero for weights
	// from elsewhere.
	Sampling langevin.Settings
	Novelty  *Novelty // nil: the file has none
	// Half reports that the file stores the weights in half precision
	// (Shrunk).
	Half bool
	// Sealed reports that the model was read from a file with a correct
	// checksum. It is false for a model made in memory or read from a file
	// without a checksum.
	Sealed bool
	told   bool // read from a file with all of Training
}

// modelFormat is the value of the metadata key format. Its number changes when
// older programs would misread the file. The formats 1 and 2, which had a
// schedule instead of the sampling section, are also read.
const modelFormat = "csdm model 3"

// formerFormats are the formats of earlier versions, which are read and never
// written.
var formerFormats = []string{"csdm model 1", "csdm model 2"}

// The metadata keys of a model file.
const (
	keyFormat           = "format"
	keyArch             = "architecture"
	keyParameterization = "parameterization"
	keyModel            = "model"
	keySampling         = "sampling"
	keyNovelty          = "novelty"
)

// parameterizationJSON is the form of a parameterization in a file.
type parameterizationJSON struct {
	Name string `json:"name"`
	*Preconditioned
}

// Write writes the model as a safetensors file. The file holds the inputs and
// results of the training, but no time, place or speed. So two identical
// trainings write identical bytes. Only a file in half precision, which no
// training writes, and a copy of a file with all of Training hold all of it.
func (m *Model) Write(w io.Writer) error {
	if err := errors.Join(m.Meta.Validate(), m.validateSampling()); err != nil {
		return err
	}
	metadata := archMetadata(m.Net.arch)
	metadata[keyFormat] = modelFormat
	p := parameterizationJSON{Name: m.Parameterization.Name()}
	p.Preconditioned, _ = m.Parameterization.(*Preconditioned)
	meta := m.Meta
	if !m.Half && !m.told {
		meta.Training = meta.Training.Reproducible()
	}
	for key, v := range map[string]any{keyArch: m.Net.arch, keyParameterization: p,
		keyModel: meta, keySampling: m.Sampling} {
		text, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("nn: %s: %w", key, err)
		}
		metadata[key] = string(text)
	}
	arrays := m.Net.Tensors(m.Net.Flat())
	if l := m.Parameterization.Estimate(); l != nil {
		l.write(arrays)
	}
	if m.Novelty != nil {
		if err := m.Novelty.write(metadata, arrays); err != nil {
			return err
		}
	}
	return format.WriteTensors(w,
		&format.Tensors{Metadata: metadata, Arrays: arrays, Half: m.Half})
}

// WriteFile writes the model to a file, completely or not at all. Unless
// overwrite is set, an existing file is an error for which errors.Is(err,
// fs.ErrExist) holds.
func (m *Model) WriteFile(path string, overwrite bool) error {
	return atomicfile.Write(path, overwrite, m.Write)
}

// ReadModelFile reads a model file, or weights from another program as
// ReadModel does.
func ReadModelFile(path string) (*Model, error) {
	t, err := format.ReadTensorsFile(path)
	if err != nil {
		return nil, err
	}
	m, err := modelOf(t)
	if e, ok := errors.AsType[*format.Error](err); ok {
		named := *e
		named.Path = path
		return nil, &named
	}
	return m, err
}

// ReadModel reads a model file of size bytes. It also accepts weights of other
// programs under the names of the public NCSNv2 state dict, if their shapes
// determine the architecture. Such weights get the parameterization Paper and
// no metadata. ReadModel returns a *format.Error if the content is not a
// network.
func ReadModel(r io.ReaderAt, size int64) (*Model, error) {
	t, err := format.ReadTensors(r, size)
	if err != nil {
		return nil, err
	}
	return modelOf(t)
}

// modelOf returns the model of the tensors of a file. It refuses a file of csdm
// whose checksum was removed.
func modelOf(t *format.Tensors) (*Model, error) {
	m := &Model{Parameterization: Paper{}, Half: t.Half, Sealed: t.Sealed}
	if ours := strings.HasPrefix(t.Metadata[keyFormat], "csdm "); ours && !t.Sealed {
		if err := ownKeys(t.Metadata, archMetadata(Arch{})); err != nil {
			return nil, err
		}
	}
	var a Arch
	var err error
	if _, ok := t.Metadata[keyArch]; !ok {
		if a, err = archOf(t); err != nil {
			return nil, err
		}
	} else if a, err = m.setMetadata(t.Metadata); err != nil {
		return nil, &format.Error{Offset: -1, What: "has metadata that cannot be used", Err: err}
	}
	m.told = m.Meta.Training != m.Meta.Training.Reproducible()
	if m.Novelty, err = readNovelty(t, a.YChannels, m.Meta.Rows, m.Meta.Cols); err != nil {
		return nil, err
	}
	if err := m.readLinear(t, a); err != nil {
		return nil, err
	}
	total := 0
	for _, array := range t.Arrays {
		total += array.Len()
	}
	if n := a.ParameterCount(); n/2 > total { // report this before allocating the parameters
		return nil, &format.Error{Offset: -1,
			What: fmt.Sprintf("is described as a network of %d parameters but holds %d", n, total)}
	}
	m.Net = NewNet[float32](a)
	if err := m.Net.SetTensors(t.Arrays); err != nil {
		return nil, err
	}
	return m, nil
}

// ownKeys returns an error if a model file of csdm has an unknown metadata key,
// which may be a damaged key of the checksum.
func ownKeys(metadata, plain map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if _, ok := plain[key]; !ok && !slices.Contains([]string{keyFormat, keyArch,
			keyParameterization, keyModel, keySampling, keyNovelty}, key) {
			return &format.Error{Offset: -1, What: fmt.Sprintf("has the metadata key %q, which no "+
				"model file of csdm has; it is damaged, or of a later version", key)}
		}
	}
	return nil
}

// setMetadata sets parameterization and metadata from the metadata of the file,
// and returns the architecture.
func (m *Model) setMetadata(metadata map[string]string) (Arch, error) {
	f := metadata[keyFormat]
	former := slices.Contains(formerFormats, f)
	if f != modelFormat && !former {
		return Arch{}, fmt.Errorf("format is %q; this program reads %q and %q", f, modelFormat,
			formerFormats)
	}
	var a Arch
	var p parameterizationJSON
	for _, part := range []struct {
		key string
		to  any
	}{{keyArch, &a}, {keyParameterization, &p}, {keyModel, &m.Meta}} {
		if err := json.Unmarshal([]byte(metadata[part.key]), part.to); err != nil {
			return Arch{}, fmt.Errorf("%s: %w", part.key, err)
		}
	}
	sampling := metadata[keySampling]
	if former {
		var err error
		if sampling, err = formerSampling(metadata[keyModel]); err != nil {
			return Arch{}, err
		}
	}
	if err := json.Unmarshal([]byte(sampling), &m.Sampling); err != nil {
		return Arch{}, fmt.Errorf("%s: %w", keySampling, err)
	}
	if err := errors.Join(a.Validate(), m.validateSampling()); err != nil {
		return Arch{}, err
	}
	switch {
	case p.Name == Paper{}.Name():
	case p.Name == (*Preconditioned)(nil).Name() && p.Preconditioned != nil:
		m.Parameterization = p.Preconditioned
	default:
		return Arch{}, fmt.Errorf("parameterization is %q; it must be paper or preconditioned",
			p.Name)
	}
	if err := m.Parameterization.Validate(a.YChannels, m.Meta.Rows*m.Meta.Cols); err != nil {
		return Arch{}, err
	}
	if m.Parameterization.Extra() != a.Extra {
		return Arch{}, fmt.Errorf("a network with %d extra channels does not fit the "+
			"parameterization %s", a.Extra, p.Name)
	}
	if err := m.Meta.Validate(); err != nil {
		return Arch{}, err
	}
	return a, a.CheckSize(m.Meta.Rows, m.Meta.Cols)
}

// validateSampling returns an error about a setting of the sampling section
// that is not valid.
func (m *Model) validateSampling() error {
	s := m.Sampling
	s.Threads = 1
	return s.Validate()
}

// formerSampling returns the sampling section that stands for the schedule in
// the metadata of a model file of a former format.
func formerSampling(model string) (string, error) {
	var meta struct {
		Schedule map[string]json.RawMessage `json:"schedule"`
	}
	if err := json.Unmarshal([]byte(model), &meta); err != nil {
		return "", fmt.Errorf("%s: %w", keyModel, err)
	}
	for was, is := range map[string]string{"sigma_1": "sigma_max", "sigma_l": "sigma_min"} {
		if v, ok := meta.Schedule[was]; ok {
			meta.Schedule[is] = v
			delete(meta.Schedule, was)
		}
	}
	text, err := json.Marshal(meta.Schedule)
	return string(text), err
}

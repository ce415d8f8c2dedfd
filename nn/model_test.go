package nn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"csdm/internal/format"
	"csdm/langevin"
)

func metadata(rows, cols int) Metadata {
	return Metadata{
		Problem: "quasistatic", Rows: rows, Cols: cols, NoisePercent: 2.5, LengthUnit: "cm",
		XUnit: "kPa", YUnit: "cm",
		Normalization: Normalization{0.1, 1.5, -0.01, 0.02, nil},
		Training: Training{Program: "csdm 0", Command: "csdm train", Seed: 3, Steps: 100,
			Batch: 32, LearningRate: 1e-3, Seconds: 0.1},
	}
}

func model(a Arch) *Model {
	m := &Model{Net: NewNet[float32](a), Parameterization: parameterizationFor(a),
		Meta: metadata(9, 11), Sampling: langevin.Settings{Sampler: "dpmpp2m", Draws: 256,
			Levels: 128, SigmaMax: 20, SigmaMin: 0.01, Corrections: 8, CorrectAt: 0.26,
			CorrectKeep: 0.4, Form: "eq18"}}
	m.Net.Init(4)
	if a.Linear {
		m.Parameterization.(*Preconditioned).Linear = estimateOf(9*11, 9*11)
	}
	return m
}

func encode(t *testing.T, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestModelRoundTrip checks that a model is read back bit for bit, and that the
// same model writes the same bytes.
func TestModelRoundTrip(t *testing.T) {
	for _, a := range []Arch{{3, 2, 1, AvgPool, Base, false, 0, false},
		{2, 1, 0, MaxPool, Deeper, false, 0, false}, {2, 1, 1, MaxPool, Deepest, false, 0, false},
		{8, 2, 1, MaxPool, Base, true, 0, true}, {8, 1, 1, MaxPool, Light, true, 0, false}} {
		m := model(a)
		if a.isLight() {
			m.Meta = metadata(10, 12)
		}
		if p, ok := m.Parameterization.(*Preconditioned); ok && a.Variant == Deepest {
			p.YPeriod = 0.75
		}
		path := filepath.Join(t.TempDir(), "m.safetensors")
		if err := m.WriteFile(path, false); err != nil {
			t.Fatal(err)
		}
		if err := m.WriteFile(path, false); !errors.Is(err, fs.ErrExist) {
			t.Errorf("overwriting: %v", err)
		}
		r, err := ReadModelFile(path)
		if err != nil {
			t.Fatal(err)
		}
		meta := m.Meta
		meta.Training = meta.Training.Reproducible()
		if r.Net.arch != a || !slices.Equal(r.Net.Flat(), m.Net.Flat()) ||
			!reflect.DeepEqual(r.Meta, meta) ||
			!reflect.DeepEqual(r.Parameterization, m.Parameterization) {
			t.Errorf("%+v: read back another model", a)
		}
		b := encode(t, m)
		if !bytes.Equal(b, encode(t, r)) {
			t.Error("other bytes when written again")
		}
		if _, err := ReadModel(bytes.NewReader(b), int64(len(b))); err != nil {
			t.Error(err)
		}

		if a.isLight() || a.Linear {
			continue // the remaining checks hold only for networks of csdm
		}
		// Without metadata the shapes determine the architecture: all channels
		// except the first belong to y.
		r, err = modelOf(&format.Tensors{Metadata: map[string]string{"pool": string(a.Pool)},
			Arrays: m.Net.Tensors(m.Net.Flat())})
		if err != nil {
			t.Fatal(err)
		}
		want := a
		want.YChannels, want.Extra = a.YChannels+a.Extra, 0
		if r.Net.arch != want || r.Parameterization != (Paper{}) || r.Meta.Known() {
			t.Errorf("weights alone are taken for %+v", r.Net.arch)
		}
	}
}

// TestModelRejects checks that bad files give errors of the type for bad
// content, which name the fault.
func TestModelRejects(t *testing.T) {
	for want, damage := range map[string]func(f *format.Tensors){
		"is missing": func(f *format.Tensors) { delete(f.Arrays, "res3.0.shortcut.bias") },
		"begin_conv": func(f *format.Tensors) { delete(f.Arrays, "begin_conv.weight") },
		"has shape": func(f *format.Tensors) {
			f.Arrays["end_conv.bias"] = format.Array32(make([]float32, 2), 2)
		},
		"is NaN": func(f *format.Tensors) {
			f.Arrays["end_conv.bias"].F32[0] = float32(math.NaN())
		},
		"no layer": func(f *format.Tensors) {
			f.Arrays["res9.bias"] = format.Array32(make([]float32, 1), 1)
		},
		"format is": func(f *format.Tensors) { f.Metadata[keyFormat] = "csdm model 4" },
		"parameterization": func(f *format.Tensors) {
			f.Metadata[keyParameterization] = `{"name":"none"}`
		},
		"does not fit": func(f *format.Tensors) {
			f.Metadata[keyParameterization] = `{"name":"paper"}`
		},
		"sigma_data": func(f *format.Tensors) {
			f.Metadata[keyParameterization] = `{"name":"preconditioned","sigma_data":-1}`
		},
		"ngf is 0": func(f *format.Tensors) { f.Metadata[keyArch] = `{}` },
		"model":    func(f *format.Tensors) { delete(f.Metadata, keyModel) },
		"but holds 7563": func(f *format.Tensors) {
			f.Metadata[keyArch] = `{"ngf":1024,"y_channels":1,"extra":1,"pool":"max",` +
				`"variant":"base"}`
		},
		"images of 0×0": func(f *format.Tensors) { f.Metadata[keyModel] = `{}` },
	} {
		b := encode(t, model(Arch{2, 1, 1, MaxPool, Base, false, 0, false}))
		f, err := format.ReadTensors(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		damage(f)
		_, err = modelOf(f)
		if _, ok := errors.AsType[*format.Error](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	for what, spoil := range map[string]func(s *langevin.Settings){
		"without a last noise level": func(s *langevin.Settings) { s.SigmaMin = 0 },
		"with corrections nowhere":   func(s *langevin.Settings) { s.CorrectAt = 0 },
		"by no sampler":              func(s *langevin.Settings) { s.Sampler = "none" },
		"with corrections that keep more than there is": func(s *langevin.Settings) {
			s.CorrectKeep = 1
		},
	} {
		m := model(Arch{2, 1, 1, MaxPool, Base, false, 0, false})
		spoil(&m.Sampling)
		if m.Write(&bytes.Buffer{}) == nil {
			t.Error("wrote a model " + what)
		}
	}
	if _, err := ReadModelFile("testdata/none.safetensors"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestFormerModels checks that a file of a former format, whose metadata have a
// schedule instead of the sampling section, draws as it did.
func TestFormerModels(t *testing.T) {
	for _, former := range formerFormats {
		m := model(Arch{2, 1, 1, MaxPool, Base, false, 0, false})
		b := encode(t, m)
		f, err := format.ReadTensors(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		delete(f.Metadata, keySampling)
		f.Metadata[keyFormat] = former
		f.Metadata[keyModel] = strings.TrimSuffix(f.Metadata[keyModel], "}") + `,"schedule":
			{"sigma_1":20,"sigma_l":0.01,"levels":128,"corrections":8,"correct_at":0.26,
			"correct_keep":0.4}}`
		read, err := modelOf(f)
		if err != nil {
			t.Fatal(err)
		}
		m.Sampling.Start = langevin.StartZero
		if !reflect.DeepEqual(read.Sampling, m.Sampling) {
			t.Errorf("%s: %+v, want %+v", former, read.Sampling, m.Sampling)
		}
		if read.Identity() != m.Identity() {
			t.Errorf("%s: another model", former)
		}
		f.Metadata[keyModel] = `{"problem":"p","schedule":{"sigma_1":2,"levels":3}}`
		if _, err := modelOf(f); err == nil || !strings.Contains(err.Error(), "sigma_min") {
			t.Errorf("%s without a last noise level: %v", former, err)
		}
	}
}

// TestScorer checks that the scores of a model equal the scores of its network,
// and that D = x + σ²s.
func TestScorer(t *testing.T) {
	for _, extra := range []int{0, 1} {
		m := model(Arch{4, 2, extra, MaxPool, Base, false, 0, false})
		rows, cols := m.Meta.Rows, m.Meta.Cols
		x, y, z := sample[float64](m.Net.arch, rows, cols, 1)
		scorer := m.Condition(y)
		y0 := y[0]
		y[0] = 100 // the scorer has its own copy
		s := scorer()
		y[0] = y0
		for _, sigma := range []float64{20, 0.5, 0.01} {
			noisy, score, denoised := make([]float64, len(x)), make([]float64, len(x)),
				make([]float64, len(x))
			for i := range x {
				noisy[i] = x[i] + sigma*z[i]
			}
			if err := s.Score(score, noisy, sigma); err != nil {
				t.Fatal(err)
			}
			if err := s.Denoise(denoised, noisy, sigma); err != nil {
				t.Fatal(err)
			}
			e, err := m.Net.Evaluate(m.Parameterization,
				&Batch{1, 2, rows, cols, x, z, y, []float64{sigma}})
			if err != nil {
				t.Fatal(err)
			}
			// Both round x̃ to float32 for the network; one of them adds x and
			// z in float32 first.
			if r := relative(score, e.Score); !(r < 1e-5) {
				t.Errorf("extra %d, σ = %g: scores differ by %g", extra, sigma, r)
			}
			for i := range x {
				want := noisy[i] + sigma*sigma*score[i]
				if math.Abs(denoised[i]-want) > 1e-14*(math.Abs(noisy[i])+
					sigma*sigma*math.Abs(score[i])) {
					t.Fatalf("extra %d, σ = %g: denoised to %v, not %v", extra, sigma, denoised[i],
						want)
				}
			}
		}
		dst := make([]float64, len(x))
		x[0] = math.NaN()
		var e *NonFiniteError
		if err := s.Score(dst, x, 1); !errors.As(err, &e) || e.Layer != "input" {
			t.Errorf("score of NaN: %v", err)
		}
		m.Net.Flat()[len(m.Net.Flat())-1] = float32(math.Inf(1)) // bias of end_conv
		x[0] = 0
		if err := s.Score(dst, x, 1); !errors.As(err, &e) || e.Layer != "end_conv" {
			t.Errorf("score of a broken network: %v", err)
		}
	}
}

func TestNormalization(t *testing.T) {
	n := Normalization{0.1, 1.5, -2, 2, nil}
	v := []float64{0.1, 1.5, 0.8}
	n.NormalizeX(v, v, len(v))
	if v[0] != 0 || v[1] != 1 || math.Abs(v[2]-0.5) > 1e-15 {
		t.Errorf("normalized to %v", v)
	}
	n.PhysicalX(v, v, len(v))
	if v[0] != 0.1 || math.Abs(v[1]-1.5) > 1e-15 || math.Abs(v[2]-0.8) > 1e-15 {
		t.Errorf("back to %v", v)
	}
	n.NormalizeY(v, []float64{-2, 0, 2})
	n.PhysicalY(v, v)
	if !slices.Equal(v, []float64{-2, 0, 2}) {
		t.Errorf("measurement back to %v", v)
	}
}

func TestReadCaseRejects(t *testing.T) {
	write := func(arrays ...format.Named) string {
		var b bytes.Buffer
		if err := format.WriteNPZ(&b, arrays...); err != nil {
			t.Fatal(err)
		}
		return writeTemp(t, b.Bytes())
	}
	image := func(name string, shape ...int) format.Named {
		n := 1
		for _, d := range shape {
			n *= d
		}
		return format.Named{Name: name, Array: format.Array32(make([]float32, n), shape...)}
	}
	sigma := format.Named{Name: "sigma", Array: format.Array64([]float64{1, 2}, 2)}
	if _, err := ReadCase(write(image("x", 2, 1, 3, 4), image("y", 2, 3, 3, 4),
		image("z", 2, 1, 3, 4), sigma)); err != nil {
		t.Error(err)
	}
	for want, path := range map[string]string{
		`"z"`: write(image("x", 2, 1, 3, 4), image("y", 2, 3, 3, 4), sigma),
		`"x"`: write(image("x", 2, 3, 4), image("y", 2, 3, 3, 4), image("z", 2, 1, 3, 4),
			sigma),
		`"y"`: write(image("x", 2, 1, 3, 4), image("y", 2, 3, 4, 4), image("z", 2, 1, 3, 4),
			sigma),
		`"sigma"`: write(image("x", 2, 1, 3, 4), image("y", 2, 3, 3, 4), image("z", 2, 1, 3, 4),
			image("sigma", 2)),
	} {
		_, err := ReadCase(path)
		if _, ok := errors.AsType[*format.Error](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func writeTemp(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "case.npz")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// FuzzMetadata checks that every metadata of a file gives a usable model or an
// error. (The bytes of the file are fuzzed in internal/format.)
func FuzzMetadata(f *testing.F) {
	m := model(Arch{2, 1, 1, MaxPool, Base, false, 0, false})
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		f.Fatal(err)
	}
	file, err := format.ReadTensors(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file.Metadata[keyArch], file.Metadata[keyParameterization], file.Metadata[keyModel])
	f.Add(file.Metadata[keyArch], `{"name":"paper"}`, `{}`)
	f.Add(`{"ngf":2,"y_channels":2,"extra":0,"pool":"max","variant":"base"}`, `{"name":"paper"}`,
		file.Metadata[keyModel])
	f.Fuzz(func(t *testing.T, arch, parameterization, meta string) {
		m, err := modelOf(&format.Tensors{Arrays: file.Arrays, Metadata: map[string]string{
			keyFormat: modelFormat, keyArch: arch, keyParameterization: parameterization,
			keyModel: meta,
		}})
		if err != nil || m.Meta.Rows*m.Meta.Cols > 1000 {
			return
		}
		x := make([]float64, m.Meta.Rows*m.Meta.Cols)
		if err := m.Condition(make([]float64, m.Net.Arch().YChannels*len(x)))().Score(x, x,
			1); err != nil {
			var e *NonFiniteError
			if !errors.As(err, &e) {
				t.Error(err)
			}
		}
	})
}

// TestFlippedModel flips bits throughout a model file: none of the results is
// read as a model.
func TestFlippedModel(t *testing.T) {
	file := encode(t, model(Arch{2, 1, 1, MaxPool, Base, false, 0, false}))
	if m, err := ReadModel(bytes.NewReader(file), int64(len(file))); err != nil || !m.Sealed {
		t.Fatal(err)
	}
	header := 8 + int(binary.LittleEndian.Uint64(file))
	// The list of tensors and their weights are most of the file, and each part
	// of them is like the others. Steps are odd, so that every bit of a byte
	// has its turn.
	metadata := bytes.Index(file, []byte("__metadata__"))
	for at, step := 0, 1; at < len(file); at += step {
		switch {
		case at > header:
			step = 37
		case at < 512 || at > header-512 || metadata <= at && at < metadata+2048:
			step = 1
		default:
			step = 7
		}
		spoiled := bytes.Clone(file)
		spoiled[at] ^= 1 << (at % 8)
		if _, err := ReadModel(bytes.NewReader(spoiled), int64(len(spoiled))); err == nil {
			t.Errorf("byte %d of %d: the flip is not noticed", at, len(file))
		}
	}
	// A file of an older version has no checksum; it is read.
	tensors, err := format.ReadTensors(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	tensors.Sealed = false
	old, err := modelOf(tensors)
	if err != nil || old.Sealed {
		t.Errorf("a model without a checksum: %v", err)
	}
	tensors.Metadata["checksun"] = "sha256:00"
	if _, err := modelOf(tensors); err == nil || !strings.Contains(err.Error(), `"checksun"`) {
		t.Errorf("a model with an unknown key: %v", err)
	}
	// Weights of other programs may have any metadata.
	tensors.Metadata = map[string]string{"format": "pt", "note": "from elsewhere"}
	if _, err := modelOf(tensors); err != nil {
		t.Error(err)
	}
}

// FuzzWeights puts arbitrary numbers into the weights and the state. Either the
// score is finite or there is an error.
func FuzzWeights(f *testing.F) {
	m := model(Arch{2, 1, 1, MaxPool, Base, false, 0, false})
	first := slices.Clone(m.Net.Flat())
	f.Add(uint32(0), math.Float32bits(1), 0.5, 1.0)
	f.Add(uint32(7), math.Float32bits(float32(math.NaN())), 0.5, 1.0)
	f.Add(uint32(99), math.Float32bits(math.MaxFloat32), -1e300, 1e-9)
	f.Fuzz(func(t *testing.T, at, bits uint32, value, sigma float64) {
		if !(sigma > 0 && sigma < 1e9) {
			return // a programmer's error
		}
		weights := m.Net.Flat()
		copy(weights, first)
		weights[int(at)%len(weights)] = math.Float32frombits(bits)
		x := make([]float64, m.Meta.Rows*m.Meta.Cols)
		x[int(at)%len(x)] = value
		err := m.Condition(make([]float64, len(x)))().Score(x, x, sigma)
		var e *NonFiniteError
		if err != nil && !errors.As(err, &e) {
			t.Fatal(err)
		}
		for _, v := range x {
			if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
				t.Fatalf("the score is %v without an error", x)
			}
		}
	})
}

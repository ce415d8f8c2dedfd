package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"csdm/dataset"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/setting"
	"csdm/models"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/problems/specimen"
	"csdm/recipe"
	"csdm/run"
)

func (a *app) infoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "info FILE",
		Short: "Describe a model, dataset, checkpoint, result, run folder or specimen",
		Long: `info prints kind, shapes, units, settings and provenance of a model (.safetensors or
builtin:NAME), a checkpoint, arrays (.npy, .npz, .csv), a dataset folder or a run folder. For the
file of a specimen it prints all settings with their defaults.`,
		Example: "  csdm info builtin:quasistatic-28-n5",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			v, err := describe(args[0])
			if err != nil {
				return err
			}
			return a.result(v, func(w io.Writer) { printTree(w, v, "") })
		},
	}
}

// describe returns a description of a path as nested maps.
func describe(path string) (map[string]any, error) {
	if strings.HasPrefix(path, models.Prefix) {
		m, err := run.OpenModel(path)
		if err != nil {
			return nil, err
		}
		return describeModel(m), nil
	}
	status, err := os.Stat(path)
	if file, _, ok := strings.Cut(path, ".npz:"); err != nil && ok { // an array of the file
		status, err = os.Stat(file + ".npz")
	}
	name, ext := filepath.Base(path), filepath.Ext(path)
	switch {
	case err != nil:
		return nil, err
	case status.IsDir():
		return describeFolder(path)
	case ext == ".safetensors":
		return describeTensors(path)
	case ext == ".npz":
		return describeNPZ(path)
	case ext == ".partial":
		return map[string]any{
			"kind":  "unfinished draws or sums; the command that made it resumes from it",
			"bytes": status.Size()}, nil
	case ext == ".toml" && specimen.Describes(path):
		d, err := specimen.Read(path)
		if err != nil {
			return nil, err
		}
		v, err := d.Settings()
		if err != nil {
			return nil, err
		}
		v["kind"] = "specimen"
		return v, nil
	case ext == ".toml":
		config, err := recipe.Read(path)
		if err != nil {
			return nil, err
		}
		return map[string]any{"kind": "settings", "settings": settings(config)}, nil
	case name == "run.json", name == "dataset.json", name == "metrics.jsonl":
		return describeFolder(filepath.Dir(path))
	}
	array, err := format.ReadArrayFile(path)
	if err != nil {
		return nil, err
	}
	return map[string]any{"kind": "array", "shape": array.Shape, "type": array.DType.String(),
		"range": extent(array)}, nil
}

// describeTensors describes a checkpoint, a model, weights of the same
// architecture from another program, or other tensors.
func describeTensors(path string) (map[string]any, error) {
	tensors, metadata, err := readTensorHeader(path)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(tensors))
	for i, t := range tensors {
		names[i] = t.Name
	}
	if slices.Contains(names, "adam.m") {
		c, err := train.ReadCheckpoint(path)
		if err != nil {
			return nil, err
		}
		v := describeCheckpoint(c)
		v["kind"], v["settings"], v["identity"], v["kernel"], v["parameters"] = "checkpoint",
			plain(c.Settings), plain(c.Identity), c.Kernel, len(c.Weights)
		return v, nil
	}
	m, err := run.OpenModel(path)
	if err == nil {
		return describeModel(m), nil
	}
	if _, ours := metadata["format"]; ours { // a damaged model
		return nil, err
	}
	v := map[string]any{}
	for _, t := range tensors {
		v[t.Name] = fmt.Sprintf("%v %s", t.Shape, t.Type)
	}
	return map[string]any{"kind": "tensors", "tensors": v}, nil
}

func readTensorHeader(path string) ([]format.TensorInfo, map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	status, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	tensors, metadata, err := format.ReadTensorHeader(f, status.Size())
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return tensors, metadata, nil
}

func describeModel(m *nn.Model) map[string]any {
	a := m.Net.Arch()
	v := map[string]any{"kind": "weights", "architecture": plain(a),
		"parameters": a.ParameterCount(), "form": m.Parameterization.Name()}
	if m.Meta.Known() {
		v["kind"] = "model"
		v["model"] = plain(m.Meta)
		v["sampling"] = plain(m.Sampling)
		v["parameterization"] = plain(m.Parameterization)
	}
	return v
}

func describeCheckpoint(c *train.Checkpoint) map[string]any {
	return map[string]any{"step": c.Step, "steps": c.Steps, "seconds": c.Elapsed.Seconds(),
		"held_out": c.Last.Mean}
}

func describeFolder(path string) (map[string]any, error) {
	switch manifest, err := dataset.ReadManifest(path); {
	case err == nil:
		return map[string]any{"kind": "dataset", "manifest": plain(manifest)}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	config, err := run.ReadConfig(path)
	switch {
	case err != nil:
		return nil, err
	case config == nil:
		return nil, cli.Data(fmt.Errorf("%s is neither a dataset nor a run folder", path))
	}
	v := map[string]any{"kind": "run folder", "settings": settings(config)}
	switch c, _, err := train.Latest(path); {
	case err != nil:
		return nil, err
	case c != nil:
		v["checkpoint"] = describeCheckpoint(c)
	}
	manifest, err := run.ReadManifest(path)
	if err != nil {
		return nil, err
	}
	v["manifest"] = plain(manifest)
	return v, nil
}

// settings returns the settings of a recipe by their names for --set.
func settings(c *recipe.Recipe) map[string]any {
	v := map[string]any{}
	for _, s := range c.Settings() {
		v[s.Name] = described{s}
	}
	return v
}

// described is a setting that prints with its description, and has only its
// value in JSON.
type described struct{ setting.Setting }

func (d described) MarshalJSON() ([]byte, error) { return json.Marshal(d.Value()) }

func (d described) String() string {
	return d.Text() + "  # " + d.Describe()
}

func describeNPZ(path string) (map[string]any, error) {
	z, err := format.OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	arrays := map[string]any{}
	for _, name := range z.Names() {
		if name == infer.OriginEntry {
			continue
		}
		h, err := z.Header(name)
		if err != nil {
			return nil, err
		}
		arrays[name] = fmt.Sprintf("%v %v", h.Shape, h.DType)
	}
	v := map[string]any{"kind": "arrays", "arrays": arrays}
	if z.Has("mean") && z.Has("std") {
		if s, err := infer.ReadSummary(path, "--case", "0"); err == nil {
			v["kind"] = "posterior"
			if s.Origin != nil {
				v["origin"] = plain(s.Origin)
			}
			if c, err := infer.ReadCertificate(path); err == nil && c != nil {
				v["certificate"] = plain(c)
			}
		}
	}
	return v, nil
}

func extent(a *format.Array) any {
	values := a.Float64()
	if len(values) == 0 || a.CheckFinite() != nil {
		return nil
	}
	return []float64{slices.Min(values), slices.Max(values)}
}

// plain converts a struct to maps by its JSON form.
func plain(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		panic("csdm: " + err.Error())
	}
	var out any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // 1000000, not 1e+06
	if err := decoder.Decode(&out); err != nil {
		panic("csdm: " + err.Error())
	}
	return out
}

// printTree prints nested maps as indented lines, with kind first. Each map of
// a list has a dash, and a long list is shortened.
func printTree(w io.Writer, v map[string]any, indent string) {
	keys := slices.SortedFunc(maps.Keys(v), func(a, b string) int {
		switch {
		case a == "kind":
			return -1
		case b == "kind":
			return 1
		}
		return strings.Compare(a, b)
	})
	for _, k := range keys {
		switch value := v[k].(type) {
		case map[string]any:
			fmt.Fprintf(w, "%s%s:\n", indent, k)
			printTree(w, value, indent+"  ")
		case []any:
			if len(value) > 0 {
				if _, ok := value[0].(map[string]any); ok {
					fmt.Fprintf(w, "%s%s:\n", indent, k)
					for _, item := range value {
						fmt.Fprintf(w, "%s-\n", indent)
						printTree(w, item.(map[string]any), indent+"  ")
					}
					continue
				}
			}
			if len(value) > 8 {
				fmt.Fprintf(w, "%s%s: %d values, %v … %v\n", indent, k, len(value), value[0],
					value[len(value)-1])
				continue
			}
			fmt.Fprintf(w, "%s%s: %v\n", indent, k, value)
		default:
			fmt.Fprintf(w, "%s%s: %v\n", indent, k, value)
		}
	}
}

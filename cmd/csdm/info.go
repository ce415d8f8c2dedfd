package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"csdm/dataset"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/models"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/run"
)

func (a *app) infoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "info FILE",
		Short: "Say what a model, dataset, checkpoint, result or run folder is",
		Long: `info tells kind, shapes, units, settings and provenance of a file: a model (.safetensors or builtin:NAME), a checkpoint, arrays
(.npy, .npz, .csv), a dataset folder or a run folder.`,
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

// describe returns what there is to say of a path, as nested maps.
func describe(path string) (map[string]any, error) {
	if strings.HasPrefix(path, models.Prefix) {
		m, err := readModel(path)
		if err != nil {
			return nil, err
		}
		return describeModel(m)
	}
	status, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case status.IsDir():
		return describeFolder(path)
	case filepath.Ext(path) == ".safetensors":
		if c, err := train.ReadCheckpoint(path); err == nil {
			return map[string]any{
				"kind": "checkpoint", "step": c.Step, "steps": c.Steps, "seconds": c.Elapsed.Seconds(), "settings": c.Settings,
				"identity": c.Identity, "kernel": c.Kernel, "held_out": c.Last.Mean, "parameters": len(c.Weights),
			}, nil
		}
		m, err := nn.ReadModelFile(path)
		if err != nil {
			return nil, err
		}
		return describeModel(m)
	case filepath.Ext(path) == ".npz":
		return describeNPZ(path)
	}
	array, err := format.ReadArrayFile(path)
	if err != nil {
		return nil, err
	}
	return map[string]any{"kind": "array", "shape": array.Shape, "type": array.DType.String(), "range": extent(array)}, nil
}

func describeModel(m *nn.Model) (map[string]any, error) {
	a := m.Net.Arch()
	v := map[string]any{"kind": "weights", "architecture": plain(a), "parameters": a.ParameterCount(), "form": m.Parameterization.Name()}
	if m.Meta.Known() {
		v["kind"] = "model"
		v["model"] = plain(m.Meta)
		v["parameterization"] = plain(m.Parameterization)
	}
	return v, nil
}

func describeFolder(path string) (map[string]any, error) {
	if manifest, err := dataset.ReadManifest(path); err == nil {
		return map[string]any{"kind": "dataset", "manifest": plain(manifest)}, nil
	}
	var config run.Config
	if err := cli.ReadConfig(filepath.Join(path, "config.toml"), &config); err != nil {
		return nil, fmt.Errorf("%s is neither a dataset nor a run folder: %w", path, err)
	}
	v := map[string]any{"kind": "run folder", "settings": plain(config)}
	if c, _, err := train.Latest(path); err == nil && c != nil {
		v["checkpoint"] = map[string]any{"step": c.Step, "steps": c.Steps, "seconds": c.Elapsed.Seconds(), "held_out": c.Last.Mean}
	}
	if text, err := os.ReadFile(filepath.Join(path, "run.json")); err == nil {
		var manifest map[string]any
		if err := json.Unmarshal(text, &manifest); err != nil {
			return nil, cli.Data(fmt.Errorf("%s: %w", filepath.Join(path, "run.json"), err))
		}
		v["manifest"] = manifest
	}
	return v, nil
}

func describeNPZ(path string) (map[string]any, error) {
	z, err := format.OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	arrays := map[string]any{}
	for _, name := range z.Names() {
		if name == run.OriginEntry {
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
		if s, err := run.ReadSummary(path, 0); err == nil {
			v["kind"] = "posterior"
			if s.Origin != nil {
				v["origin"] = plain(s.Origin)
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

// plain turns a struct into maps by its JSON form.
func plain(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		panic("csdm: " + err.Error())
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		panic("csdm: " + err.Error())
	}
	return out
}

// printTree writes nested maps as indented lines, kind first.
func printTree(w io.Writer, v any, indent string) {
	m, ok := v.(map[string]any)
	if !ok {
		fmt.Fprintf(w, "%s%v\n", indent, v)
		return
	}
	keys := slices.Sorted(maps.Keys(m))
	slices.SortStableFunc(keys, func(a, b string) int {
		if a == "kind" {
			return -1
		}
		if b == "kind" {
			return 1
		}
		return 0
	})
	for _, k := range keys {
		switch value := m[k].(type) {
		case map[string]any:
			fmt.Fprintf(w, "%s%s:\n", indent, k)
			printTree(w, value, indent+"  ")
		case map[string]string:
			fmt.Fprintf(w, "%s%s:\n", indent, k)
			for _, name := range slices.Sorted(maps.Keys(value)) {
				fmt.Fprintf(w, "%s  %s: %s\n", indent, name, value[name])
			}
		default:
			fmt.Fprintf(w, "%s%s: %v\n", indent, k, value)
		}
	}
}

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

// infoPrinters print the descriptions of info, one kind each.
type infoPrinters struct {
	model      printer[*modelInfo]
	checkpoint printer[*checkpointInfo]
	tensors    printer[*tensorsInfo]
	array      printer[*arrayInfo]
	arrays     printer[*arraysInfo]
	dataset    printer[*datasetInfo]
	runFolder  printer[*runFolderInfo]
	settings   printer[*settingsInfo]
	specimen   printer[*specimenInfo]
	unfinished printer[*unfinishedInfo]
}

func (p *infoPrinters) of(a *app, cmd *cobra.Command) {
	p.model.of(a, cmd, "of a model, or of weights")
	p.checkpoint.of(a, cmd, "of a checkpoint")
	p.tensors.of(a, cmd, "of other tensors")
	p.array.of(a, cmd, "of an array")
	p.arrays.of(a, cmd, "of an .npz file")
	p.dataset.of(a, cmd, "of a dataset")
	p.runFolder.of(a, cmd, "of a run folder")
	p.settings.of(a, cmd, "of the settings of a run")
	p.specimen.of(a, cmd, "of the file of a specimen")
	p.unfinished.of(a, cmd, "of unfinished work")
}

func (a *app) infoCommand() *cobra.Command {
	var show infoPrinters
	cmd := &cobra.Command{
		Use:   "info FILE",
		Short: "Describe a model, dataset, checkpoint, result, run folder or specimen",
		Long: `info prints kind, shapes, units, settings and provenance of a model (.safetensors or
builtin:NAME), a checkpoint, arrays (.npy, .npz, .csv), a dataset folder or a run folder. For the
file of a specimen it prints all settings with their defaults.`,
		Example: "  csdm info builtin:quasistatic-28-n5",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return show.path(args[0]) },
	}
	show.of(a, cmd)
	return cmd
}

// printInfo prints a description as JSON, or as a tree of names and values.
func printInfo[T any](p *printer[T], v T) error {
	return p.print(v, func(w io.Writer) {
		tree := plain(v).(map[string]any)
		if s, ok := any(v).(interface{ named() namedSettings }); ok {
			described := map[string]any{}
			for name, setting := range s.named() {
				described[name] = setting
			}
			tree["settings"] = described
		}
		printTree(w, tree, "")
	})
}

// path describes a file or folder.
func (p *infoPrinters) path(path string) error {
	if strings.HasPrefix(path, models.Prefix) {
		m, err := run.OpenModel(path)
		if err != nil {
			return err
		}
		return p.describeModel(m)
	}
	status, err := os.Stat(path)
	if file, _, ok := strings.Cut(path, ".npz:"); err != nil && ok { // an array of the file
		status, err = os.Stat(file + ".npz")
	}
	name, ext := filepath.Base(path), filepath.Ext(path)
	switch {
	case err != nil:
		return err
	case status.IsDir():
		return p.folder(path)
	case ext == ".safetensors":
		return p.tensorFile(path)
	case ext == ".npz":
		return p.npz(path)
	case ext == ".partial":
		return printInfo(&p.unfinished, &unfinishedInfo{
			"unfinished draws or sums; the command that made it resumes from it", status.Size()})
	case ext == ".toml" && specimen.Describes(path):
		d, err := specimen.Read(path)
		if err != nil {
			return err
		}
		return printInfo(&p.specimen, &specimenInfo{"specimen", *d})
	case ext == ".toml":
		config, err := recipe.Read(path)
		if err != nil {
			return err
		}
		return printInfo(&p.settings, &settingsInfo{"settings", settings(config)})
	case name == "run.json", name == "dataset.json", name == "metrics.jsonl":
		return p.folder(filepath.Dir(path))
	}
	array, err := format.ReadArrayFile(path)
	if err != nil {
		return err
	}
	return printInfo(&p.array, &arrayInfo{"array", array.Shape, array.DType.String(),
		extent(array)})
}

// tensorFile describes a checkpoint, a model, weights of the same architecture
// from another program, or other tensors.
func (p *infoPrinters) tensorFile(path string) error {
	tensors, metadata, err := readTensorHeader(path)
	if err != nil {
		return err
	}
	names := make([]string, len(tensors))
	for i, t := range tensors {
		names[i] = t.Name
	}
	if slices.Contains(names, "adam.m") {
		c, err := train.ReadCheckpoint(path)
		if err != nil {
			return err
		}
		return printInfo(&p.checkpoint, &checkpointInfo{"checkpoint", progressOf(c), c.Settings,
			c.Identity, c.Kernel, len(c.Weights)})
	}
	m, err := run.OpenModel(path)
	if err == nil {
		return p.describeModel(m)
	}
	if _, ours := metadata["format"]; ours { // a damaged model
		return err
	}
	v := &tensorsInfo{"tensors", map[string]string{}}
	for _, t := range tensors {
		v.Tensors[t.Name] = fmt.Sprintf("%v %s", t.Shape, t.Type)
	}
	return printInfo(&p.tensors, v)
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

func (p *infoPrinters) describeModel(m *nn.Model) error {
	a := m.Net.Arch()
	v := &modelInfo{Kind: "weights", Architecture: a, Parameters: a.ParameterCount(),
		Form: m.Parameterization.Name()}
	if m.Meta.Known() {
		v.Kind = "model"
		v.knownModel = &knownModel{m.Meta, m.Sampling, m.Parameterization}
	}
	return printInfo(&p.model, v)
}

func progressOf(c *train.Checkpoint) progressInfo {
	return progressInfo{c.Step, c.Steps, c.Elapsed.Seconds(), c.Last.Mean}
}

// folder describes a dataset or a run folder.
func (p *infoPrinters) folder(path string) error {
	switch manifest, err := dataset.ReadManifest(path); {
	case err == nil:
		return printInfo(&p.dataset, &datasetInfo{"dataset", manifest})
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	config, err := run.ReadConfig(path)
	switch {
	case err != nil:
		return err
	case config == nil:
		return cli.Data(fmt.Errorf("%s is neither a dataset nor a run folder", path))
	}
	v := &runFolderInfo{Kind: "run folder", Settings: settings(config)}
	switch c, _, err := train.Latest(path); {
	case err != nil:
		return err
	case c != nil:
		progress := progressOf(c)
		v.Checkpoint = &progress
	}
	if v.Manifest, err = run.ReadManifest(path); err != nil {
		return err
	}
	return printInfo(&p.runFolder, v)
}

// namedSettings holds the settings of a recipe by their names for --set.
type namedSettings map[string]described

func (v *runFolderInfo) named() namedSettings { return v.Settings }
func (v *settingsInfo) named() namedSettings  { return v.Settings }

// settings returns the settings of a recipe by their names for --set.
func settings(c *recipe.Recipe) namedSettings {
	v := namedSettings{}
	for _, s := range c.Settings() {
		v[s.Name] = described{s}
	}
	return v
}

// described is a setting that prints with its description, and has only its
// value in JSON.
type described struct{ setting.Setting }

// MarshalJSON writes the value alone: a program has the description from csdm
// help.
func (d described) MarshalJSON() ([]byte, error) { return json.Marshal(d.Value()) }

// JSONForm returns the form of the JSON: any value.
func (described) JSONForm() any { return nil }

// String returns the value as --set takes it, with its description behind #.
func (d described) String() string {
	return d.Text() + "  # " + d.Describe()
}

// npz describes a result or other arrays.
func (p *infoPrinters) npz(path string) error {
	z, err := format.OpenNPZ(path)
	if err != nil {
		return err
	}
	defer z.Close()
	v := &arraysInfo{Kind: "arrays", Arrays: map[string]string{}}
	for _, name := range z.Names() {
		if name == infer.OriginEntry {
			continue
		}
		h, err := z.Header(name)
		if err != nil {
			return err
		}
		v.Arrays[name] = fmt.Sprintf("%v %v", h.Shape, h.DType)
	}
	if z.Has("mean") && z.Has("std") {
		if s, err := infer.ReadSummary(path, "--case", "0"); err == nil {
			v.Kind, v.Origin = "posterior", s.Origin
			if c, err := infer.ReadCertificate(path); err == nil {
				v.Certificate = c
			}
		}
	}
	return printInfo(&p.arrays, v)
}

func extent(a *format.Array) []float64 {
	values := a.Float64()
	if len(values) == 0 || a.CheckFinite() != nil {
		return nil
	}
	return []float64{slices.Min(values), slices.Max(values)}
}

// plain converts a value to maps by its JSON form.
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

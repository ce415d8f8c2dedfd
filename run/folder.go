package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"csdm/internal/atomicfile"
	"csdm/internal/cli"
)

// Names of what a run folder holds.
const (
	configFile   = "config.toml"
	manifestFile = "run.json"
	modelFile    = "model.safetensors"
	reportFile   = "report.html"
	dataFolder   = "data"
	figureFolder = "figures"
	caseFolder   = "cases"
)

// Folder is a run folder: a directory that belongs to one Config.
type Folder struct {
	Dir    string
	Config *Config
}

// Manifest is run.json: what made the results beside it. Calls that went on from earlier ones are appended.
type Manifest struct {
	Format  int               `json:"format"`
	Calls   []Call            `json:"calls"`
	Results map[string]string `json:"results,omitempty"` // SHA-256 of the files that matter, by name
}

// Call is one invocation of the program on the folder.
type Call struct {
	Command string `json:"command"`
	Threads int    `json:"threads"`
	cli.Provenance
}

// ConfigMismatchError says that a folder belongs to another configuration than the one asked for.
type ConfigMismatchError struct {
	Dir         string
	Differences []string
}

func (e *ConfigMismatchError) Error() string {
	return fmt.Sprintf("%s was begun with other settings (%s): give another folder, or the settings in its %s",
		e.Dir, strings.Join(e.Differences, "; "), configFile)
}

// Open makes dir the run folder of c, or opens it if it is that already; else it returns
// a *ConfigMismatchError. A folder that holds other things but no configuration is refused.
func Open(dir string, c *Config, call Call) (*Folder, error) {
	if err := c.Validate(); err != nil {
		return nil, cli.Config(err)
	}
	f := &Folder{Dir: dir, Config: c}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	}
	var there Config
	err = cli.ReadConfig(f.path(configFile), &there)
	switch {
	case err == nil:
		if d := differences("", reflect.ValueOf(there), reflect.ValueOf(*c)); len(d) > 0 {
			return nil, cli.Exists(&ConfigMismatchError{dir, d})
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case len(entries) > 0:
		return nil, cli.Exists(fmt.Errorf("%s is not empty and no run folder: give another", dir))
	default:
		text, err := cli.EncodeConfig(c)
		if err != nil {
			return nil, err
		}
		if err := writeFile(f.path(configFile), false, text); err != nil {
			return nil, err
		}
	}
	return f, f.record(call)
}

// differences lists the settings in which two configurations differ, by their names in the file.
func differences(prefix string, a, b reflect.Value) (out []string) {
	for i := range a.NumField() {
		name := prefix + strings.Split(a.Type().Field(i).Tag.Get("toml"), ",")[0]
		x, y := a.Field(i), b.Field(i)
		if x.Kind() == reflect.Struct {
			out = append(out, differences(name+".", x, y)...)
		} else if x.Interface() != y.Interface() {
			out = append(out, fmt.Sprintf("%s: %v there, %v asked for", name, x, y))
		}
	}
	return out
}

func (f *Folder) path(elements ...string) string {
	return filepath.Join(append([]string{f.Dir}, elements...)...)
}

// record appends a call to the manifest.
func (f *Folder) record(call Call) error {
	m, err := f.manifest()
	if err != nil {
		return err
	}
	m.Calls = append(m.Calls, call)
	return f.writeManifest(m)
}

// recordResults puts the hashes of the named files of the folder into the manifest.
func (f *Folder) recordResults(names ...string) error {
	m, err := f.manifest()
	if err != nil {
		return err
	}
	if m.Results == nil {
		m.Results = map[string]string{}
	}
	for _, name := range names {
		if m.Results[name], err = cli.SHA256File(f.path(name)); err != nil {
			return err
		}
	}
	return f.writeManifest(m)
}

func (f *Folder) manifest() (*Manifest, error) {
	m := &Manifest{Format: 1}
	data, err := os.ReadFile(f.path(manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	} else if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, cli.Data(fmt.Errorf("%s: %w", f.path(manifestFile), err))
	}
	return m, nil
}

func (f *Folder) writeManifest(m *Manifest) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(f.path(manifestFile), true, append(data, '\n'))
}

// writeFile writes a small file whole or not at all, making its folder if need be.
func writeFile(path string, overwrite bool, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return atomicfile.Write(path, overwrite, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

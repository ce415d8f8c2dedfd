package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"csdm/env"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/filelock"
	"csdm/internal/format"
	"csdm/internal/identity"
	"csdm/internal/report"
	"csdm/nn"
	"csdm/recipe"
)

// Names of the files in a run folder.
const (
	configFile   = "config.toml"
	manifestFile = "run.json"
	lockFile     = ".lock"
	metricsFile  = "metrics.jsonl"
	ModelFile    = "model.safetensors"
	dataFolder   = "data"
	caseFolder   = "cases"
)

// Names of the files in the folder of a case.
const (
	measurementFile  = "measurement.npz"
	posteriorFile    = "posterior.npz"
	posteriorPartial = "posterior.partial"
	certifiedFile    = "certified.npz"
	referenceFile    = "reference.npz"
	referencePartial = "reference.partial"
	comparisonFile   = "comparison.json"
	splitFile        = "error-split.json"
)

// Folder is a run folder: a directory that belongs to one recipe. While it is
// open, it also belongs to one process.
type Folder struct {
	Dir    string
	Recipe *recipe.Recipe

	// Watcher follows the training of Train; nil: only the environment does.
	Watcher *Watcher

	env   env.Env
	lock  *disk.File
	held  *filelock.Lock
	begun bool // this call is in the manifest

	foretold bool // the forecast of the remaining work was printed
}

// Manifest is run.json, the record of the calls and results of a run folder.
type Manifest struct {
	// version of the layout of the folder
	Format int `json:"format"`
	// name of the problem
	Problem string `json:"problem"`
	// seed of everything random in the run
	Seed uint64 `json:"seed"`
	// Pairs is a hash of the identity of the training pairs: problem, seed,
	// number.
	Pairs string `json:"pairs,omitempty"`
	// Errors is the identity of the errors of a measurement for which the model
	// was trained. It is zero for built-in problems and in older folders.
	Errors identity.Identity `json:"errors,omitzero"`

	Calls []env.Call `json:"calls"` // calls that did work, the oldest first
	// Results holds the SHA-256 of each file that other files were made from,
	// by name.
	Results map[string]string `json:"results,omitempty"`
	// result of the chain; absent: unfinished
	Outcome *Outcome `json:"outcome,omitempty"`

	// Training describes the model's training. It includes program, command,
	// time and machine, which the model file does not store.
	Training *nn.Training `json:"training,omitempty"`
}

// MismatchError reports that a folder belongs to another recipe.
type MismatchError struct {
	Dir         string
	Differences []string // "training.batch: 4 in config.toml, 8 in this call", …
}

// Error lists the settings that differ, with two ways out.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s was begun with other settings (%s): leave these out to resume it, or "+
		"give another folder", e.Dir, strings.Join(e.Differences, "; "))
}

// ReadConfig returns the configuration of the run folder dir, or nil if dir has
// none yet.
func ReadConfig(dir string) (*recipe.Recipe, error) {
	c, err := recipe.Read(filepath.Join(dir, configFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := c.Validate(); err != nil {
		return nil, cli.Config(fmt.Errorf("%s: %w", filepath.Join(dir, configFile), err))
	}
	return c, nil
}

// Open makes dir the run folder of c, or opens it if it already is. If dir
// belongs to another recipe, the error is a *MismatchError. A folder with other
// files but no configuration is an error, and so is a folder that another
// process has open. The caller closes the folder.
//
// config.toml is written under the lock. Of two calls that begin the same new
// folder at once, one writes it, and the other fails with the name of the
// process that holds the lock.
func Open(dir string, c *recipe.Recipe, env env.Env) (_ *Folder, err error) {
	if err := c.Validate(); err != nil {
		return nil, cli.Config(err)
	}
	switch entries, err := os.ReadDir(dir); {
	case errors.Is(err, fs.ErrNotExist):
		if err := disk.MkdirAll(dir); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	case foreign(entries):
		return nil, errForeign(dir)
	}
	f := &Folder{Dir: dir, Recipe: c, env: env}
	if f.lock, err = disk.OpenFile(f.path(lockFile), os.O_RDWR|os.O_CREATE, 0o666); err != nil {
		var readOnly error
		// In a read-only folder, finished results can still be read.
		if f.lock, readOnly = disk.OpenFile(f.path(lockFile), os.O_RDONLY, 0); readOnly != nil {
			return nil, err
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	if f.held, err = filelock.Take(f.lock, env.Note); err != nil {
		if held, ok := errors.AsType[*filelock.HeldError](err); ok {
			if held.Owner == "" {
				held.Owner = filelock.Signer(f.path(lockFile))
			}
			err = cli.Exists(fmt.Errorf("%s: %w", dir, err))
		}
		return nil, err
	}
	there, err := ReadConfig(dir)
	if err != nil {
		return nil, err
	}
	if there == nil {
		text, err := c.Encode()
		if err != nil {
			return nil, err
		}
		return f, atomicfile.WriteFile(f.path(configFile), false, text)
	}
	if err := sameRecipe(dir, there, c); err != nil {
		return nil, err
	}
	return f, nil
}

// sameRecipe returns a *MismatchError if the call's recipe differs from the
// recipe of the folder dir.
func sameRecipe(dir string, there, asked *recipe.Recipe) error {
	if d := there.Differences(asked); d != nil {
		return cli.Exists(&MismatchError{dir, d})
	}
	return nil
}

// PairsFolder returns the folder of the pairs in a run folder. Other processes
// may make the pairs before the run begins.
func PairsFolder(dir string) string { return filepath.Join(dir, dataFolder) }

func errForeign(dir string) error {
	return cli.Exists(fmt.Errorf("%s is not empty and not a run folder; give another folder", dir))
}

// foreign reports whether a folder with these entries is not a run folder.
// Files that a killed Open may leave do not count.
func foreign(entries []fs.DirEntry) bool {
	others := false
	for _, e := range entries {
		switch name := e.Name(); {
		case name == configFile:
			return false
		case name == dataFolder && e.IsDir(): // pairs made in advance
		case name != lockFile && !strings.HasPrefix(name, "."+configFile+"."):
			others = true
		}
	}
	return others
}

// sweep removes the temporary files of a call that was killed while it wrote.
// The lock excludes other writers.
//
// Temporary files are named after their target by atomicfile. Without the lock,
// a temporary file could be one that another process is writing.
func (f *Folder) sweep() error {
	cases, err := fs.Glob(os.DirFS(f.Dir), caseFolder+"/*") // the folder is no pattern
	if err != nil {
		return err
	}
	for _, dir := range append(cases, ".", report.FigureFolder) {
		dir = f.path(dir)
		if atomicfile.Exists(dir) {
			if err := atomicfile.Sweep(dir, "*", 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close releases the lock, so that other processes can open the folder.
func (f *Folder) Close() error {
	var err error
	if f.held != nil {
		err = f.held.Release()
	}
	return errors.Join(err, f.lock.Close())
}

// path joins elements to the folder's path.
func (f *Folder) path(elements ...string) string {
	return filepath.Join(append([]string{f.Dir}, elements...)...)
}

// casePath returns the path of a file of case number k.
func (f *Folder) casePath(k int, file string) string { return f.path(caseName(k, file)) }

// caseName returns the path of a file of case number k relative to the run
// folder.
func caseName(k int, file string) string {
	return filepath.Join(caseFolder, fmt.Sprintf("%03d", k), file)
}

// keep ensures that the result name, a path relative to the folder, exists. If
// it is missing, make writes it, and its SHA-256 goes into the manifest. If it
// exists, its SHA-256 must be the one in the manifest. A result that is missing
// in the manifest, because the program was killed, is entered.
//
// It hashes the file at each call: for results of megabytes, milliseconds. The
// manifest is updated after the file is complete. A call killed in between
// leaves a complete file without an entry, which the next call enters; the
// reverse order would leave an entry for a file that does not exist.
func (f *Folder) keep(name string, make func(path string) error) error {
	path := f.path(name)
	there := atomicfile.Exists(path)
	if !there {
		if err := errors.Join(f.begin(), disk.MkdirAll(filepath.Dir(path))); err != nil {
			return err
		}
		if err := make(path); err != nil {
			return err
		}
		f.env.ReportSaved()
	}
	sum, err := cli.SHA256File(path)
	if err != nil {
		return err
	}
	m, err := f.manifest()
	if err != nil {
		return err
	}
	switch recorded := m.Results[name]; {
	case recorded == sum:
		return nil
	case there && recorded != "":
		return cli.Data(fmt.Errorf("%s was changed after csdm wrote it (its SHA-256 differs from "+
			"%s): move it away, and the same call writes it again", path, manifestFile))
	}
	return f.update(func(m *Manifest) { m.Results[name] = sum })
}

// begin enters this call into the manifest before its first work, and removes
// the temporary files of a killed call. Further calls of begin do nothing.
func (f *Folder) begin() error {
	if f.begun {
		return nil
	}
	f.begun = true
	if err := filelock.Sign(f.lock); err != nil {
		return err
	}
	if err := f.sweep(); err != nil {
		return err
	}
	return f.update(func(m *Manifest) { m.Calls = append(m.Calls, f.env.Call) })
}

// update changes the manifest.
//
// The manifest is read, changed and replaced as a whole (atomicfile), so that a
// reader sees the old or the new one. The folder's lock excludes a second
// writer.
func (f *Folder) update(change func(*Manifest)) error {
	m, err := f.manifest()
	if err != nil {
		return err
	}
	if m.Results == nil {
		m.Results = map[string]string{}
	}
	change(m)
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(f.path(manifestFile), true, format.SealJSON(append(data, '\n')))
}

// manifest reads run.json. A new one gets the recipe's problem and seed.
func (f *Folder) manifest() (*Manifest, error) {
	m, err := ReadManifest(f.Dir)
	if m != nil && m.Problem == "" { // new
		m.Problem, m.Seed = f.Recipe.Problem, f.Recipe.Seed
	}
	return m, err
}

// ReadManifest returns the manifest of the run folder dir. It is empty if
// nothing was done in the folder yet.
func ReadManifest(dir string) (*Manifest, error) {
	m, path := &Manifest{Format: 1}, filepath.Join(dir, manifestFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	} else if err != nil {
		return nil, err
	}
	if data, _, err = format.UnsealJSON(data); err != nil {
		return nil, cli.Data(fmt.Errorf("%s %w: move it away to continue without the record of "+
			"earlier calls", path, err))
	}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, cli.Data(fmt.Errorf("%s: %w: move it away to continue without the record of "+
			"earlier calls", path, err))
	}
	return m, nil
}

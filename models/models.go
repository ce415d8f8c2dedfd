package models

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Prefix distinguishes the name of an embedded model from a path.
const Prefix = "builtin:"

//go:embed weights measurements
var files embed.FS

// Names returns the names of the embedded models, with Prefix.
func Names() []string {
	entries, err := files.ReadDir("weights")
	if err != nil {
		panic("models: " + err.Error())
	}
	var names []string
	for _, e := range entries {
		if base, ok := strings.CutSuffix(e.Name(), ".safetensors"); ok {
			names = append(names, Prefix+base)
		}
	}
	return names
}

// Model returns the bytes of the model file of that name, without Prefix. The
// error is fs.ErrNotExist, wrapped, with a list of the names.
func Model(name string) ([]byte, error) {
	data, err := files.ReadFile("weights/" + name + ".safetensors")
	if err != nil {
		return nil, fmt.Errorf("there is no embedded model %q; the names are %s: %w", name,
			strings.Join(Names(), ", "), fs.ErrNotExist)
	}
	return data, nil
}

// Measurements returns the bytes of the .npz file of measurements of that name.
// The file holds y (N, H, W) in physical units, the true field x and the exact
// posterior's mean and std (N, H, W) in normalized units, noise_std and center.
// Forward model, noise and posterior were computed with FEniCS, independently
// of this program.
func Measurements(name string) ([]byte, error) {
	return files.ReadFile("measurements/" + name + ".npz")
}

// HasMeasurements reports whether there are measurements of that name.
func HasMeasurements(name string) bool {
	_, err := fs.Stat(files, "measurements/"+name+".npz")
	return err == nil
}

// Name returns the name, without Prefix, of the model or the measurements of a
// problem on a grid at the given noise in percent.
func Name(problem string, grid int, noisePercent float64) string {
	return fmt.Sprintf("%s-%d-n%s", problem, grid,
		strings.ReplaceAll(strconv.FormatFloat(noisePercent, 'g', -1, 64), ".", ""))
}

// Metrics returns the bytes of metrics.jsonl of the training of the model of
// that name.
func Metrics(name string) ([]byte, error) {
	return files.ReadFile("weights/" + name + ".metrics.jsonl")
}

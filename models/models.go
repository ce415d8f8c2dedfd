package models

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Prefix is what tells the name of an embedded model from a path.
const Prefix = "builtin:"

// Demo names the model and the measurements of `csdm demo`.
const Demo = "quasistatic-56-n5"

//go:embed weights measurements
var files embed.FS

// Names lists the embedded models, with their prefix.
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

// Model returns the bytes of the model file of that name, given without prefix.
func Model(name string) ([]byte, error) {
	data, err := files.ReadFile("weights/" + name + ".safetensors")
	if err != nil {
		return nil, fmt.Errorf("no embedded model is called %q (there are: %s): %w", name,
			strings.Join(Names(), ", "), fs.ErrNotExist)
	}
	return data, nil
}

// Measurements returns the bytes of the .npz file of measurements of that name:
// y (N, H, W) in physical units, the truth x and the exact posterior's mean and
// std (N, H, W) in normalized units, noise_std and center. They were computed
// with FEniCS, not with this program: forward model, noise and posterior are
// independent of it.
func Measurements(name string) ([]byte, error) {
	return files.ReadFile("measurements/" + name + ".npz")
}

// HasMeasurements tells whether there are measurements of that name.
func HasMeasurements(name string) bool {
	_, err := fs.Stat(files, "measurements/"+name+".npz")
	return err == nil
}

// Name returns the name of the model or the measurements of a problem on a grid
// at a noise level, without prefix.
func Name(problem string, grid int, noisePercent float64) string {
	return fmt.Sprintf("%s-%d-n%s", problem, grid,
		strings.ReplaceAll(strconv.FormatFloat(noisePercent, 'g', -1, 64), ".", ""))
}

// Metrics returns metrics.jsonl of the training that made the model of that
// name.
func Metrics(name string) ([]byte, error) {
	return files.ReadFile("weights/" + name + ".metrics.jsonl")
}

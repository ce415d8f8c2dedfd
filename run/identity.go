package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/langevin"
	"csdm/nn"
	"csdm/problems"
	"csdm/recipe"
)

// drawsVersion changes when the same settings give other draws.
const drawsVersion = 1

// DrawsIdentity returns what draws of Sample depend on. Their number is no part
// of it: draw j is the same among fewer and among more.
func DrawsIdentity(model *nn.Model, y []float64, sampling langevin.Settings,
	seed uint64) identity.Identity {
	return identity.New("draws", drawsVersion).AddIdentity("model",
		model.Identity()).AddFloats("measurement", y).
		Add("sampling", sampling, "Draws", "Seed", "Measurement", "First", "Skip", "Threads").
		Add("seed", seed).Identity()
}

// ReferenceIdentity returns what a result of ReferencePosterior depends on.
// What bounds the work and the seed count where the method draws.
func ReferenceIdentity(problem problems.Problem, y []float64, r recipe.Reference,
	seed uint64) identity.Identity {
	b := problems.Identify("reference", 1, problem).AddFloats("measurement", y)
	if r.Method == recipe.MethodQuadrature {
		return b.Add("reference", struct{ Method string }{r.Method}).Identity()
	}
	return b.Add("reference", struct {
		Method string
		Draws  int
	}{r.Method, r.Work()}).Add("seed", seed).Identity()
}

// Finished reports whether path holds the finished result of that identity. If
// there is a file of another identity, or none that says its own, the error
// says in what it differs and has the exit code of a result that exists.
func Finished(path string, asked identity.Identity) (bool, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	s, err := ReadSummary(path, "", "")
	if err != nil {
		return false, cli.Exists(
			fmt.Errorf("%s exists and is no result that can be read: choose another output, or "+
				"give --overwrite (%w)", path, err))
	}
	if s.Origin == nil {
		return false, cli.Exists(
			fmt.Errorf("%s exists and is no result of csdm: choose another output, or give "+
				"--overwrite", path))
	}
	return true, SameResult(path, s.Origin.Identity, asked)
}

// SameResult returns an error that says in what a result differs from what is
// asked for.
func SameResult(path string, there, asked identity.Identity) error {
	switch {
	case there == asked:
		return nil
	case there.IsZero():
		return cli.Exists(
			fmt.Errorf("%s exists and does not say what it depends on, as in earlier versions "+
				"of csdm: choose another output, or give --overwrite", path))
	}
	return cli.Exists(
		fmt.Errorf("%s was made with other settings (%s): choose another output, or give "+
			"--overwrite to compute it again", path, identity.Compare(there, asked)))
}

// FinishedPosterior returns the posterior in path if it is the one that Sample
// would make with n draws; nil if there is no file. Errors are those of
// Finished, also where the number of draws differs.
func FinishedPosterior(path string, asked identity.Identity, n int) (*Posterior, error) {
	done, err := Finished(path, asked)
	if !done || err != nil {
		return nil, err
	}
	p, err := ReadPosterior(path)
	if err != nil {
		return nil, err
	}
	if p.Draws != n {
		return nil, cli.Exists(
			fmt.Errorf("%s holds %d draws and %d are asked for: choose another output, or give "+
				"--overwrite, which keeps the draws that are the same", path, p.Draws, n))
	}
	return p, nil
}

// ReadIdentity reads what a finished result in a JSON file depends on: the zero
// value if the file is of an earlier version.
func ReadIdentity(path string) (identity.Identity, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return identity.Identity{}, err
	}
	var r struct {
		Identity identity.Identity `json:"identity"`
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return identity.Identity{},
			cli.Data(fmt.Errorf("%s: %w: move it away, and what is missing is made again", path,
				err))
	}
	return r.Identity, nil
}

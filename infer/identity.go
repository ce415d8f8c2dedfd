package infer

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

// drawsVersion is raised when the same settings give other draws.
//
// It is part of the identity, so that draws of an earlier version are computed
// again.
const drawsVersion = 1

// DrawsIdentity returns the identity of the draws of Sample. It does not
// include their number, because draw j is the same for any number.
func DrawsIdentity(model *nn.Model, y []float64, sampling langevin.Settings,
	seed uint64) identity.Identity {
	if sampling.Start == langevin.StartZero {
		sampling.Start = "" // as in versions without the setting
	}
	return identity.New("draws", drawsVersion).AddIdentity("model",
		model.Identity()).AddFloats("measurement", y).
		Add("sampling", sampling, ownSettings...).Add("seed", seed).Identity()
}

// ownSettings lists the sampling settings that do not change a draw, or that an
// identity holds elsewhere.
//
// Seed and measurement are entries of their own. First, Skip and Threads divide
// the work and change no number.
var ownSettings = []string{"Draws", "Seed", "Measurement", "First", "Skip", "Threads"}

// ReferenceIdentity returns the identity of a result of ReferencePosterior. The
// limits of the work and the seed are part of it only if the method draws, and
// the largest error only if the method may be quadrature.
//
// A grid and a closed form have no random numbers: two calls with different
// seeds have the same result, so that the second finds the first. For the
// methods that draw, the number of prior draws or the largest number of solves
// decides where the method ends.
func ReferenceIdentity(problem problems.Problem, y []float64, r recipe.Reference,
	seed uint64) identity.Identity {
	b := problems.Identify("reference", 1, problem).AddFloats("measurement", y)
	if r.Method != recipe.MethodQuadrature && r.Method != recipe.MethodAuto {
		r.MaxError = 0
	}
	if r.Method == recipe.MethodQuadrature || r.Method == recipe.MethodClosedForm {
		return b.Add("reference", struct {
			Method   string
			MaxError float64 `identity:"omitzero"`
		}{r.Method, r.MaxError}).Identity()
	}
	return b.Add("reference", struct {
		Method   string
		Draws    int
		MaxError float64 `identity:"omitzero"`
	}{r.Method, r.Work(), r.MaxError}).Add("seed", seed).Identity()
}

// identity returns the identity of the reference that the job requests. Only an
// effective sample size of its own changes it.
//
// The identity without an effective sample size is kept as it is, so that files
// of calls without this option stay valid.
func (j Job) identity(problem problems.Problem, y []float64,
	r recipe.Reference) identity.Identity {
	id := ReferenceIdentity(problem, y, r, j.Seed)
	if j.ESS == 0 || r.Method == recipe.MethodQuadrature || r.Method == recipe.MethodClosedForm ||
		r.Method == recipe.MethodImportance {
		return id
	}
	return identity.New("longer reference", 1).AddIdentity("of", id).Add("ess", j.ESS).Identity()
}

// Finished reports whether path holds the finished result of the identity that
// the call wants. A file with another identity, or without one, is an error
// that names the differences and has the exit code for an existing result.
//
// A file without an identity, of an earlier version or of another program, is
// never overwritten without --overwrite: it may have cost hours.
func Finished(path string, asked identity.Identity) (bool, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	s, err := ReadSummary(path, "", "")
	if err != nil {
		return false, cli.Exists(fmt.Errorf("%s exists and is not a readable result: choose "+
			"another output, or give --overwrite (%w)", path, err))
	}
	if s.Origin == nil {
		return false, cli.Exists(fmt.Errorf("%s exists and is not a result of csdm: choose "+
			"another output, or give --overwrite", path))
	}
	return true, SameResult(path, s.Origin.Identity, asked)
}

// SameResult returns an error that names the differences between the identity
// of an existing result and the identity that the call wants, or nil if there
// are none.
func SameResult(path string, there, asked identity.Identity) error {
	switch {
	case there == asked:
		return nil
	case there.IsZero():
		return cli.Exists(fmt.Errorf("%s exists and does not store its settings, as in earlier "+
			"versions of csdm: choose another output, or give --overwrite", path))
	}
	return cli.Exists(fmt.Errorf("%s was made with other settings (%s): choose another output, "+
		"or give --overwrite to compute it again", path, identity.Compare(there, asked)))
}

// FinishedPosterior returns the posterior in path if it is the result of Sample
// with n draws, or nil if there is no file. Another number of draws is an
// error, as another identity is in Finished.
//
// The number of draws is not part of the identity, so that a call for more
// draws can reuse these (Job.Earlier). A finished result must have exactly n.
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
		return nil, cli.Exists(fmt.Errorf("%s has %d draws and this call wants %d: choose "+
			"another output, or give --overwrite, which keeps the draws that are the same", path,
			p.Draws, n))
	}
	return p, nil
}

// ReadIdentity reads the identity of a finished result in a JSON file. It is
// zero if an earlier version wrote the file.
//
// Only this one key is decoded, so that files of all kinds of results can be
// read.
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
			cli.Data(fmt.Errorf("%s: %w: move it away, and the same call writes it again", path,
				err))
	}
	return r.Identity, nil
}

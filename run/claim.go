package run

import (
	"fmt"

	"csdm/dataset"
	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/problems"
)

// claim enters the pairs and the errors of the measurement into the manifest,
// or returns an error if the manifest has others. The file of a finished model
// stores neither.
func (f *Folder) claim(store *dataset.Store) error {
	manifest := *store.Manifest()
	manifest.Version = "" // the program's version does not change the pairs
	pairs, err := identity.ShortHash(manifest)
	if err != nil {
		return err
	}
	problem, err := f.Recipe.NewProblem()
	if err != nil {
		return err
	}
	return f.claimAs(pairs, store.Dir(), errorsOf(problem))
}

// claimAs is claim for the hash of the pairs in a folder, and for the errors.
//
// The first training enters both; each later one must have the same. Without
// the entry, a second call with another dataset would find the finished model
// and return it for pairs that it has not seen.
func (f *Folder) claimAs(pairs, from string, errors identity.Identity) error {
	m, err := f.manifest()
	switch {
	case err != nil:
		return err
	case m.Pairs != "" && m.Pairs != pairs:
		return cli.Exists(fmt.Errorf("%s was trained on other pairs than the pairs in %s: give "+
			"the folder of its own pairs, or another run folder", f.Dir, from))
	case !m.Errors.IsZero() && m.Errors != errors:
		return cli.Exists(fmt.Errorf("%s was trained for measurements with other errors (%v): "+
			"give another run folder", f.Dir, identity.Compare(m.Errors, errors)))
	case m.Pairs == pairs && m.Errors == errors:
		return nil
	}
	return f.update(func(m *Manifest) { m.Pairs, m.Errors = pairs, errors })
}

// errorsOf returns the identity of the errors of a measurement, setting by
// setting, of a problem in a file of its own. The Spec of another problem has
// them.
func errorsOf(p problems.Problem) identity.Identity {
	if _, own := p.(problems.Defined); !own {
		return identity.Identity{}
	}
	noise := p.Measurement()
	return identity.New("errors of a measurement", 1).Add("errors", &noise).Identity()
}

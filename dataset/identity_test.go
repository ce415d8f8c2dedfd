package dataset_test

import (
	"errors"
	"strings"
	"testing"

	"csdm/dataset"
	"csdm/internal/identity"
	"csdm/internal/identity/identitytest"
	"csdm/problems"
)

// TestIdentityCoversManifest changes each field of the manifest by reflection
// and checks that the identity changes.
func TestIdentityCoversManifest(t *testing.T) {
	spec := newStripes().spec
	spec.Variables = []problems.Variable{{Name: "height", Unit: "cm"}}
	m, err := dataset.NewManifest(&spec, settings())
	if err != nil {
		t.Fatal(err)
	}
	m.Imported = []dataset.ImportedFile{{Name: "a.npz", SHA256: "00"}}
	identitytest.Covers(t, *m, func(m dataset.Manifest) identity.Identity {
		return m.Identity()
	}, "Version", "Problem.YChannelNames")
}

// defined is a problem whose pairs depend on more than its Spec.
type defined struct {
	*stripes
	power float64
}

func (p defined) Definition() identity.Identity {
	return identity.New("power", 1).Add("power", p.power).Identity()
}

// TestOtherDefinition checks that a problem whose definition has changed does
// not continue an old folder.
func TestOtherDefinition(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, defined{newStripes(), 2}, settings())
	before := folder(t, dir)
	if _, err := dataset.Generate(t.Context(), dir, defined{newStripes(), 2},
		settings()); err != nil {
		t.Error(err)
	}
	_, err := dataset.Generate(t.Context(), dir, defined{newStripes(), 3}, settings())
	if e, ok := errors.AsType[*dataset.MismatchError](err); !ok ||
		!strings.Contains(e.Error(), "definition.power: 2 in the dataset, 3 in this call") {
		t.Errorf("pairs of another definition: %v", err)
	}
	if after := folder(t, dir); len(after) != len(before) ||
		after["dataset.json"] != before["dataset.json"] {
		t.Error("the folder was changed")
	}
	// A folder of an earlier version does not store the definition of its
	// pairs.
	old := t.TempDir()
	generate(t, old, newStripes(), settings())
	if _, err := dataset.Generate(t.Context(), old, defined{newStripes(), 2},
		settings()); err != nil {
		t.Error(err)
	}
}

package infer

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"csdm/env"
	"csdm/internal/format"
	"csdm/problems"
	"csdm/problems/specimen"
	"csdm/recipe"
)

// heavyDisc is a wave through a disc whose modulus and density are unknown.
const heavyDisc = `
name = "heavy"
grid = { rows = 8, cols = 8, width = 14, height = 14, unit = "mm" }
physics = { kind = "helmholtz", frequency = 60, rho = 1e-6, alpha = 4e-4 }
edges = { left = 0.1, right = "fixed" }
noise = { std = 0.003 }
[prior]
x = 7
y = 7
radius = 4
ratio = [1, 4]
background = 3
[prior.density]
unit = "g/cm³"
background = 1
ratio = [0.5, 2]
`

// checkDraws checks that each of 64 draws has the range of its field: draws
// scatter about the mean, and the file path has their physical values.
//
// A draw whose second field used the range of the first would be off by the
// ratio of the ranges.
func checkDraws(t *testing.T, p *Posterior, path string) {
	t.Helper()
	physical, err := format.ReadArrayFile(path + ":samples_physical")
	if err != nil {
		t.Fatal(err)
	}
	fields, size := p.Normalization.Fields, len(p.Mean)
	for i, mean := range p.Mean {
		field, sum := fields[i/64], 0.0
		for d := range 64 {
			v := p.Samples[d*size+i]
			sum += v / 64
			want := field.Min + v*(field.Max-field.Min)
			if got := physical.Float64()[d*size+i]; math.Abs(got-want) > 1e-9 {
				t.Fatalf("value %d of draw %d is %v, want %v", i, d, got, want)
			}
		}
		if math.Abs(sum-mean) > 4*p.Std[i]/math.Sqrt(64)+1e-9 {
			t.Fatalf("value %d is %v on average over the draws, want about %v ± %v", i, sum, mean,
				p.Std[i])
		}
	}
}

// TestFields compares the certified posterior of two fields with quadrature,
// each in units of its own, and reads both again from their files.
//
// The modulus (kPa) and the density (g/cm³) of a disc are both unknown. The
// certified search and quadrature share the likelihood and nothing else. With n
// effective draws of a normal pixel, mean and standard deviation have the
// standard errors s/√n and s/√(2n); four times s/√n bounds both.
func TestFields(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "heavy.toml")
	if err := os.WriteFile(path, []byte(heavyDisc), 0o666); err != nil {
		t.Fatal(err)
	}
	d, err := specimen.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	problem, err := specimen.New(d, problems.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, y, err := problems.MeasuredPair(problem, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	quiet := env.Quiet(2)
	exact, err := ReferencePosterior(t.Context(), problem, y,
		recipe.NewReference(recipe.MethodQuadrature), Job{Seed: 1}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	e := NewExplainer(problem, nil)
	p, err := Search(t.Context(), e, nil, y, 64, Job{Seed: 1}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Certificate.Certified {
		t.Errorf("not certified: %v", p.Certificate.Reasons)
	}
	if p.NetworkMean != nil || len(p.Samples) != 64*2*64 {
		t.Errorf("%d values of draws", len(p.Samples))
	}
	found, reference := filepath.Join(folder, "p.npz"), filepath.Join(folder, "r.npz")
	if err := p.WriteFile(found, false); err != nil {
		t.Fatal(err)
	}
	checkDraws(t, p, found)
	if err := exact.WriteFile(reference, false); err != nil {
		t.Fatal(err)
	}
	a, err := ReadSummary(found, "", "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := ReadSummary(reference, "", "")
	if err != nil {
		t.Fatal(err)
	}
	// Sampling errors of mean and standard deviation, at four of their own.
	limit := 4 / math.Sqrt(a.ESS)
	widest := [2]float64{}
	for k, mean := range a.Mean {
		if std := b.Std[k]; math.Abs(mean-b.Mean[k]) > limit*std+1e-9 ||
			math.Abs(a.Std[k]-std) > limit*std+1e-9 {
			t.Fatalf("value %d is %v ± %v, by quadrature %v ± %v", k, mean, a.Std[k], b.Mean[k],
				std)
		}
		widest[k/64] = max(widest[k/64], b.Std[k])
	}
	if !(widest[0] > 0.001 && widest[1] > 0.001) {
		t.Errorf("a field is known: standard deviations up to %v", widest)
	}
	// The center of the disc, in kPa and in g/cm³.
	center := 3*8 + 3
	fields := problem.Spec().XFields
	for k, f := range fields {
		if v := b.Mean[64*k+center]; !f.Range.Contains(v) || b.fields()[k].Unit != f.Unit {
			t.Errorf("%s is %v %s", f.Name, v, b.fields()[k].Unit)
		}
	}
	c, err := CompareFiles(ComparedFile{Path: found, Summary: a},
		ComparedFile{Path: reference, Summary: b})
	if err != nil {
		t.Fatal(err)
	}
	if !(c.Mean < 2*float64(c.FloorMean)+1e-9) {
		t.Errorf("the means differ by %v, with errors of %v", c.Mean, c.FloorMean)
	}
	again, err := ReadPosterior(found)
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Samples) != len(p.Samples) || again.Samples[100] != p.Samples[100] ||
		len(again.Normalization.Fields) != 2 {
		t.Error("the draws are not read again")
	}
}

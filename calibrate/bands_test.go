package calibrate

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/dataset"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/internal/identity/identitytest"
	"csdm/measured"
	"csdm/problems"
	"csdm/recipe"
	"csdm/run"
)

// bandTest returns a small calibration of the smallest embedded model.
func bandTest(t *testing.T) (BandJob, BandSettings) {
	t.Helper()
	model, err := infer.BuiltinModel("quasistatic-28-n5")
	if err != nil {
		t.Fatal(err)
	}
	problem, err := measured.ProblemOf(model, "")
	if err != nil {
		t.Fatal(err)
	}
	s := BandSettings{Measurements: 9, Fresh: 2, Coverage: 0.9, Seed: 1,
		Sampling: recipe.Sampling(model, 3)}
	s.Sampling.Levels = 3
	return BandJob{Model: model, Name: "m", Problem: problem,
		Dir: filepath.Join(t.TempDir(), "bands")}, s
}

// TestConformal checks the copy of the model, that a finished result stays as
// it is, and that a stopped call resumes to the same bytes.
//
// A copy with other weights would have bands that belong to another network.
func TestConformal(t *testing.T) {
	job, s := bandTest(t)
	r, err := Conformal(context.Background(), job, s, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	if r.AlreadyThere || len(r.Bands.Levels) != len(r.Regions) || r.Bands.Count != 9 ||
		len(r.Bands.Quantities) != 2 || r.Fresh.Pixels.Count != 2 {
		t.Errorf("result %+v, bands %+v", r, r.Bands)
	}
	copied, err := run.OpenModel(r.Out)
	if err != nil {
		t.Fatal(err)
	}
	if copied.Identity() != job.Model.Identity() ||
		!reflect.DeepEqual(copied.Net.Flat(), job.Model.Net.Flat()) {
		t.Error("the copy is another model")
	}
	if !reflect.DeepEqual(copied.Meta.Bands, r.Bands) || job.Model.Meta.Bands != nil {
		t.Errorf("bands of the copy %+v", copied.Meta.Bands)
	}
	read := func(dir, file string) string {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	before := read(job.Dir, bandFile) + read(job.Dir, bandModel)
	again, err := Conformal(context.Background(), job, s, env.Quiet(1))
	if err != nil || !again.AlreadyThere || !reflect.DeepEqual(again.Bands, r.Bands) ||
		read(job.Dir, bandFile)+read(job.Dir, bandModel) != before {
		t.Errorf("the same call again: %+v, %v", again, err)
	}

	other := s
	other.Coverage = 0.8
	if _, err := Conformal(context.Background(), job, other,
		env.Quiet(1)); cli.Code(err) != cli.ExitExists ||
		!strings.Contains(err.Error(), "coverage: 0.9 in the file, 0.8 in this call") {
		t.Errorf("another coverage: %v", err)
	}
	job.Overwrite = true
	if b, err := Conformal(context.Background(), job, other, env.Quiet(1)); err != nil ||
		b.Bands.Coverage != 0.8 || b.Bands.Levels[4] > r.Bands.Levels[4] {
		t.Errorf("with overwrite: %+v, %v", b, err)
	}

	job.Dir, job.Overwrite = filepath.Join(t.TempDir(), "stopped"), false
	ctx, cancel := context.WithCancel(context.Background())
	stopping := env.Quiet(1)
	stopping.Saved = cancel // after the first group
	if _, err := Conformal(ctx, job, s, stopping); err == nil {
		t.Fatal("a stopped call succeeds")
	}
	rest := 0
	resumed := env.Quiet(1)
	resumed.Progress = func(_ string, done, total int, _ string) { rest = max(rest, total-done) }
	b, err := Conformal(context.Background(), job, s, resumed)
	if err != nil || !reflect.DeepEqual(b.Bands, r.Bands) || rest == 0 || rest == 11 {
		t.Errorf("resumed with %d to go: %+v, %v", rest, b, err)
	}
	if read(job.Dir, bandModel) != strings.TrimPrefix(before, before[:len(before)-
		len(read(job.Dir, bandModel))]) {
		t.Error("the resumed call writes another model")
	}
}

// TestBandsWithoutQuantity checks levels from records that are set by hand. A
// measurement whose true field lacks the quantity (NaN) does not count. A
// posterior that lacks it (+Inf) is missed by any interval.
func TestBandsWithoutQuantity(t *testing.T) {
	job, s := bandTest(t)
	s.Measurements, s.Fresh = 30, 10
	c, err := newBander(job, s, env.Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	c.grains = []float64{1, 1}
	c.records = make([]float64, 40*c.recordLen)
	for i := range 40 {
		record := c.records[i*c.recordLen:]
		for r := range bench.BandRegions(100) {
			record[r*len(bench.BandLevels())] = 0.5 // missed at level 0 alone
		}
		first, second := float64(i%10+1)/10, math.NaN()
		if i%3 == 0 {
			first = math.NaN() // 10 of 30, 3 of 10 fresh: 30, 33, 36, 39 are four
		}
		if i < 20 {
			second = math.Inf(1)
		} else if i >= 30 {
			second = 0.5
		}
		copy(record[c.recordLen-2:], []float64{first, second})
	}
	r, err := c.result()
	if err != nil {
		t.Fatal(err)
	}
	q := r.Bands.Quantities
	// 20 levels: two of each of 0.1 … 1. Rank ⌈21·0.9⌉ = 19 is the first 1.
	if q[0].Count != 20 || q[0].Level == nil || *q[0].Level != 1 {
		t.Errorf("first quantity %+v", q[0])
	}
	if q[1].Count != 20 || q[1].Level != nil {
		t.Errorf("second quantity %+v", q[1])
	}
	f := r.Fresh
	if f.Quantities[0].Count != 6 || f.Quantities[0].Share != 1 || f.Quantities[1].Count != 10 ||
		f.Quantities[1].Share != 0 || f.Pixels.Share != 1 || f.Pixels.Error != 0 {
		t.Errorf("fresh %+v", f)
	}
	for r, level := range r.Bands.Levels {
		if level != bench.BandLevels()[1] {
			t.Errorf("region %d: level %v", r, level)
		}
	}
	for i := range 40 { // the network misses half of a region at all levels
		row := c.misses(i, 2)
		for j := range row {
			row[j] = 0.5
		}
	}
	if _, err := c.result(); cli.Code(err) != cli.ExitData ||
		!strings.Contains(err.Error(), "misses more than 10 % of the pixels") {
		t.Errorf("a network without finite bands: %v", err)
	}
}

func TestBandSettingsRefused(t *testing.T) {
	for says, change := range map[string]func(*BandSettings){
		"at least 9 are needed":  func(s *BandSettings) { s.Measurements = 8 },
		"at least 19 are needed": func(s *BandSettings) { s.Coverage, s.Measurements = 0.95, 18 },
		"between 0 and 1":        func(s *BandSettings) { s.Coverage = 90 },
		"around 1 draws":         func(s *BandSettings) { s.Sampling.Draws = 1 },
		"fresh is -1":            func(s *BandSettings) { s.Fresh = -1 },
	} {
		job, s := bandTest(t)
		change(&s)
		if _, err := Conformal(context.Background(), job, s,
			env.Quiet(1)); cli.Code(err) != cli.ExitUsage || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
		if _, err := os.Stat(job.Dir); err == nil {
			t.Errorf("%s: the folder is made", says)
		}
	}
	job, s := bandTest(t)
	if err := os.MkdirAll(job.Dir, 0o777); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(job.Dir, bandModel)
	if err := os.WriteFile(foreign, []byte("other"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Conformal(context.Background(), job, s,
		env.Quiet(1)); cli.Code(err) != cli.ExitExists {
		t.Errorf("a model of another origin: %v", err)
	}
	if data, err := os.ReadFile(foreign); err != nil || !bytes.Equal(data, []byte("other")) {
		t.Error("the file is replaced")
	}
}

// TestHeldOutPairs takes pairs from a dataset, and refuses the pairs of the
// training and datasets that are too small.
func TestHeldOutPairs(t *testing.T) {
	job, s := bandTest(t)
	dir := filepath.Join(t.TempDir(), "pairs")
	if _, err := run.Generate(context.Background(), dir, job.Problem,
		dataset.Settings{Pairs: 30, Seed: 77}, env.Quiet(1)); err != nil {
		t.Fatal(err)
	}
	store, err := dataset.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	job.Store, s.Fresh, s.First = store, 0, 5
	h, err := newHeldOut(job, s)
	if err != nil {
		t.Fatal(err)
	}
	x, y := make([]float64, 28*28), make([]float64, 28*28)
	if k, err := h.pair(x, y, 2, nil); err != nil || k != 7 {
		t.Fatalf("pair %d, %v", k, err)
	}
	want := make([]float64, 28*28)
	g, err := job.Problem.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Pair(want, make([]float64, 28*28), 77, 7); err != nil {
		t.Fatal(err)
	}
	for k, v := range want {
		if float32(v) != float32(x[k]) {
			t.Fatalf("pixel %d is %v, want %v", k, x[k], v)
		}
	}
	s.First = 6
	if _, err := newHeldOut(job, s); cli.Code(err) != cli.ExitData ||
		!strings.Contains(err.Error(), "24 simulations") || !strings.Contains(err.Error(),
		"need 25") {
		t.Errorf("too few pairs: %v", err)
	}
	model := *job.Model
	model.Meta.Training.Seed, job.Model = 77, &model
	s.First = 0
	if _, err := newHeldOut(job, s); cli.Code(err) != cli.ExitUsage ||
		!strings.Contains(err.Error(), "was trained on") {
		t.Errorf("the pairs of the training: %v", err)
	}
	s.First = 5
	if _, err := newHeldOut(job, s); err != nil {
		t.Errorf("the held-out pairs of the training: %v", err)
	}
}

// TestCheckStored checks the pairs of a dataset: the checked ones, from the
// given number on, and those for comparison, before it or after it. Pairs that
// training has seen are refused.
func TestCheckStored(t *testing.T) {
	j := job(t, &Settings{}, 4)
	dir := filepath.Join(t.TempDir(), "pairs")
	if _, err := run.Generate(t.Context(), dir, j.Problem, dataset.Settings{Pairs: 30, Seed: 77},
		env.Quiet(1)); err != nil {
		t.Fatal(err)
	}
	store, err := dataset.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	settings := Settings{Measurements: 5, Seed: 3, Sampling: recipe.Sampling(j.Model, 4)}
	begin := func(s Settings) (*checker, error) {
		c, err := newChecker(j.Model, j.Problem, s, env.Quiet(1))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.close)
		return c, c.useStore(store)
	}
	for first, c := range map[int]struct{ pair, pool, size int }{
		0: {15, 0, 15}, 20: {20, 0, 20}, 3: {16, 3, 13}} {
		s := settings
		s.First = first
		k, err := begin(s)
		if err != nil {
			t.Fatal(err)
		}
		if k.poolSize() != c.size {
			t.Errorf("first %d: %d pairs for comparison, want %d", first, k.poolSize(), c.size)
		}
		g, err := k.newGenerator()
		if err != nil {
			t.Fatal(err)
		}
		for number, want := range map[uint64]int{k.pair(2): c.pair + 2,
			k.pair(poolStart + 1): c.pool + 1} {
			x, y := make([]float64, k.spec.XLen()), make([]float64, k.spec.YLen())
			x32 := make([]float32, len(x))
			if err := errors.Join(g.Pair(x, y, 1, number), store.Pair(want, x32, nil)); err != nil {
				t.Fatal(err)
			}
			for i, v := range x32 {
				if float64(v) != x[i] {
					t.Fatalf("first %d: pair %d is not number %d of the dataset", first, number,
						want)
				}
			}
		}
		plain, err := newChecker(j.Model, j.Problem, s, env.Quiet(1))
		if err != nil {
			t.Fatal(err)
		}
		defer plain.close()
		if k.recordsIdentity() == plain.recordsIdentity() {
			t.Error("records of a dataset count as records of new pairs")
		}
	}
	for says, change := range map[string]func(*Settings){
		"for 27 measurements": func(s *Settings) { s.Measurements = 27 },
		"pairs 0 to 29":       func(s *Settings) { s.First = 30 },
		"first = -1":          func(s *Settings) { s.First = -1 },
		"4 simulations for":   func(s *Settings) { s.First = 26 },
		"leave out --data":    func(s *Settings) { s.Certify = true },
	} {
		s := settings
		change(&s)
		if _, err := begin(s); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	model := *j.Model
	model.Meta.Training.Seed, j.Model = 77, &model
	if _, err := begin(settings); cli.Code(err) != cli.ExitUsage ||
		!strings.Contains(err.Error(), "was trained on") {
		t.Errorf("the pairs of the training: %v", err)
	}
}

// TestImageOfSimulation checks that each image of a simulation is taken equally
// often, and always the same one.
//
// 1,000 of 6,000 simulations should take each of six images; the choice must
// not depend on the call.
func TestImageOfSimulation(t *testing.T) {
	h := &heldOut{spec: &problems.Spec{ImagesPerSimulation: 6}, seed: 3}
	var count [6]int
	for k := range 6000 {
		pair := h.image(k)
		if pair/6 != k || pair != h.image(k) {
			t.Fatalf("simulation %d has pair %d", k, pair)
		}
		count[pair%6]++
	}
	for image, n := range count {
		if math.Abs(float64(n)-1000) > 4*math.Sqrt(1000*5/6.) {
			t.Errorf("image %d is taken %d times", image, n)
		}
	}
}

func TestBandIdentity(t *testing.T) {
	job, s := bandTest(t)
	of := func(get func(*bander) identity.Identity) func(BandSettings) identity.Identity {
		return func(s BandSettings) identity.Identity {
			return get(&bander{BandJob: job, settings: s})
		}
	}
	ignored := []string{"Sampling.Seed", "Sampling.Measurement", "Sampling.First",
		"Sampling.Skip", "Sampling.Threads", "First"} // First: with a dataset only
	identitytest.Covers(t, s, of((*bander).recordsIdentity), append(ignored, "Measurements",
		"Fresh", "Coverage")...)
	identitytest.Covers(t, s, of((*bander).resultIdentity), ignored...)
}

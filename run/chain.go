package run

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"csdm/bench"
	"csdm/dataset"
	"csdm/internal/atomicfile"
	"csdm/internal/format"
	"csdm/nn"
	"csdm/problems"
)

// Case is one measurement, what is known of its truth, and its posteriors, fields in normalized units.
type Case struct {
	Name       string
	Note       string    // where the measurement comes from
	Y          []float64 // physical units, (C, H, W)
	Truth      []float64 // nil: unknown
	Posterior  *Posterior
	References []Estimate // best first
	Scores     []Score
}

// Estimate is a reference posterior in normalized units.
type Estimate struct {
	Name string // short
	Note string // a sentence on how it was made
	*bench.Posterior
}

// Outcome is what a chain of steps ends in: the scores of all cases and their average.
type Outcome struct {
	Report   string  `json:"report"`
	Model    string  `json:"model"`
	Scores   []Score `json:"scores"`
	MeanRMSE float64 `json:"rmse_mean"` // averages over the cases, against the first reference of each
	StdRMSE  float64 `json:"rmse_std"`
	Seconds  float64 `json:"seconds"`
}

// Chain does everything: pairs, training, and for each of some held-out pairs a measurement, posterior draws, the reference
// posterior and their comparison; at the end the report. What is there from an earlier call is not made again.
// Errors are those of Open, Train, Sample and Reference.
func Chain(ctx context.Context, dir string, c *Config, call Call, env Env) (*Outcome, error) {
	f, err := Open(dir, c, call)
	if err != nil {
		return nil, err
	}
	problem, err := c.NewProblem()
	if err != nil {
		return nil, err
	}
	data := f.path(dataFolder)
	if _, err := Generate(ctx, data, problem, c.Data.Pairs, c.Seed, dataset.Shard{}, env); err != nil {
		return nil, err
	}
	model, err := f.Train(ctx, data, env)
	if err != nil {
		return nil, err
	}
	store, err := dataset.Open(data)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	first := dataset.Split(store.Len(), c.Data.HeldOut, store.Spec().ImagesPerSimulation)
	cases := min(c.Sampling.Cases, store.Len()-first)
	outcome := &Outcome{Model: f.path(modelFile), Report: f.path(reportFile)}
	var done []*Case
	for k := range cases {
		one, err := f.infer(ctx, model, problem, store, first+k*store.Spec().ImagesPerSimulation, k, env)
		if err != nil {
			return nil, err
		}
		done = append(done, one)
		outcome.add(one)
	}
	outcome.average(cases)
	page, err := f.page(problem.Spec(), model, done, outcome)
	if err != nil {
		return nil, err
	}
	return outcome, writePage(f.Dir, page, true)
}

func (o *Outcome) add(c *Case) {
	o.Scores = append(o.Scores, c.Scores...)
	if len(c.Scores) > 0 {
		o.MeanRMSE += c.Scores[0].Mean
		o.StdRMSE += c.Scores[0].Std
	}
	o.Seconds += c.Posterior.Origin.Seconds
}

func (o *Outcome) average(cases int) {
	if cases > 0 {
		o.MeanRMSE /= float64(cases)
		o.StdRMSE /= float64(cases)
	}
}

// infer does one case: its measurement belongs to a held-out pair of the dataset. Its folder keeps measurement, posterior and reference.
func (f *Folder) infer(ctx context.Context, model *nn.Model, problem problems.Problem, store *dataset.Store, pair, k int, env Env) (*Case, error) {
	spec, c := problem.Spec(), f.Config
	name := fmt.Sprintf("%03d", k)
	path := func(file string) string { return f.path(caseFolder, name, file) }

	x32, y32 := make([]float32, spec.XLen()), make([]float32, spec.YLen())
	if err := store.Pair(pair, x32, y32); err != nil {
		return nil, err
	}
	x, y := widen(x32), widen(y32)
	problems.Measure(problem.Measurement(), y, y, c.Seed, uint64(pair))
	truth := make([]float64, len(x))
	model.Meta.Normalization.NormalizeX(truth, x)
	one := &Case{Name: name, Note: fmt.Sprintf("held-out pair %d, %s", pair, problem.Measurement()), Y: y, Truth: truth}

	if !exists(path("measurement.npz")) {
		err := writeNPZ(path("measurement.npz"),
			format.Named{Name: "x", Array: format.Array64(x, spec.Rows, spec.Cols)},
			format.Named{Name: "y", Array: format.Array64(y, spec.YChannels, spec.Rows, spec.Cols)})
		if err != nil {
			return nil, err
		}
	}
	var err error
	if one.Posterior, err = f.posterior(ctx, model, y, path("posterior.npz"), env); err != nil {
		return nil, err
	}
	if c.Reference.Method == MethodNone {
		return one, nil
	}
	if !exists(path("reference.npz")) {
		t, err := ReferencePosterior(ctx, problem, y, TruthOptions{
			Method: c.Reference.Method, Draws: c.Reference.Draws, Seed: c.Seed, Partial: path("reference.partial"),
		}, env)
		if err != nil {
			return nil, err
		}
		if err := t.WriteFile(path("reference.npz"), false); err != nil {
			return nil, err
		}
		if err := removePartial(path("reference.partial")); err != nil {
			return nil, err
		}
	}
	r, err := ReadSummary(path("reference.npz"), 0)
	if err != nil {
		return nil, err
	}
	one.addReference("exact (csdm)", originNote(r.Origin), r.Normalized(), 0)
	text, err := json.MarshalIndent(one.Scores, "", "  ")
	if err != nil {
		return nil, err
	}
	return one, writeFile(path("comparison.json"), true, append(text, '\n'))
}

// addReference compares the case's posterior with one more reference.
func (c *Case) addReference(name, note string, r *bench.Posterior, itsError float64) {
	c.References = append(c.References, Estimate{Name: name, Note: note, Posterior: r})
	c.Scores = append(c.Scores, NewScore("score network", &c.Posterior.Posterior, name, r, itsError))
}

func originNote(o *Origin) string {
	if o == nil {
		return ""
	}
	note := o.Method
	if o.Solves > 0 {
		note += fmt.Sprintf(", %d forward solves in %.1f s", o.Solves, o.Seconds)
	}
	if o.Error != nil {
		note += fmt.Sprintf(", error about %.2g", *o.Error)
	}
	return note
}

// posterior reads the posterior of a case, or draws it and writes it.
func (f *Folder) posterior(ctx context.Context, model *nn.Model, y []float64, path string, env Env) (*Posterior, error) {
	if exists(path) {
		return readPosterior(path, model)
	}
	partial := path + ".partial"
	p, err := Sample(ctx, model, y, f.Config.Sampling, f.Config.Seed, partial, false, env)
	if err != nil {
		return nil, err
	}
	if err := p.WriteFile(path, false); err != nil {
		return nil, err
	}
	return p, removePartial(partial)
}

// readPosterior reads back what WriteFile wrote.
func readPosterior(path string, model *nn.Model) (*Posterior, error) {
	s, err := ReadSummary(path, 0)
	if err != nil {
		return nil, err
	}
	samples, err := format.ReadArrayFile(path + ":samples")
	if err != nil {
		return nil, err
	}
	m := &model.Meta
	if err := samples.CheckShape(-1, m.Rows, m.Cols); err != nil {
		return nil, err
	}
	p := &Posterior{Samples: samples.Float64(), Rows: m.Rows, Cols: m.Cols, Normalization: m.Normalization}
	p.Posterior = *bench.FromDraws(p.Samples, samples.Shape[0], m.Rows*m.Cols, 1)
	if s.Origin != nil {
		p.Origin = *s.Origin
	}
	return p, nil
}

func widen(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, a := range v {
		out[i] = float64(a)
	}
	return out
}

func writeNPZ(path string, arrays ...format.Named) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return atomicfile.Write(path, false, func(w io.Writer) error { return format.WriteNPZ(w, arrays...) })
}

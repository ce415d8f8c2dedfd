package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"csdm/bench"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/report"
	"csdm/models"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/builtin"
)

// fenicsError is the error of the exact posteriors that come with the embedded measurements, as their makers state it.
const fenicsError = 0.003

// Demo infers the embedded measurements with the embedded network, beside the exact posterior as computed here and as
// computed with FEniCS, and writes the report to dir.
func Demo(ctx context.Context, dir string, draws int, seed uint64, overwrite bool, call Call, env Env) (*Outcome, error) {
	start := time.Now()
	if !overwrite && exists(filepath.Join(dir, reportFile)) {
		return nil, cli.Exists(fmt.Errorf("%s is there already: give another folder, or --overwrite", filepath.Join(dir, reportFile)))
	}
	model, err := BuiltinModel(models.Demo)
	if err != nil {
		return nil, err
	}
	m := &model.Meta
	problem, err := builtin.Lookup(m.Problem, problems.Options{Grid: min(m.Rows, m.Cols), NoisePercent: m.NoisePercent})
	if err != nil {
		return nil, err
	}
	cases, err := embeddedCases(models.Demo, m)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	outcome := &Outcome{Model: models.Prefix + models.Demo, Report: filepath.Join(dir, reportFile)}
	for k, c := range cases {
		fenics := c.References
		c.References = nil
		if c.Posterior, err = Sample(ctx, model, c.Y, DefaultSampling(model, draws), seed, "", false, env); err != nil {
			return nil, err
		}
		truth, err := ReferencePosterior(ctx, problem, c.Y, TruthOptions{Method: MethodQuadrature}, env)
		if err != nil {
			return nil, err
		}
		c.addReference("exact (csdm)", truth.Note, truth.Normalized(), 0)
		for _, r := range fenics {
			c.addReference(r.Name, r.Note, r.Posterior, fenicsError)
		}
		outcome.add(c)
		stem := filepath.Join(dir, fmt.Sprintf("measurement-%d-", k+1))
		err = errors.Join(c.Posterior.WriteFile(stem+"posterior.npz", overwrite), truth.WriteFile(stem+"reference.npz", overwrite))
		if err != nil {
			return nil, err
		}
	}
	outcome.average(len(cases))
	outcome.Seconds = time.Since(start).Seconds()
	page := newPage(problem.Spec(), model, cases, outcome)
	if metrics, err := models.Metrics(models.Demo); err == nil {
		training, err := readMetrics(bytes.NewReader(metrics), problem.Spec().XLen())
		if err != nil {
			return nil, err
		}
		page.Sections = append(page.Sections, training.Section())
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	page.Reproduce = []string{env.Command}
	page.Provenance = append([]report.KeyValue{{Key: "model", Value: models.Prefix + models.Demo}, {Key: "seed", Value: fmt.Sprint(seed)}}, provenance(call)...)
	return outcome, writePage(dir, page, overwrite)
}

// DefaultSampling is how a model is sampled where nothing else is said: DPM-Solver++(2M) in 20 evaluations over its own range of
// noise levels.
func DefaultSampling(model *nn.Model, draws int) Sampling {
	s := model.Meta.Schedule
	return Sampling{Draws: draws, Sampler: "dpmpp2m", Steps: 20, SigmaMax: s.Sigma1, SigmaMin: s.SigmaL}
}

// embeddedCases reads the embedded measurements of that name, with truth and FEniCS's exact posterior.
func embeddedCases(name string, m *nn.Metadata) ([]*Case, error) {
	data, err := models.Measurements(name)
	if err != nil {
		return nil, err
	}
	arrays, err := format.ReadNPZ(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	y := arrays["y"]
	if err := y.CheckShape(-1, m.Rows, m.Cols); err != nil {
		return nil, err
	}
	n := m.Rows * m.Cols
	var cases []*Case
	for k := range y.Shape[0] {
		part := func(name string) []float64 { return arrays[name].Float64()[k*n : (k+1)*n] }
		cases = append(cases, &Case{
			Name: fmt.Sprint(k + 1), Y: part("y"), Truth: part("x"), Note: "simulated with FEniCS",
			References: []Estimate{{
				Name: "exact (FEniCS)", Posterior: &bench.Posterior{Mean: part("mean"), Std: part("std")},
				Note: fmt.Sprintf("quadrature over a fine grid of centres, with FEniCS as the forward model; error about %g", fenicsError),
			}},
		})
	}
	return cases, nil
}

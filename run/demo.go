package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"csdm/bench"
	"csdm/env"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/format"
	"csdm/internal/report"
	"csdm/models"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
)

// FEniCSError is the stated error of the exact posteriors that come with the
// embedded measurements.
const FEniCSError = 0.003

// BuiltinModel reads the embedded model of that name, without prefix.
func BuiltinModel(name string) (*nn.Model, error) {
	data, err := models.Model(name)
	if err != nil {
		return nil, err
	}
	return nn.ReadModel(bytes.NewReader(data), int64(len(data)))
}

// Demo infers the embedded measurements with the embedded network. It compares
// the results with the exact posterior, computed by csdm and computed with
// FEniCS, and writes posteriors, references, figures and last the report to
// dir. Unless overwrite is set, results of the same settings are kept, and a
// result of other settings is an error before any work, which names them. A
// report without results is an error for which errors.Is(err, fs.ErrExist)
// holds.
func Demo(ctx context.Context, dir string, draws int, seed uint64, overwrite bool,
	env env.Env) (*Outcome, error) {
	start := time.Now()
	model, err := BuiltinModel(models.Demo)
	if err != nil {
		return nil, err
	}
	m := &model.Meta
	problem, err := builtin.Lookup(m.Problem,
		problems.Options{Grid: min(m.Rows, m.Cols), NoisePercent: m.NoisePercent})
	if err != nil {
		return nil, err
	}
	cases, err := EmbeddedCases(models.Demo, m)
	if err != nil {
		return nil, err
	}
	result := func(c *Case, what string) string {
		return filepath.Join(dir, "measurement-"+c.Name+"-"+what+".npz")
	}
	reportPath := filepath.Join(dir, report.PageFile)
	sampling, reference := recipe.Sampling(model, draws), recipe.NewReference(recipe.MethodAuto)
	kept, done := make([]*Posterior, len(cases)), 0 // results of an earlier call
	for k, c := range cases {
		if overwrite {
			continue
		}
		if kept[k], err = FinishedPosterior(result(c, "posterior"),
			DrawsIdentity(model, c.Y, sampling, seed), draws); err != nil {
			return nil, err
		}
		there, err := Finished(result(c, "reference"),
			ReferenceIdentity(problem, c.Y, reference, 0))
		if err != nil {
			return nil, err
		}
		if kept[k] != nil && there {
			done++
		}
	}
	finished := done == len(cases) && atomicfile.Exists(reportPath) &&
		atomicfile.Exists(filepath.Join(dir, report.FigureFolder))
	if atomicfile.Exists(reportPath) && !finished {
		if !overwrite && done == 0 {
			return nil, &fs.PathError{Op: "write", Path: reportPath, Err: fs.ErrExist}
		}
		// The report is written last, which shows that the rest is complete.
		if err := disk.Remove(reportPath); err != nil {
			return nil, err
		}
	}
	if err := disk.MkdirAll(dir); err != nil {
		return nil, err
	}
	if !finished {
		env.Note(fmt.Sprintf(
			"%s made with FEniCS, and a network of %d parameters trained for such measurements: "+
				"%d posterior draws and the exact posterior; report in %s",
			cli.Plural(len(cases), "measurement"), model.Net.Arch().ParameterCount(), draws, dir))
	}
	explainer := NewExplainer(problem, model)
	for k, c := range cases {
		fenics := c.References
		c.References = nil
		if c.Posterior = kept[k]; c.Posterior == nil {
			if c.Posterior, err = Sample(ctx, model, c.Y, sampling, Job{Seed: seed},
				env); err != nil {
				return nil, err
			}
			c.Posterior.Quantify(problem)
			v, err := explainer.Measurement(ctx, c.Y, env)
			if err != nil {
				return nil, err
			}
			if err := explainer.Posterior(ctx, v, c.Posterior, c.Y, env); err != nil {
				return nil, err
			}
			if err := c.Posterior.WriteFile(result(c, "posterior"), overwrite); err != nil {
				return nil, err
			}
			env.ReportSaved()
		}
		c.Quantities = c.truthful(problem, m.Normalization)
		if overwrite || !atomicfile.Exists(result(c, "reference")) {
			truth, err := ReferencePosterior(ctx, problem, c.Y, reference, Job{}, env)
			if err != nil {
				return nil, err
			}
			if err := truth.WriteFile(result(c, "reference"), overwrite); err != nil {
				return nil, err
			}
			env.ReportSaved()
		}
		truth, err := ReadSummary(result(c, "reference"), "", "")
		if err != nil {
			return nil, err
		}
		c.addReference(truth.estimate(), 0)
		for _, r := range fenics {
			c.addReference(r, FEniCSError)
		}
	}
	var prior []float64
	if p, ok := problem.(problems.Parametric); ok {
		if prior, err = priorMean(ctx, p, priorFields, m.Training.Seed, m.Normalization,
			env.Threads); err != nil {
			return nil, err
		}
	}
	outcome := newOutcome(cases, prior)
	outcome.Model, outcome.Report = models.Prefix+models.Demo, reportPath
	if outcome.AlreadyThere = finished; finished {
		return outcome, nil
	}
	page := newPage(problem, model, cases, outcome)
	switch metrics, err := models.Metrics(models.Demo); {
	case err == nil:
		training, err := readMetrics(bytes.NewReader(metrics), problem.Spec().XLen())
		if err != nil {
			return nil, err
		}
		training.Neighbors = -1 // the model file does not store it
		page.Sections = append(page.Sections, training.Section())
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	page.Reproduce = []string{env.Command}
	page.Provenance = append([]report.KeyValue{{Key: "model", Value: models.Prefix + models.Demo},
		{Key: "seed", Value: fmt.Sprint(seed)}}, env.Call.Rows()...)
	outcome.Seconds = time.Since(start).Seconds()
	return outcome, page.WriteFolder(dir, overwrite)
}

// EmbeddedCases reads the embedded measurements of that name with their true
// fields and the exact posteriors computed with FEniCS.
func EmbeddedCases(name string, m *nn.Metadata) ([]*Case, error) {
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
				Name: "exact (FEniCS)", Posterior: &bench.Posterior{Mean: part("mean"),
					Std: part("std")},
				Note: fmt.Sprintf(
					"quadrature over a fine grid of centers, with FEniCS as the forward model; "+
						"error about %g", FEniCSError),
			}},
		})
	}
	return cases, nil
}

package run

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/report"
	"csdm/nn"
	"csdm/problems"
)

// page lays out the report of a run folder.
//
// A folder without metrics, such as one whose model was copied in, gets a
// report without a section on training.
func (f *Folder) page(ctx context.Context, problem problems.Problem, model *nn.Model,
	cases []*Case, o *Outcome) (*report.Report, error) {
	r := newPage(problem, model, cases, o)
	file, err := os.Open(f.path(metricsFile))
	if err == nil {
		defer file.Close()
		training, err := readMetrics(file, problem.Spec().XLen())
		if err != nil {
			return nil, err
		}
		training.Neighbors, training.Optimum = f.Recipe.Data.Neighbors, optimum(cases)
		if training.Lesson, err = f.lesson(ctx, model, cases); err != nil {
			return nil, err
		}
		r.Sections = append(r.Sections, training.Section())
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	m, err := f.manifest()
	if err != nil {
		return nil, err
	}
	text, err := f.Recipe.Encode()
	if err != nil {
		return nil, err
	}
	r.Sections = append(r.Sections, report.Section{Title: "Settings",
		Blocks: []report.Block{report.Code(text)}})
	for _, call := range m.Calls {
		if !slices.Contains(r.Reproduce, call.Command) {
			r.Reproduce = append(r.Reproduce, call.Command)
		}
	}
	r.Provenance = append(f.env.Call.Rows(),
		report.KeyValue{Key: "seed", Value: fmt.Sprint(f.Recipe.Seed)},
		report.KeyValue{Key: "SHA-256 of " + ModelFile, Value: m.Results[ModelFile]})
	return r, nil
}

// widthText returns the physical width of a normalized field.
func widthText(width float64, spec *problems.Spec) string {
	if len(spec.XFields) > 0 {
		return "the width of each field's own range"
	}
	return strings.TrimSpace(report.Number(width) + " " + spec.XUnit)
}

// newPage lays out the parts of every report: the headline, the distance from
// the true fields, a section per case, and a description of the network.
func newPage(problem problems.Problem, model *nn.Model, cases []*Case, o *Outcome) *report.Report {
	spec, t := problem.Spec(), model.Meta.Training
	r := &report.Report{
		Title: "Posterior of the " + spec.XName,
		Subtitle: fmt.Sprintf("%s: %s, %d×%d, %.3g %% noise", spec.Name, spec.Title, spec.Rows,
			spec.Cols, model.Meta.NoisePercent),
	}
	if s := truthSection(o, model.Meta.Normalization.XMax-model.Meta.Normalization.XMin,
		spec.XUnit); s != nil {
		r.Sections = append(r.Sections, *s)
	}
	if s := splitSection(cases); s != nil {
		r.Sections = append(r.Sections, *s)
	}
	var comparisons []report.Comparison
	for k, c := range cases {
		pages := casePages(problem, c, k)
		for _, p := range pages[:len(pages)-1] {
			r.Sections = append(r.Sections, p.Section())
		}
		section := pages[len(pages)-1].Section()
		if t := infer.QuantityTable("case-"+c.Name+"-quantities", c.Quantities,
			c.Posterior.Origin.Regions); t != nil {
			c.Posterior.Bands.AddTo(t)
			section.Blocks = append(section.Blocks, t)
		}
		section.Blocks = append(section.Blocks, c.Certified.blocks(c.Name)...)
		r.Sections = append(r.Sections, section)
		comparisons = append(comparisons, c.headlineRows(k)...)
	}
	if len(comparisons) > 0 {
		width := model.Meta.Normalization.XMax - model.Meta.Normalization.XMin
		r.Headline = report.Headline{
			Statement: fmt.Sprintf("Over %s, the score network's posterior differs from the "+
				"reference posterior by %s in the mean and by %s in the standard deviation. "+
				"These are root mean squares over the pixels of fields normalized to [0, 1], "+
				"where 1 is %s.", cli.Plural(len(cases), "measurement"), report.Number(o.MeanRMSE),
				report.Number(o.StdRMSE), widthText(width, spec)),
			Table: report.ComparisonTable(comparisons, ""),
		}
		if d := o.TruthDistance; d != nil && d.Reference > 0 {
			r.Headline.Statement += fmt.Sprintf(" The network’s mean differs from the true field "+
				"by %s %s, and the mean of the reference by %s %[2]s.", report.Number(width*d.Mean),
				spec.XUnit, report.Number(width*d.Reference))
		}
	} else if o.TruthDistance != nil {
		r.Headline.Statement = truthStatement(o, model.Meta.Normalization.XMax-
			model.Meta.Normalization.XMin, spec.XUnit)
	}
	r.Headline.Statement = strings.TrimSpace(r.Headline.Statement + " " + o.certifiedText())
	a := model.Net.Arch()
	r.Sections = append(r.Sections, report.Section{Title: "Network",
		Blocks: []report.Block{report.KeyValues{
			{Key: "architecture", Value: a.Describe()},
			{Key: "parameterization", Value: model.Parameterization.Name()},
			{Key: "trained", Value: fmt.Sprintf("%d steps of batch %d on %d pairs in %.0f s",
				t.Steps,
				t.Batch, t.Pairs, t.Seconds)},
			{Key: "trained by", Value: t.Command},
			{Key: "trained on", Value: t.Machine + ", kernel " + t.Kernel},
		}}})
	return r
}

// readMetrics reads the metrics.jsonl of a training for the figures.
//
// Losses are sums over the pixels and are divided by their number, so that
// grids can be compared. Only the last held-out loss by level is kept, with a
// band of two standard errors:
//
//	(L ± 2·error)/pixels.
//
// A line may have a loss, a held-out loss, both or neither. A line that is no
// JSON is an error with its number.
func readMetrics(r io.Reader, pixels int) (*report.TrainingCurves, error) {
	t := &report.TrainingCurves{LossLabel: "loss per pixel"}
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	perPixel := func(v []float64) []float64 {
		out := make([]float64, len(v))
		for i, a := range v {
			out[i] = a / float64(pixels)
		}
		return out
	}
	for number := 1; scan.Scan(); number++ {
		var line struct {
			Step    float64  `json:"step"`
			Loss    *float64 `json:"loss"`
			HeldOut *struct {
				Sigma, Loss, Error []float64
				Mean               float64
			} `json:"held_out"`
		}
		if err := json.Unmarshal(scan.Bytes(), &line); err != nil {
			return nil, cli.Data(fmt.Errorf("%s: line %d: %w: move the file away to get a report "+
				"without it", metricsFile, number, err))
		}
		if line.Loss != nil {
			t.Step, t.Loss = append(t.Step, line.Step), append(t.Loss, *line.Loss/float64(pixels))
		}
		if h := line.HeldOut; h != nil && len(h.Error) == len(h.Loss) {
			t.HeldOutStep, t.HeldOut = append(t.HeldOutStep, line.Step),
				append(t.HeldOut, h.Mean/float64(pixels))
			t.Sigma, t.SigmaLoss = h.Sigma, perPixel(h.Loss)
			t.SigmaLo, t.SigmaHi = make([]float64, len(h.Loss)), make([]float64, len(h.Loss))
			for i := range h.Loss {
				t.SigmaLo[i], t.SigmaHi[i] = (h.Loss[i]-2*h.Error[i])/float64(pixels),
					(h.Loss[i]+2*h.Error[i])/float64(pixels)
			}
		}
	}
	return t, scan.Err()
}

package run

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"csdm/env"
	"csdm/internal/atomicfile"
	"csdm/internal/disk"
	"csdm/internal/plot"
	"csdm/priors"
	"csdm/problems"
)

// MaxPrior is the largest number of draws on a sheet of Prior.
const MaxPrior = 100

// A PriorSheet describes a figure of draws from a prior: its folder, the number
// of draws (at most MaxPrior), and their seed. Overwrite replaces another
// sheet.
type PriorSheet struct {
	Dir       string
	Draws     int
	Seed      uint64
	Overwrite bool
}

// Prior takes the first pair of each of the first simulations of the seed,
// which are pairs of Generate, measures each once, and writes prior.png and
// prior.svg. A measurement of up to three channels is below its field, as in
// the paper's Figs. 2, 5, 7 and 16: one pair per column, noise-free and noisy.
// More channels are to the right of the field, with noise only, as in Fig. 10.
// Panels of a row share their scale. Prior returns the path of the PNG. A file
// with another sheet is an error for which errors.Is(err, fs.ErrExist) holds,
// unless overwrite is set.
//
// The pairs are made one after the other: a sheet has at most a hundred.
func Prior(ctx context.Context, p problems.Problem, sheet PriorSheet, env env.Env) (string,
	error) {
	dir, n, seed, overwrite := sheet.Dir, sheet.Draws, sheet.Seed, sheet.Overwrite
	png, svg := filepath.Join(dir, "prior.png"), filepath.Join(dir, "prior.svg")
	if err := disk.MkdirAll(dir); err != nil {
		return "", err
	}
	generator, err := p.NewGenerator()
	if err != nil {
		return "", err
	}
	if c, ok := generator.(io.Closer); ok {
		defer c.Close()
	}
	spec := p.Spec()
	pairs := make([]measuredPair, n)
	for i := range pairs {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		q := measuredPair{i * spec.ImagesPerSimulation, make([]float64, spec.XLen()),
			make([]float64, spec.YLen()), make([]float64, spec.YLen())}
		if err := generator.Pair(q.x, q.y, seed, uint64(q.index)); err != nil {
			return "", fmt.Errorf("pair %d: %w", q.index, err)
		}
		problems.Measure(p.Measurement(), q.measured, q.y, seed, uint64(q.index))
		pairs[i] = q
		env.Progress("prior", i+1, n, "")
	}
	layout := pairColumns
	if spec.YChannels > 3 {
		layout = pairRows
	}
	figure := layout(p, pairs).Render()
	if err := atomicfile.WriteFile(svg, overwrite, figure.SVG); err != nil {
		return "", err
	}
	return png, atomicfile.WriteFile(png, overwrite, figure.PNG)
}

// measuredPair is a pair of a sheet.
type measuredPair struct {
	index          int
	x, y, measured []float64 // y is noise-free
}

// title is the number of the pair as Generate counts it, so that a reader can
// find the same pair in a dataset.
func (q *measuredPair) title() string { return fmt.Sprintf("pair %d", q.index) }

// sheet is a picture sheet of pairs, with the color maps of its measurements.
type sheet struct {
	plot.Panels
	spec   *problems.Spec
	smooth plot.ColorMap // of noise-free measurements
	noisy  plot.ColorMap
	lo, hi float64 // limits of noisy measurements that wrap; else 0
}

// newSheet returns a sheet without its panels.
//
// A wrapped phase has a cyclic color map over one period, −period/2 to
// period/2: with another map the jump from π to −π would look like an edge of
// the tissue.
func newSheet(p problems.Problem, pairs []measuredPair) *sheet {
	const colors = 80 // noise hides finer steps
	spec := p.Spec()
	s := &sheet{spec: spec, Panels: plot.Panels{
		Extent: plot.NodeExtent(spec.Width, spec.Height, spec.Rows, spec.Cols),
		Unit:   spec.LengthUnit, MaxPanel: 42, Colors: colors,
		Alt: fmt.Sprintf("%d draws of the prior of %s, with their measurements", len(pairs),
			spec.Name),
	}}
	var all [][]float64
	for _, q := range pairs {
		all = append(all, q.y)
	}
	s.smooth = plot.MeasurementMapOf(all...)
	s.noisy = s.smooth
	if period := priors.Period(p.Measurement()); period > 0 {
		s.noisy, s.lo, s.hi = plot.CyclicMap, -period/2, period/2
	}
	return s
}

// add appends a row of panels with its title.
func (s *sheet) add(title string, row []plot.Panel) {
	s.Panels.Panels = append(s.Panels.Panels, row)
	s.RowTitles = append(s.RowTitles, title)
}

// field shows field k of x.
func (s *sheet) field(title string, x []float64, k int) plot.Panel {
	n, f := s.spec.Plane(), s.spec.Fields()[k]
	return plot.Panel{Title: title, Values: x[k*n : (k+1)*n], Rows: s.spec.Rows, Cols: s.spec.Cols,
		Map: plot.FieldMap, Quantity: f.Name, Unit: f.Unit, Scale: fmt.Sprint("x", k)}
}

// measurement shows channel c of y, which has noise or not.
func (s *sheet) measurement(title, scale string, y []float64, c int, noisy bool) plot.Panel {
	n := s.spec.Plane()
	p := plot.Panel{
		Title: title, Values: y[c*n : (c+1)*n], Rows: s.spec.Rows, Cols: s.spec.Cols,
		Map: s.smooth, Quantity: s.spec.YName, Unit: s.spec.YUnit, Scale: scale,
	}
	if noisy {
		p.Map, p.Lo, p.Hi = s.noisy, s.lo, s.hi
	}
	return p
}

// pairColumns lays out pairs side by side, at most five in a band: the field,
// then each channel of the noise-free and of the noisy measurement. The two
// share a scale per channel, unless the noise model confines measurements to an
// interval, as for wrapped phases.
//
// n pairs make ⌈n/5⌉ bands of nearly equal width: 6 pairs are two bands of
// three, not of five and one.
func pairColumns(p problems.Problem, pairs []measuredPair) *plot.Panels {
	const most = 5
	spec := p.Spec()
	s := newSheet(p, pairs)
	_, _, apart := priors.Bounds(p.Measurement())
	bands := (len(pairs)-1)/most + 1
	across := (len(pairs)-1)/bands + 1
	for band := range slices.Chunk(pairs, across) {
		for k := range spec.XChannels() {
			var row []plot.Panel
			for _, q := range band {
				row = append(row, s.field(q.title(), q.x, k))
			}
			s.add("prior draw", row)
		}
		for _, noisy := range []bool{false, true} {
			for c := range spec.YChannels {
				title, scale := "noise-free", fmt.Sprint("y", c)
				if noisy {
					title = "measured"
					if apart {
						scale = fmt.Sprint("measured", c)
					}
				}
				if spec.YChannels > 1 {
					title += "\n" + spec.ChannelName(c)
				}
				var row []plot.Panel
				for _, q := range band {
					y := q.y
					if noisy {
						y = q.measured
					}
					row = append(row, s.measurement("", scale, y, c, noisy))
				}
				s.add(title, row)
			}
		}
	}
	return &s.Panels
}

// pairRows lays out pairs one below the other: the field, and to its right the
// channels of the noisy measurement, five in a row. Each row has its own scale,
// the same for all pairs, because on a common scale a fading wave would be
// visible only in its first frames.
//
// Rows after the first of a pair have empty panels below the fields, so that
// channels stay in their columns.
func pairRows(p problems.Problem, pairs []measuredPair) *plot.Panels {
	const across = 5
	spec := p.Spec()
	s := newSheet(p, pairs)
	for _, q := range pairs {
		var row []plot.Panel
		for k, f := range spec.Fields() {
			row = append(row, s.field(f.Name, q.x, k))
		}
		title, fields := q.title(), len(row)
		for c := range spec.YChannels {
			row = append(row, s.measurement(spec.ChannelName(c), fmt.Sprint("y", c/across),
				q.measured, c, true))
			if last := c == spec.YChannels-1; last || len(row) == fields+across {
				if last {
					row[(fields+len(row))/2].Note = "measured " + spec.YName
				}
				s.add(title, row)
				row, title = make([]plot.Panel, fields), ""
			}
		}
	}
	return &s.Panels
}

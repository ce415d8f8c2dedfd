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

// MaxPrior is how many draws a picture sheet of Prior holds at most.
const MaxPrior = 100

// Prior draws the first pair of each of the first n simulations of the seed,
// one that Generate makes, measures each once, and writes dir/prior.png and
// prior.svg. A measurement of up to three channels stands below its field, as
// in the paper's Figs. 2, 5, 7 and 16: a pair a column, noise-free and with its
// noise. The frames of more channels stand right of it with their noise alone,
// as in Fig. 10. Rows share their scale. It returns the path of the PNG. A file
// that holds another sheet is an error for which errors.Is(err, fs.ErrExist)
// holds, unless overwrite is set.
func Prior(ctx context.Context, dir string, p problems.Problem, n int, seed uint64, overwrite bool,
	env env.Env) (string, error) {
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
	sheet := pairColumns
	if spec.YChannels > 3 {
		sheet = pairRows
	}
	figure := sheet(p, pairs).Render()
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

func (q *measuredPair) title() string { return fmt.Sprintf("pair %d", q.index) }

// newSheet returns a sheet without its panels.
func newSheet(spec *problems.Spec, n int) *plot.Panels {
	return &plot.Panels{
		// of noise, more are not told apart
		Extent: plot.NodeExtent(spec.Width, spec.Height, spec.Rows, spec.Cols),
		Unit:   spec.LengthUnit, MaxPanel: 36, NoAxes: true, Colors: 80,
		Alt: fmt.Sprintf("%d draws of the prior of %s, with their measurements", n, spec.Name),
	}
}

func fieldPanel(spec *problems.Spec, title string, x []float64) plot.Panel {
	return plot.Panel{Title: title, Values: x, Rows: spec.Rows, Cols: spec.Cols, Map: plot.FieldMap,
		Unit: spec.XUnit, Scale: "x"}
}

// measurementPanel shows channel c of y.
func measurementPanel(spec *problems.Spec, title, scale string, y []float64, c int) plot.Panel {
	n := spec.XLen()
	return plot.Panel{
		Title: title, Values: y[c*n : (c+1)*n], Rows: spec.Rows, Cols: spec.Cols,
		Map: plot.MeasurementMap, Unit: spec.YUnit, Scale: scale,
	}
}

// pairColumns lays pairs out side by side, five in a band at most: the field,
// then each channel of the noise-free and of the noisy measurement. The two
// share a channel's scale, unless the law keeps measurements to an interval of
// their own, as it does wrapped phases.
func pairColumns(p problems.Problem, pairs []measuredPair) *plot.Panels {
	const most = 5
	spec := p.Spec()
	sheet := newSheet(spec, len(pairs))
	_, _, apart := priors.Bounds(p.Measurement())
	bands := (len(pairs)-1)/most + 1
	across := (len(pairs)-1)/bands + 1
	for band := range slices.Chunk(pairs, across) {
		var row []plot.Panel
		for _, q := range band {
			row = append(row, fieldPanel(spec, q.title(), q.x))
		}
		sheet.Panels, sheet.RowTitles = append(sheet.Panels, row),
			append(sheet.RowTitles, spec.XName)
		for _, noisy := range []bool{false, true} {
			for c := range spec.YChannels {
				kind, scale := "noise-free", fmt.Sprint("y", c)
				if noisy {
					kind = "measured"
					if apart {
						scale = fmt.Sprint("measured", c)
					}
				}
				var row []plot.Panel
				for _, q := range band {
					y := q.y
					if noisy {
						y = q.measured
					}
					row = append(row, measurementPanel(spec, "", scale, y, c))
				}
				sheet.Panels, sheet.RowTitles = append(sheet.Panels, row),
					append(sheet.RowTitles, kind+"\n"+spec.ChannelName(c))
			}
		}
	}
	return sheet
}

// pairRows lays pairs out one below the other: the field, and right of it the
// channels of the noisy measurement, five in a row. The rows are on scales of
// their own, the same for all pairs: a wave that fades would be seen in its
// first frames only.
func pairRows(p problems.Problem, pairs []measuredPair) *plot.Panels {
	const across = 5
	spec := p.Spec()
	sheet := newSheet(spec, len(pairs))
	for _, q := range pairs {
		row, title := []plot.Panel{fieldPanel(spec, spec.XName, q.x)}, q.title()
		for c := range spec.YChannels {
			row = append(row, measurementPanel(spec, spec.ChannelName(c), fmt.Sprint("y", c/across),
				q.measured, c))
			if last := c == spec.YChannels-1; last || len(row) == 1+across {
				if last {
					row[(1+len(row))/2].Note = "measured " + spec.YName
				}
				sheet.Panels, sheet.RowTitles = append(sheet.Panels, row),
					append(sheet.RowTitles, title)
				row, title = []plot.Panel{{}}, ""
			}
		}
	}
	return sheet
}

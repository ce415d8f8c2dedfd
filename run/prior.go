package run

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"csdm/internal/plot"
	"csdm/priors"
	"csdm/problems"
)

// MaxPrior is how many draws a picture sheet of Prior holds at most.
const MaxPrior = 100

// Prior draws the first pair of each of the first n simulations of the seed, one that Generate makes, measures each once, and writes dir/prior.png and prior.svg: a row a
// pair, the field and beside it the channels of its noise-free and of its noisy measurement, as in the paper's Fig. 2. The two share their
// scale, unless the law keeps measurements to an interval of their own, as it does wrapped phases.
// It returns the path of the PNG. An existing file is an error, before any work, for which errors.Is(err, fs.ErrExist) holds, unless overwrite is set.
func Prior(ctx context.Context, dir string, p problems.Problem, n int, seed uint64, overwrite bool, env Env) (string, error) {
	png, svg := filepath.Join(dir, "prior.png"), filepath.Join(dir, "prior.svg")
	for _, path := range []string{png, svg} {
		if !overwrite && exists(path) {
			return "", &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
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
	sheet := plot.Panels{
		Extent: plot.NodeExtent(spec.Width, spec.Height, spec.Rows, spec.Cols), Unit: spec.LengthUnit, MaxPanel: 44, NoAxes: true,
		Alt: fmt.Sprintf("%d draws of the prior of %s, with their measurements", n, spec.Name),
	}
	measuredScale := "y"
	if _, _, ok := priors.Bounds(p.Measurement()); ok {
		measuredScale = "measured"
	}
	for i := range n {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		x, y, measured := make([]float64, spec.XLen()), make([]float64, spec.YLen()), make([]float64, spec.YLen())
		pair := uint64(i * spec.ImagesPerSimulation)
		if err := generator.Pair(x, y, seed, pair); err != nil {
			return "", fmt.Errorf("pair %d: %w", pair, err)
		}
		problems.Measure(p.Measurement(), measured, y, seed, pair)
		row := []plot.Panel{{Values: x, Rows: spec.Rows, Cols: spec.Cols, Map: plot.FieldMap, Unit: spec.XUnit, Scale: "x"}}
		for _, kind := range []struct {
			name, scale string
			values      []float64
		}{{"noise-free", "y", y}, {"measured", measuredScale, measured}} {
			for c := range spec.YChannels {
				row = append(row, plot.Panel{
					Title: kind.name, Values: kind.values[c*spec.XLen() : (c+1)*spec.XLen()], Rows: spec.Rows, Cols: spec.Cols,
					Map: plot.MeasurementMap, Unit: spec.YUnit, Scale: fmt.Sprint(kind.scale, c),
				})
			}
		}
		row[0].Title = spec.XName
		if i > 0 {
			for k := range row {
				row[k].Title = ""
			}
		}
		sheet.Panels = append(sheet.Panels, row)
		env.Progress("prior", i+1, n, "")
	}
	figure := sheet.Render()
	if err := writeFile(svg, overwrite, figure.SVG); err != nil {
		return "", err
	}
	return png, writeFile(png, overwrite, figure.PNG)
}

package measured

import (
	"math"

	"csdm/internal/format"
)

// openSensors reads a table of the values of a grid's sensors: one line for
// each sensor with a value for each channel, in the order of the sensors, or
// with the number of the sensor, from 1, in front. Numbers may be in any order,
// and sensors without a line are missing. The result is nil if the grid has no
// sensors, or for a file of another form, such as a map of which the sensors
// show their nodes.
//
// The shape decides: n lines of C values are in order, and up to n lines of C +
// 1 values are numbered. An array of the shape of the grid is a map, even where
// a table could have this shape.
func openSensors(path string, grid Grid) (*MapFile, error) {
	n, size := len(grid.Sensors), grid.Rows*grid.Cols
	if n == 0 || grid.SensorRows > 0 {
		return nil, nil
	}
	a, err := format.ReadArrayFile(path)
	if err != nil {
		return nil, nil // the reader of maps reports it
	}
	rows, cols := a.Len(), 1
	if len(a.Shape) == 2 {
		rows, cols = a.Shape[0], a.Shape[1]
	}
	ordered, numbered := cols == grid.Channels && rows == n, cols == grid.Channels+1 && rows <= n
	if len(a.Shape) > 2 || !ordered && !numbered || rows == grid.Rows && cols == grid.Cols {
		return nil, nil
	}
	f := &MapFile{Path: path, Count: 1, Rows: grid.Rows, Cols: grid.Cols, grid: grid,
		values: make([]float64, grid.Channels*size), note: "a table of sensors"}
	for i := range f.values {
		f.values[i] = math.NaN()
	}
	if err := a.CheckFinite(); err != nil {
		return nil, f.bad("%v: leave out the line of a sensor that has no value", err)
	}
	values, seen := a.Float64(), make([]bool, n)
	for i := range rows {
		line, k := values[i*cols:(i+1)*cols], i
		if numbered {
			k = int(line[0]) - 1
			if line[0] != math.Trunc(line[0]) || k < 0 || k >= n || seen[k] {
				return nil, f.bad("line %d has the sensor %v: a number from 1 to %d is expected, "+
					"each at most once", i+1, line[0], n)
			}
			line = line[1:]
		}
		seen[k] = true
		for c, v := range line {
			f.values[c*size+grid.Sensors[k]] = v
		}
	}
	return f, nil
}

// atSensors sets values outside of the grid's sensors to NaN.
//
// A map that was measured everywhere then counts at the sensors only, as the
// network was trained.
func (g *Grid) atSensors(values []float64) {
	if len(g.Sensors) == 0 {
		return
	}
	size := g.Rows * g.Cols
	is := make([]bool, size)
	for _, node := range g.Sensors {
		is[node] = true
	}
	for i := range values {
		if !is[i%size] {
			values[i] = math.NaN()
		}
	}
}

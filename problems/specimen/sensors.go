package specimen

import (
	"fmt"
	"math"
	"slices"
)

// mostSensors is the largest number of sensors.
const mostSensors = 4096

// sensor is a point of the specimen at which the measurement has a value. The
// node next to it holds the value in y.
//
// y keeps the shape of the grid, so that a network needs no other input; all
// other nodes are NaN after the noise is added.
type sensor struct {
	node    int
	corners [4]int     // nodes of the cell that holds the point
	weights [4]float64 // of their values, by bilinear interpolation
}

// newSensors returns the sensors of a definition, or an error about the first
// that is not valid.
//
// A point at (x, y) lies in the cell (c, r) at the fractions (u, v); the last
// cell of an axis holds its upper end. Two points next to one node would share
// a value and are refused.
func (d *Definition) newSensors() ([]sensor, error) {
	m := &d.Measurement
	if m.Rows != 0 || m.Cols != 0 {
		switch name, size := "measurement.rows, measurement.cols", []int{m.Rows, m.Cols}; {
		case len(m.Sensors) > 0:
			return nil, bad(name, size, "left out where there are sensors")
		case m.Rows < 2 || m.Cols < 2 || m.Rows > d.Grid.Rows || m.Cols > d.Grid.Cols:
			return nil, bad(name, size, fmt.Sprintf("both at least 2, and at most the %d, %d of "+
				"the grid: a finer map is averaged", d.Grid.Rows, d.Grid.Cols))
		}
	}
	points := m.points(&d.Grid)
	if len(points) > mostSensors {
		return nil, bad("measurement.sensors, or rows times cols", len(points),
			fmt.Sprintf("at most %d", mostSensors))
	}
	if len(points) > 0 && d.Nuisance.Registration > 0 {
		return nil, bad("nuisance.registration", d.Nuisance.Registration,
			"0 for sensors, whose neighbors are not measured")
	}
	g := &d.Grid
	var all []sensor
	for k, p := range points {
		name := fmt.Sprintf("measurement.sensors, number %d", k+1)
		if len(p) != 2 || !(p[0] >= 0 && p[0] <= g.Width && p[1] >= 0 && p[1] <= g.Height) {
			return nil, bad(name, p, "[x, y] within the specimen, from its lower left corner")
		}
		x, y := p[0]/g.Width*float64(g.Cols-1), p[1]/g.Height*float64(g.Rows-1)
		c, r := min(int(x), g.Cols-2), min(int(y), g.Rows-2)
		u, v := x-float64(c), y-float64(r)
		s := sensor{node: int(math.Round(y))*g.Cols + int(math.Round(x)),
			weights: [4]float64{(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v}}
		for i := range s.corners {
			s.corners[i] = (r+i/2)*g.Cols + c + i%2
		}
		if at := slices.IndexFunc(all, func(o sensor) bool { return o.node == s.node }); at >= 0 {
			return nil, bad(name, p, fmt.Sprintf("farther from number %d: both are next to one "+
				"node. More grid.rows and grid.cols separate them", at+1))
		}
		all = append(all, s)
	}
	return all, nil
}

// measure sets the values of y, in planes of n values, at the sensors' nodes to
// those at their points.
//
// All values are computed before the first is stored, because a corner of one
// sensor's cell may be the node of another.
func measure(sensors []sensor, y []float64, n int) {
	if len(sensors) == 0 {
		return
	}
	values := make([]float64, len(sensors))
	for plane := range slices.Chunk(y, n) {
		for k, s := range sensors {
			values[k] = 0
			for i, w := range s.weights {
				values[k] += w * plane[s.corners[i]]
			}
		}
		for k, s := range sensors {
			plane[s.node] = values[k]
		}
	}
}

// nodes returns the nodes of the sensors, in their order.
func nodes(sensors []sensor) (all []int) {
	for _, s := range sensors {
		all = append(all, s.node)
	}
	return all
}

package measured

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"csdm/internal/cli"
	"csdm/nn"
	"csdm/priors"
	"csdm/problems"
)

// Taking describes how a map was measured, in texts as a user writes them. An
// empty text means that nothing was given.
//
// Each field is a setting of [map] or of a flag.
type Taking struct {
	Case     string // which map of several, see PickCase
	Unit     string // of its values; "": the grid's
	Pixel    string // distance from sample to sample, see ParseLengths
	Extent   string // distance from the first sample to the last, instead
	Origin   string // of the lower left sample in the problem's rectangle; "": its corner
	RowsDown bool   // row 0 is at the top
	Crop     bool   // samples outside of the rectangle may be left out
}

// Grid is the form to which a map is brought: planes of values in one unit on
// the nodes of a rectangle.
//
// It serves measurements and fields alike.
type Grid struct {
	What     string // "measurement" or "field"
	Name     string // of the quantity, such as "u_y"; may be ""
	Channels int
	Names    []string // of the channels where there are several; may be nil
	Unit     string   // of values
	Gaps     bool     // a value may be missing: NaN
	Sensors  []int    // nodes of the only values; empty: all nodes
	Target
	// Points of a grid of the sensors, row by row; 0: they have none.
	SensorRows, SensorCols int
}

// target returns the grid of the samples that g takes: of its sensors if they
// have one, else of its nodes.
func (g *Grid) target() Target {
	t := g.Target
	if g.SensorRows > 0 {
		t.Rows, t.Cols = g.SensorRows, g.SensorCols
	}
	return t
}

// toNodes returns the values on the nodes, of values on target's grid.
//
// values has C planes of SensorRows × SensorCols. Nodes without a point are
// NaN.
func (g *Grid) toNodes(values []float64) []float64 {
	if g.SensorRows == 0 {
		return values
	}
	n, all := len(g.Sensors), make([]float64, g.Channels*g.Rows*g.Cols)
	for i := range all {
		all[i] = math.NaN()
	}
	for i, v := range values {
		all[i/n*g.Rows*g.Cols+g.Sensors[i%n]] = v
	}
	return all
}

// ModelGrid returns the grid of a model's measurements. The size of the
// rectangle comes from the problem if the model does not have it. problem may
// be nil.
//
// Names and sensors are known from the problem only. A model that was trained
// with masks accepts gaps.
func ModelGrid(model *nn.Model, problem problems.Problem) Grid {
	m := &model.Meta
	arch := model.Net.Arch()
	g := Grid{What: "measurement", Channels: arch.YChannels, Unit: m.YUnit, Gaps: arch.Masked,
		Target: Target{Rows: m.Rows, Cols: m.Cols, Width: m.Width, Height: m.Height,
			Unit: m.LengthUnit},
		Sensors: ownNodes(m), SensorRows: m.YRows, SensorCols: m.YCols}
	if problem != nil {
		s := problem.Spec()
		g.Name, g.Names, g.Sensors = s.YName, s.YChannelNames, s.Sensors
		g.SensorRows, g.SensorCols = s.YRows, s.YCols
		if g.Width == 0 {
			g.Width, g.Height, g.Target.Unit = s.Width, s.Height, s.LengthUnit
		}
	}
	return g
}

// MeasurementGrid returns the grid of a problem's measurements.
//
// Gaps are allowed: a posterior without a network can do with any values.
func MeasurementGrid(s *problems.Spec) Grid {
	return Grid{"measurement", s.YName, s.YChannels, s.YChannelNames, s.YUnit, true, s.Sensors,
		Target{s.Rows, s.Cols, s.Width, s.Height, s.LengthUnit}, s.YRows, s.YCols}
}

// FieldGrid returns the grid of a problem's fields.
//
// A field has no gaps: the forward model needs it everywhere.
func FieldGrid(s *problems.Spec) Grid {
	var names []string
	for _, f := range s.XFields {
		names = append(names, f.Name)
	}
	return Grid{"field", s.XName, s.XChannels(), names, s.XUnit, false, nil,
		Target{s.Rows, s.Cols, s.Width, s.Height, s.LengthUnit}, 0, 0}
}

// Taken is a map on a grid, with a description of how it was read.
//
// Map and Placement remain for the picture; Values is what a network or a
// likelihood reads.
type Taken struct {
	Values    []float64 // on the grid's nodes, (C, H, W), in its unit
	Grid      Grid
	Map       *Map // on its own samples, row 0 at the bottom, in the grid's unit
	Placement Placement
	Placed    bool // sample positions were given; else they are the grid's nodes
	Cover     Cover
	Remarks   []string // how t was read, and which defaults were taken
}

// Take opens a file and takes the map that t.Case picks.
func Take(path string, grid Grid, t Taking) (*Taken, error) {
	f, err := Open(path, grid)
	if err != nil {
		return nil, err
	}
	k, err := f.Pick(t.Case)
	if err != nil {
		return nil, err
	}
	return f.Take(k, t)
}

// Take brings map number k to the unit of the grid. If the positions of its
// samples are given, Take also brings it to the nodes of the grid (see
// Map.Resample). Errors are usage errors for a wrong t, *Error for a map that
// does not fit, and *format.Error for a map of another size.
//
// The order matters: the unit first, then the rows, then the place. A map of
// the size of the grid without a geometry is taken to be on the nodes, and a
// remark states so.
func (f *MapFile) Take(k int, t Taking) (*Taken, error) {
	factor := 1.0
	g := f.grid
	if t.Unit != "" {
		var err error
		if factor, err = UnitFactor(t.Unit, g.Unit); err != nil {
			return nil, cli.Usage(fmt.Errorf("map.unit: %w", err))
		}
	}
	placement, remarks, err := f.place(t)
	if err != nil {
		return nil, err
	}
	m := f.Map(k)
	for i := range m.Values {
		m.Values[i] *= factor
	}
	if t.RowsDown {
		m.FlipRows()
	}
	to := g.target()
	taken := &Taken{Grid: g, Map: m, Placed: t.placed() || f.located(), Placement: placement}
	about := fmt.Sprintf("%s %s", f.Path, describe(f, k))
	if f.note != "" {
		about += " (" + f.note + ")"
	}
	if t.Unit == "" && g.Unit != "" {
		about += fmt.Sprintf(", read in %s (map.unit is not set)", g.Unit)
	}
	if !taken.Placed {
		if f.Rows != to.Rows || f.Cols != to.Cols {
			return nil, f.bad("a %s of %d×%d×%d is expected, not of %d×%d; a map on another grid "+
				"is resampled "+
				"if --set map.pixel_size or map.extent gives its geometry",
				g.What, g.Channels, to.Rows, to.Cols, f.Rows, f.Cols)
		}
		taken.Values = g.toNodes(m.Values)
		taken.Cover = Cover{X: 1, Y: 1}
		taken.Remarks = []string{about + ", on the nodes of the problem's grid"}
		return taken, taken.countGaps()
	}
	if taken.Cover, err = m.Cover(to, placement, t.Crop); err == nil {
		taken.Values, err = m.Resample(to, placement)
		taken.Values = g.toNodes(taken.Values)
	}
	if err != nil && !t.placed() {
		return nil, fmt.Errorf("%w; x and y in %s are read in %s from the lower left corner; if "+
			"this is wrong, give "+
			"the geometry, such as --set map.extent=10mm", err, f.Path, g.Target.Unit)
	} else if err != nil {
		return nil, fmt.Errorf("%w; %s", err, strings.Join(remarks, "; "))
	}
	taken.Remarks = append(append([]string{about}, remarks...), taken.Cover.String())
	return taken, taken.countGaps()
}

// countGaps leaves out values where the grid has no sensor, and adds a remark
// about the missing values of t. No value at all is an *Error.
//
// The count is over the values that could be there: all nodes, or the sensors.
func (t *Taken) countGaps() error {
	t.Grid.atSensors(t.Values)
	n, all := priors.Present(t.Values), len(t.Values)
	if sensors := len(t.Grid.Sensors); sensors > 0 {
		all = t.Grid.Channels * sensors
	}
	switch {
	case n == 0:
		return &Error{"no value of the " + t.Grid.What + " was measured"}
	case n < all:
		t.Remarks = append(t.Remarks, fmt.Sprintf("%d of %d values are missing (%.2g %% measured)",
			all-n, all, 100*float64(n)/float64(all)))
	}
	return nil
}

// describe returns the number and the size of the map that is taken of a file,
// as text.
func describe(f *MapFile, k int) string {
	if f.Count == 1 {
		return fmt.Sprintf("holds %d×%d samples", f.Rows, f.Cols)
	}
	return fmt.Sprintf("holds %d %ss of %d×%d samples; number %d is taken", f.Count, f.grid.What,
		f.Rows, f.Cols, k)
}

// placed reports whether the user gave the geometry of the samples.
func (t Taking) placed() bool { return t.Pixel != "" || t.Extent != "" }

// located reports whether the file has positions of its samples and the size of
// the grid is known.
func (f *MapFile) located() bool {
	return f.samples != nil && f.grid.Width > 0 && f.grid.Height > 0
}

// place returns the positions of the samples. Without a pixel size or an extent
// they come from the file, in the grid's unit of length. If the file has none,
// they are the grid's nodes.
//
// remarks states how each text was read, such as "map.extent 1,5mm is x = 1 mm,
// y = 5 mm", because a decimal comma looks like a list.
func (f *MapFile) place(t Taking) (p Placement, remarks []string, err error) {
	g := f.grid
	to := g.target()
	p = Placement{PixelX: g.Width / float64(to.Cols-1), PixelY: g.Height / float64(to.Rows-1)}
	if f.table && t.RowsDown {
		return p, nil, cli.Usage(fmt.Errorf("map.rows_down: the columns x and y of %s already "+
			"place its samples; leave it out",
			f.Path))
	}
	if at := f.samples; !t.placed() && f.located() && t.Origin == "" {
		return Placement{at.OriginX, at.OriginY, at.PixelX, at.PixelY},
			[]string{"x and y of the file are read in " + g.Target.Unit}, nil
	}
	if !t.placed() {
		if t.Origin != "" || t.Crop {
			return p, nil, cli.Usage(errors.New("map.origin and map.crop need map.pixel_size or " +
				"map.extent: set one of these, too"))
		}
		return p, nil, nil
	}
	if t.Pixel != "" && t.Extent != "" {
		return p, nil,
			cli.Usage(errors.New("map.pixel_size and map.extent both set the pixel size: " +
				"set only one"))
	}
	if !(g.Width > 0 && g.Height > 0) {
		return p, nil, cli.Data(fmt.Errorf("the size of the model's rectangle is not known, so "+
			"no map can be placed in "+
			"it: resample the map to %d×%d first", to.Rows, to.Cols))
	}
	if f.Rows < 2 || f.Cols < 2 {
		return p, nil, f.bad("the map has %d×%d samples; at least 2×2 are expected", f.Rows,
			f.Cols)
	}
	read := func(name, text string) Lengths {
		l, bad := ParseLengths(text, g.Target.Unit)
		switch {
		case bad != nil:
			err = errors.Join(err, cli.Usage(fmt.Errorf("%s %w", name, bad)))
		case name != "map.origin" && !(l.X > 0 && l.Y > 0):
			err = errors.Join(err, cli.Usage(fmt.Errorf("%s %s: a positive size is expected", name,
				text)))
		}
		remarks = append(remarks, fmt.Sprintf("%s %s is %s", name, text, l.Reading))
		return l
	}
	if t.Pixel != "" {
		l := read("map.pixel_size", t.Pixel)
		p.PixelX, p.PixelY = l.X, l.Y
	} else {
		l := read("map.extent", t.Extent)
		p.PixelX, p.PixelY = l.X/float64(f.Cols-1), l.Y/float64(f.Rows-1)
	}
	if t.Origin != "" {
		l := read("map.origin", t.Origin)
		p.OriginX, p.OriginY = l.X, l.Y
	}
	return p, remarks, err
}

package specimen

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"csdm/internal/cli"
)

// Definition is the content of a file.
type Definition struct {
	// name of the problem
	Name string `toml:"name"`
	// title for people
	Title string `toml:"title"`

	// rectangle of the specimen with its nodes
	Grid Grid `toml:"grid"`
	// equation of the forward model
	Physics Physics `toml:"physics"`
	// conditions on the four sides
	Edges Edges `toml:"edges"`
	// distribution of the field
	Prior Prior `toml:"prior"`
	// channels of the measurement
	Measurement Measured `toml:"measurement"`
	// random error of each value
	Noise Noise `toml:"noise"`
	// errors of the whole map
	Nuisance Nuisance `toml:"nuisance"`
	// smooth error of the model
	Discrepancy Discrepancy `toml:"discrepancy"`
	// share of values that may be missing
	Missing Missing `toml:"missing"`

	// functionals of the field that are reported, by name
	Quantities map[string]Functional `toml:"quantities"`
}

// Grid is the rectangle of the specimen with its nodes.
type Grid struct {
	// nodes along the height, with the edges
	Rows int `toml:"rows"`
	// nodes along the width, with the edges
	Cols int `toml:"cols"`
	// width of the specimen in unit
	Width float64 `toml:"width"`
	// height of the specimen in unit
	Height float64 `toml:"height"`
	// unit of lengths and displacements
	Unit string `toml:"unit"`
}

// Physics is the equation of the forward model.
type Physics struct {
	// plane-stress, plane-strain, axisymmetric or helmholtz
	Kind string `toml:"kind"`
	// cells of the mesh; empty: the first of the kind
	Mesh string  `toml:"mesh"`
	Nu   float64 `toml:"nu"` // Poisson's ratio, where x is Young's modulus alone

	// Refine is the number of cells of the mesh along each side of a cell of
	// the grid; 0: 1. The modulus is bilinear in a cell of the grid.
	Refine int `toml:"refine"`

	// Inner is the radius of the left edge in axisymmetry; 0: the axis.
	Inner float64 `toml:"inner" identity:"omitzero"`

	// frequency of a wave in Hz
	Frequency float64 `toml:"frequency" identity:"omitzero"`
	// dissipation of a wave in s
	Alpha float64 `toml:"alpha" identity:"omitzero"`
	// density of a wave, in the unit of the modulus times s² over the square of
	// the unit of lengths
	Rho float64 `toml:"rho" identity:"omitzero"`
}

// The kinds of physics and of meshes.
const (
	planeStress = "plane-stress"
	planeStrain = "plane-strain"
	// An axisymmetric solid, whose axis is at the left, and a time-harmonic
	// shear wave.
	axisymmetric = "axisymmetric"
	helmholtz    = "helmholtz"

	crossed  = "crossed"
	diagonal = "diagonal"
	quads    = "quads"
)

// Edges are the conditions on the four sides of the rectangle. Each is "free",
// "fixed", "measured", or a displacement: of uy on bottom and top, of ux on
// left and right, or the amplitude of a wave.
type Edges struct {
	// condition of the bottom edge: free, fixed, measured, or its uy
	Bottom any `toml:"bottom"`
	// condition of the top edge: free, fixed, measured, or its uy
	Top any `toml:"top"`
	// condition of the left edge: free, fixed, measured, or its ux
	Left any `toml:"left"`
	// condition of the right edge: free, fixed, measured, or its ux
	Right any `toml:"right"`

	// Jitter is the standard deviation of the smooth error of a measured edge.
	Jitter float64 `toml:"jitter"`
	// Measured holds the displacements of the measured edges by their names.
	Measured map[string]Side `toml:"measured"`
}

// Side holds the measured components of the displacement of an edge at equal
// distances from its lower or left end to the other end, both included.
type Side struct {
	// displacement to the right, in the unit of lengths
	Ux []float64 `toml:"ux"`
	// displacement upward, in the unit of lengths
	Uy []float64 `toml:"uy"`

	// real part of a wave's amplitude
	Real []float64 `toml:"real" identity:"omitzero"`
	// imaginary part of a wave's amplitude
	Imag []float64 `toml:"imag" identity:"omitzero"`
}

// The conditions of an edge that are no number.
const (
	free     = "free"
	fixed    = "fixed"
	measured = "measured"
)

// Prior is the distribution of x. Each variable is a number, [lo, hi] for a
// uniform distribution, or a table (see distribution.go).
type Prior struct {
	// inclusion, ellipse, layers, random-field or another kind of prior
	Kind string `toml:"kind"`
	// number of inclusions: a number, or [lo, hi] of one that is drawn
	Count any `toml:"count" identity:"untyped"`
	// distance of a center from the left edge
	X any `toml:"x"`
	// distance of a center from the bottom edge
	Y any `toml:"y"`
	// radius of an inclusion
	Radius any `toml:"radius"`
	// half axis of an ellipse along its angle, over radius
	Aspect any `toml:"aspect"`
	// angle of an ellipse's first half axis from the x axis, in degrees
	Angle any `toml:"angle"`
	// modulus of an inclusion over the background's
	Ratio any `toml:"ratio"`
	// modulus of the background
	Background any `toml:"background" identity:"untyped"`
	// standard deviation of the background's logarithm
	Gradient float64 `toml:"gradient"`
	// whether rims have no transition
	Sharp bool `toml:"sharp"`
	// unit of the modulus
	Unit string `toml:"unit"`

	// heights of the limits of layers, from the bottom
	Interfaces []any `toml:"interfaces" identity:"omitzero"`
	// inclination of each interface in degrees
	Tilt any `toml:"tilt" identity:"omitzero"`
	// modulus of each layer over the background's, from the bottom
	Ratios []any `toml:"ratios" identity:"omitzero"`
	// correlation length of a random field
	Length float64 `toml:"length" identity:"omitzero"`
	// number of modes of a random field; 0: by their variance
	Modes int `toml:"modes" identity:"omitzero"`
	// standard deviation of the logarithm of a random field
	Std any `toml:"std" identity:"omitzero"`
	// share of the second phase of a level set
	Share any `toml:"share" identity:"omitzero"`

	// transform of the modulus that the field holds; empty: none
	Transform any `toml:"transform" identity:"omitzero"`

	// a second field, the density of a wave relative to physics.rho; null:
	// physics.rho is the density. Without a kind of its own, it has the shapes
	// of the modulus and factors of its own
	Density *Prior `toml:"density" identity:"omitzero"`
	// a second field, Poisson's ratio; null: physics.nu is it. Without a kind
	// of its own, it has the shapes of the modulus
	Nu *Prior `toml:"nu" identity:"omitzero"`
}

// The kinds of priors.
const (
	inclusion = "inclusion"
	ellipse   = "ellipse"
	layered   = "layers"
	random    = "random-field"
	twoPhases = "level-set"
)

// Measured lists the channels of y.
type Measured struct {
	// components of the displacement, one per channel: ux, uy, or of a wave
	// real and imag
	Components []string `toml:"components"`
	// Sensors holds the positions [x, y] of the only measured values; empty: y
	// has values at all nodes.
	Sensors [][]float64 `toml:"sensors" identity:"-"`
	// rows of points of a grid of y's own over the specimen, corners included;
	// 0: y has values at all nodes. The points act as sensors.
	Rows int `toml:"rows" identity:"-"`
	// columns of points of a grid of y's own; 0: y has values at all nodes
	Cols int `toml:"cols" identity:"-"`
}

// points returns the positions of the only measured values: of the sensors, or
// of the grid of y.
func (m *Measured) points(g *Grid) [][]float64 {
	points := m.Sensors
	for i := range m.Rows {
		for j := range m.Cols {
			points = append(points, []float64{g.Width * (float64(j) / float64(m.Cols-1)),
				g.Height * (float64(i) / float64(m.Rows-1))})
		}
	}
	return points
}

// Noise is the random error of each value.
type Noise struct {
	// standard deviation of the noise, in the unit of the displacement
	Std float64 `toml:"std"`
	// standard deviation of ln std; 0: std is known
	Spread float64 `toml:"spread" identity:"omitzero"`
	// correlation length; 0: white noise
	Correlation float64 `toml:"correlation"`
	// Stretch is the standard deviation of the logarithm of Correlation; 0: it
	// is known.
	Stretch float64 `toml:"stretch" identity:"omitzero"`
	// Channels holds a factor of Std for each component; empty: 1.
	Channels []float64 `toml:"channels" identity:"omitzero"`
	// Places holds factors of Std at equal distances over the specimen, in rows
	// from the bottom up; empty: 1. Between them it is bilinear.
	Places [][]float64 `toml:"places" identity:"omitzero"`
}

// Nuisance holds standard deviations of errors of the whole map.
type Nuisance struct {
	// standard deviation of a constant that is added to the whole map
	Shift        float64 `toml:"shift"`
	Tilt         float64 `toml:"tilt"`         // a ramp along x and one along y, at the border
	Gain         float64 `toml:"gain"`         // a factor of y, minus 1
	Registration float64 `toml:"registration"` // position of the map, along x and along y
}

// Missing states which measurements a network takes. Training hides random
// values of each; it changes no pair.
type Missing struct {
	// Share is the range of the share of missing values: [0, most].
	Share [2]float64 `toml:"share"`
}

// Discrepancy is the smooth model error. Its standard deviation and its length
// are log-uniform in the two ranges. The zero value stands for no error.
type Discrepancy struct {
	// range of the standard deviation, in the unit of the displacement
	Std [2]float64 `toml:"std"`
	// range of the correlation length
	Length [2]float64 `toml:"length"`
}

// Read reads a definition. For a missing file, errors.Is(err, fs.ErrNotExist)
// holds. For one that is not valid, the error has the exit code of a bad
// configuration and names the line or setting.
func Read(path string) (*Definition, error) {
	d := &Definition{}
	if err := cli.ReadConfig(path, d); err != nil {
		return nil, err
	}
	d.complete()
	if err := d.check(); err != nil {
		return nil, cli.Config(fmt.Errorf("%s: %w", filepath.ToSlash(path), err))
	}
	return d, nil
}

// maxFile is the largest size of a file; cli.ReadConfig has the same limit.
const maxFile = 64 << 10

// Describes reports whether a file is a definition of this package: TOML with
// the section [physics]. The reader of another kind of file reports any fault.
func Describes(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return false
	}
	var sections map[string]any
	if err := toml.Unmarshal(data, &sections); err != nil {
		return physicsLine.Match(data) // so that Read reports its line
	}
	_, ok := sections["physics"]
	return ok
}

var physicsLine = regexp.MustCompile(`(?m)^\s*\[\s*physics\s*\]`)

// defaultUnit is the unit of the modulus that is not named.
const defaultUnit = "kPa"

// complete sets the defaults.
func (d *Definition) complete() {
	set := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	set(&d.Title, d.Name)
	set(&d.Physics.Kind, planeStress)
	if d.Physics.Kind == planeStrain {
		d.Physics.Mesh = quads
	}
	if e := equations[d.Physics.Kind]; e != nil {
		set(&d.Physics.Mesh, e.meshes[0])
		if d.Measurement.Components == nil {
			d.Measurement.Components = slices.Clone(e.measured)
		}
	}
	if m := &d.Measurement; m.Rows == d.Grid.Rows && m.Cols == d.Grid.Cols {
		m.Rows, m.Cols = 0, 0 // the grid of x
	}
	d.Physics.Refine = max(d.Physics.Refine, 1)
	set(&d.Prior.Kind, inclusion)
	set(&d.Prior.Unit, defaultUnit)
	if d.Prior.Count == nil {
		d.Prior.Count = int64(1)
	}
	for _, e := range d.Edges.list() {
		if *e.condition == nil {
			*e.condition = free
		}
	}
	if of, given := d.second(); given != nil {
		set(&given.Unit, of.unit)
		if given.Count == nil {
			given.Count = int64(1)
		}
	}
}

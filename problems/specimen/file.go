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
	Name  string `toml:"name"`
	Title string `toml:"title"`

	Grid        Grid        `toml:"grid"`
	Physics     Physics     `toml:"physics"`
	Edges       Edges       `toml:"edges"`
	Prior       Prior       `toml:"prior"`
	Measurement Measured    `toml:"measurement"`
	Noise       Noise       `toml:"noise"`
	Nuisance    Nuisance    `toml:"nuisance"`
	Discrepancy Discrepancy `toml:"discrepancy"`
	Missing     Missing     `toml:"missing"`

	Quantities map[string]Functional `toml:"quantities"` // by name
}

// Grid is the rectangle of the specimen with its nodes.
type Grid struct {
	Rows   int     `toml:"rows"`
	Cols   int     `toml:"cols"`
	Width  float64 `toml:"width"`
	Height float64 `toml:"height"`
	Unit   string  `toml:"unit"` // of lengths and displacements
}

// Physics is the equation of the forward model.
type Physics struct {
	Kind string  `toml:"kind"`
	Mesh string  `toml:"mesh"` // "": the first of the equation (see physics.go)
	Nu   float64 `toml:"nu"`   // Poisson's ratio, where x is Young's modulus alone

	// Refine is the number of cells of the mesh along each side of a cell of
	// the grid; 0: 1. The modulus is bilinear in a cell of the grid.
	Refine int `toml:"refine"`

	// Inner is the radius of the left edge in axisymmetry; 0: the axis.
	Inner float64 `toml:"inner" identity:"omitzero"`

	// Of a wave: in Hz; its dissipation in s; the density, in Prior.Unit times
	// s² over the square of Grid.Unit.
	Frequency float64 `toml:"frequency" identity:"omitzero"`
	Alpha     float64 `toml:"alpha" identity:"omitzero"`
	Rho       float64 `toml:"rho" identity:"omitzero"`
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
	Bottom any `toml:"bottom"`
	Top    any `toml:"top"`
	Left   any `toml:"left"`
	Right  any `toml:"right"`

	// Jitter is the standard deviation of the smooth error of a measured edge.
	Jitter float64 `toml:"jitter"`
	// Measured holds the displacements of the measured edges by their names.
	Measured map[string]Side `toml:"measured"`
}

// Side holds the measured components of the displacement of an edge at equal
// distances from its lower or left end to the other end, both included.
type Side struct {
	Ux []float64 `toml:"ux"`
	Uy []float64 `toml:"uy"`

	Real []float64 `toml:"real" identity:"omitzero"` // of a wave
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
	Kind       string  `toml:"kind"`
	Count      any     `toml:"count" identity:"untyped"` // of inclusions: a number, or [lo, hi]
	X          any     `toml:"x"`
	Y          any     `toml:"y"`
	Radius     any     `toml:"radius"`
	Aspect     any     `toml:"aspect"` // of an ellipse: half axis along its angle, over radius
	Angle      any     `toml:"angle"`  // of an ellipse, from the x axis, in degrees
	Ratio      any     `toml:"ratio"`
	Background any     `toml:"background" identity:"untyped"`
	Gradient   float64 `toml:"gradient"` // standard deviation of the background's logarithm
	Sharp      bool    `toml:"sharp"`    // rims without a transition
	Unit       string  `toml:"unit"`     // of the modulus

	Interfaces []any   `toml:"interfaces" identity:"omitzero"` // heights
	Tilt       any     `toml:"tilt" identity:"omitzero"`       // of each interface, in degrees
	Ratios     []any   `toml:"ratios" identity:"omitzero"`     // of each layer, from the bottom
	Length     float64 `toml:"length" identity:"omitzero"`     // of a random field
	Modes      int     `toml:"modes" identity:"omitzero"`      // 0: by their variance
	Std        any     `toml:"std" identity:"omitzero"`        // of its logarithm
	Share      any     `toml:"share" identity:"omitzero"`      // of the second phase of a level set

	Transform any `toml:"transform" identity:"omitzero"` // of the modulus (see transform.go)

	// A second field of x; nil: physics.rho or physics.nu is known. Without a
	// Kind, it has the shapes of the modulus and factors of its own. Density is
	// relative to physics.rho.
	Density *Prior `toml:"density" identity:"omitzero"` // of a wave
	Nu      *Prior `toml:"nu" identity:"omitzero"`      // Poisson's ratio
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
	Components []string `toml:"components"`
	// Sensors holds the positions [x, y] of the only measured values; empty: y
	// has values at all nodes.
	Sensors [][]float64 `toml:"sensors" identity:"-"`
	// Rows and Cols are the points of a grid of y's own over the specimen,
	// corners included; 0: y has values at all nodes. They act as sensors.
	Rows int `toml:"rows" identity:"-"`
	Cols int `toml:"cols" identity:"-"`
}

// points returns the positions of the only measured values: of the sensors, or
// of the grid of y.
func (m *Measured) points(g *Grid) [][]float64 {
	points := m.Sensors
	for i := range m.Rows {
		for j := range m.Cols {
			points = append(points, []float64{g.Width * float64(j) / float64(m.Cols-1),
				g.Height * float64(i) / float64(m.Rows-1)})
		}
	}
	return points
}

// Noise is the random error of each value.
type Noise struct {
	Std         float64 `toml:"std"`
	Spread      float64 `toml:"spread" identity:"omitzero"` // of ln std; 0: std is known
	Correlation float64 `toml:"correlation"`                // length; 0: white
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
	Shift        float64 `toml:"shift"`        // a constant
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
	Std    [2]float64 `toml:"std"`
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

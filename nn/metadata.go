package nn

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// Metadata is the part of a model file other than architecture,
// parameterization and weights: the problem that the model was trained for, the
// normalization of fields and measurements, and the origin of the model. All of
// it is zero for weights of other programs.
type Metadata struct {
	// name of the problem
	Problem string `json:"problem"`
	// rows of x and of each channel of y
	Rows int `json:"rows"`
	// columns of x and of each channel of y
	Cols int `json:"cols"`
	// rows of y's own grid; absent: y has the grid of x
	YRows int `json:"y_rows,omitempty" identity:"omitzero"`
	// columns of y's own grid; absent: y has the grid of x
	YCols int `json:"y_cols,omitempty" identity:"omitzero"`
	// nodes next to the only values of y, of a problem with sensors and without
	// a grid of y; absent: not known, or all nodes
	Sensors      []int   `json:"sensors,omitempty" identity:"omitzero"`
	NoisePercent float64 `json:"noise_percent"` // measurement noise it was trained for

	// unit of lengths
	LengthUnit string `json:"length_unit"`
	// unit of the field
	XUnit string `json:"x_unit"`
	// unit of the measurement
	YUnit string `json:"y_unit"`

	// width of the rectangle that the grid covers, in length_unit; absent: not
	// known
	Width float64 `json:"width,omitempty"`
	// height of the rectangle, in length_unit; absent: not known
	Height float64 `json:"height,omitempty"`

	// map of fields and measurements to [0, 1]
	Normalization Normalization `json:"normalization"`
	// Extremes of x over the training set, if x is normalized by its spread; of
	// several fields after their normalization.
	XExtremes Extremes `json:"x_extremes,omitzero"`
	// how the weights were trained
	Training Training `json:"training"`
	// numbers of the training's measurements
	Typical Typical `json:"typical,omitzero"`

	// Calibration of the residuals of valid measurements; nil if unknown.
	Calibration *Calibration `json:"calibration,omitempty"`
	// Bands holds the levels of bands; nil: not calibrated.
	Bands *BandLevels `json:"bands,omitempty"`
}

// Typical describes the measurements of the training set by a few numbers,
// which show whether another measurement is similar to them.
type Typical struct {
	Count int `json:"count"` // number of measurements; 0 if unknown
	// Distance of values outside of [YMin, YMax], divided by YMax − YMin;
	// negative: inside.
	Beyond   Spread `json:"beyond"`
	Distance Spread `json:"distance"` // root mean square of y as seen by the network
	// Standard deviation of the noise, estimated from y alone, as seen by the
	// network.
	Noise Spread `json:"noise"`
	// Largest distance of a value from the range of its eight neighbors without
	// their plane, in standard deviations of the noise; zero: not known. It is
	// no part of the model's identity, because csdm bench limits adds it.
	Outlier Spread `json:"lone_value,omitzero"`
	// How much better lines that repeat the next line explain the map's edge
	// than a slope does, in variances of the noise (package measured); zero:
	// not known. It is no part of the identity either.
	Edge Spread `json:"filled_edge,omitzero" identity:"omitzero"`
}

// Spread is mean, standard deviation and maximum of a number over measurements.
type Spread struct {
	// mean over measurements
	Mean float64 `json:"mean"`
	// standard deviation over measurements
	Std float64 `json:"std"`
	// largest value over measurements
	Max float64 `json:"max"`
}

// Normalization maps physical values to [0, 1] by the extremes over the
// training set.
type Normalization struct {
	// physical value of the field that is normalized to 0
	XMin float64 `json:"x_min"`
	// physical value of the field that is normalized to 1
	XMax float64 `json:"x_max"`
	// physical value of the measurement that is normalized to 0
	YMin float64 `json:"y_min"`
	// physical value of the measurement that is normalized to 1
	YMax float64 `json:"y_max"`

	// Fields describes several fields of x, each of which has a range of its
	// own; XMin is then 0 and XMax 1. Empty: x is one field.
	Fields []Field `json:"fields,omitempty"`
}

// Field describes one of several fields of x, and the range of its values that
// is normalized to [0, 1].
type Field struct {
	// name of the field
	Name string `json:"name"`
	// unit of x_min and x_max
	Unit string `json:"unit"`
	// physical value that is normalized to 0
	Min float64 `json:"x_min"`
	// physical value that is normalized to 1
	Max float64 `json:"x_max"`
}

// Extremes holds the smallest and the largest physical value.
type Extremes struct {
	// smallest value
	Min float64 `json:"min"`
	// largest value
	Max float64 `json:"max"`
}

// Own reports whether x is normalized by its spread, as for user-defined
// problems, and not by its extremes.
func (m *Metadata) Own() bool { return m.XExtremes != Extremes{} }

// Extremes returns the smallest and the largest normalized x of the training
// set: 0 and 1 unless x is normalized by its spread.
func (m *Metadata) Extremes() (lo, hi float64) {
	if !m.Own() {
		return 0, 1
	}
	x := []float64{m.XExtremes.Min, m.XExtremes.Max}
	if len(m.Normalization.Fields) == 0 {
		m.Normalization.NormalizeX(x, x, len(x))
	}
	return x[0], x[1]
}

// Training describes the origin of the weights. Model.Write leaves out the
// parts that differ between two trainings with the same final weights (see
// Reproducible). Files of earlier versions, and the embedded models, contain
// them.
type Training struct {
	Program string `json:"program"` // name and version
	// command line
	Command string `json:"command"`
	// seed of pairs, first weights and noise
	Seed uint64 `json:"seed"`
	// number of pairs, with the pairs held out
	Pairs int `json:"pairs"`
	// optimizer steps
	Steps int `json:"steps"`
	// samples of a step
	Batch int `json:"batch"`
	// step size of the optimizer
	LearningRate float64 `json:"learning_rate"`
	// last loss on held-out pairs
	HeldOutLoss float64 `json:"held_out_loss"`
	// time of training in seconds
	Seconds float64 `json:"seconds"`
	// processor and number of cores
	Machine string `json:"machine"`
	// number of threads; the last value if a resumed training used others;
	// absent: not known
	Threads int `json:"threads,omitempty"`
	// implementation of the numerical kernels
	Kernel string `json:"kernel"`
	// Model whose weights the training started from; empty for random weights.
	Init string `json:"init,omitempty"`
}

// Reproducible returns t without program, command, time, machine, threads and
// kernel. The result is a function of settings and pairs.
func (t Training) Reproducible() Training {
	t.Program, t.Command, t.Seconds, t.Machine, t.Threads, t.Kernel = "", "", 0, "", 0, ""
	return t
}

// XLen returns the number of values of x, of all fields.
func (m *Metadata) XLen() int { return max(1, len(m.Normalization.Fields)) * m.Rows * m.Cols }

// Known reports whether a model file has any metadata.
func (m *Metadata) Known() bool { return !reflect.ValueOf(*m).IsZero() }

// Validate returns an error about the first value that is not valid.
func (m *Metadata) Validate() error {
	if err := errors.Join(m.Calibration.Validate(), m.Bands.Validate()); err != nil {
		return err
	}
	n := m.Normalization
	for _, v := range []float64{
		m.Width, m.Height, m.Typical.Beyond.Mean, m.Typical.Beyond.Std, m.Typical.Beyond.Max,
		m.Typical.Distance.Mean, m.Typical.Distance.Std,
		m.Typical.Distance.Max, m.Typical.Noise.Mean, m.Typical.Noise.Std, m.Typical.Noise.Max,
		m.Typical.Outlier.Mean, m.Typical.Outlier.Std, m.Typical.Outlier.Max,
		m.Typical.Edge.Mean, m.Typical.Edge.Std, m.Typical.Edge.Max,
	} {
		if v-v != 0 {
			return fmt.Errorf("nn: %v among sizes and typical measurements", v)
		}
	}
	switch {
	case m.Width < 0 || m.Height < 0 || m.Typical.Count < 0:
		return fmt.Errorf("nn: %v×%v, %d typical measurements", m.Width, m.Height, m.Typical.Count)
	case strings.ContainsAny(m.Problem, "/\\."): // so that no model can name a file
		return fmt.Errorf("nn: a problem called %.80q", m.Problem)
	case m.Rows < 1 || m.Cols < 1 || m.Rows > 1<<14 || m.Cols > 1<<14:
		return fmt.Errorf("nn: images of %d×%d", m.Rows, m.Cols)
	case !m.fitsY():
		return fmt.Errorf("nn: y of %d×%d points or with %d sensors does not fit fields of %d×%d",
			m.YRows, m.YCols, len(m.Sensors), m.Rows, m.Cols)
	case !(m.NoisePercent >= 0) || math.IsInf(m.NoisePercent, 0):
		return fmt.Errorf("nn: noise of %v percent", m.NoisePercent)
	case !(n.XMin < n.XMax) || math.IsInf(n.XMax-n.XMin, 0):
		return fmt.Errorf("nn: fields normalized from [%v, %v]", n.XMin, n.XMax)
	case m.Own() && !(m.XExtremes.Min < m.XExtremes.Max) ||
		math.IsInf(m.XExtremes.Max-m.XExtremes.Min, 0):
		return fmt.Errorf("nn: extremes of x %v and %v", m.XExtremes.Min, m.XExtremes.Max)
	case slices.ContainsFunc(n.Fields, func(f Field) bool {
		return !(f.Min < f.Max) || math.IsInf(f.Max-f.Min, 0)
	}):
		return fmt.Errorf("nn: a range among those of the fields %+v is not valid", n.Fields)
	case !(n.YMin < n.YMax) || math.IsInf(n.YMax-n.YMin, 0):
		return fmt.Errorf("nn: measurements normalized from [%v, %v]", n.YMin, n.YMax)
	}
	return nil
}

// fitsY reports whether the grid of y, if there is one, has at most as many
// points as the grid of x, and whether sensors have nodes of their own.
func (m *Metadata) fitsY() bool {
	seen := make(map[int]bool, len(m.Sensors))
	for _, node := range m.Sensors {
		if node < 0 || node >= m.Rows*m.Cols || seen[node] {
			return false
		}
		seen[node] = true
	}
	if m.YRows == 0 && m.YCols == 0 {
		return true
	}
	return m.YRows >= 2 && m.YCols >= 2 && m.YRows <= m.Rows && m.YCols <= m.Cols &&
		len(m.Sensors) == 0
}

// NormalizeX sets dst = (x - XMin)/(XMax - XMin), for each of several fields
// with its own range. x holds one x of size values, or several in a row, such
// as draws. dst may be x.
func (n Normalization) NormalizeX(dst, x []float64, size int) {
	n.eachField(dst, x, size, normalize)
}

// eachField calls do for the plane of each field, of each x, with its range.
func (n Normalization) eachField(dst, x []float64, size int,
	do func(dst, x []float64, lo, hi float64)) {
	if len(n.Fields) == 0 {
		do(dst, x, n.XMin, n.XMax)
		return
	}
	if len(x) == 0 { // moments that are not known
		return
	}
	if len(x)%size != 0 || size%len(n.Fields) != 0 {
		panic(fmt.Sprintf("nn: %d values are no fields of %d values, %d each", len(x), size,
			len(n.Fields)))
	}
	plane := size / len(n.Fields)
	for i := 0; i < len(x); i += plane {
		f := n.Fields[i/plane%len(n.Fields)]
		do(dst[i:i+plane], x[i:i+plane], f.Min, f.Max)
	}
}

// XShape returns the shape of an array of fields of rows×cols, after the axes
// lead: (rows, cols), or (K, rows, cols) for several fields.
func (n Normalization) XShape(rows, cols int, lead ...int) []int {
	shape := slices.Clone(lead)
	if k := len(n.Fields); k > 0 {
		shape = append(shape, k)
	}
	return append(shape, rows, cols)
}

// WidthsX sets dst = w·(XMax - XMin): physical widths, such as standard
// deviations, from normalized ones of one x. dst may be w.
func (n Normalization) WidthsX(dst, w []float64) {
	n.eachField(dst, w, len(w), func(dst, w []float64, lo, hi float64) {
		for i, a := range w {
			dst[i] = a * (hi - lo)
		}
	})
}

// NormalizeY sets dst = (y - YMin)/(YMax - YMin). dst may be y.
func (n Normalization) NormalizeY(dst, y []float64) { normalize(dst, y, n.YMin, n.YMax) }

// PhysicalX is the inverse of NormalizeX. dst may be x.
func (n Normalization) PhysicalX(dst, x []float64, size int) {
	n.eachField(dst, x, size, denormalize)
}

// PhysicalY is the inverse of NormalizeY. dst may be y.
func (n Normalization) PhysicalY(dst, y []float64) { denormalize(dst, y, n.YMin, n.YMax) }

// normalize maps [least, greatest] to [0, 1]. It extrapolates beyond, and clips
// nothing.
func normalize(dst, v []float64, least, greatest float64) {
	for i, a := range v {
		dst[i] = (a - least) / (greatest - least)
	}
}

// denormalize is the inverse of normalize.
func denormalize(dst, v []float64, least, greatest float64) {
	for i, a := range v {
		dst[i] = least + a*(greatest-least)
	}
}

package nn

import (
	"errors"
	"fmt"
	"math"

	"csdm/autodiff"
	"csdm/internal/onnx"
)

// Names of the inputs and of the output of the network in ONNX.
const (
	onnxX     = "x"     // (N, K, H, W), noisy fields, normalized
	onnxY     = "y"     // (N, C, H, W), measurement, normalized
	onnxSigma = "sigma" // (N), noise level
	onnxScore = "score" // (N, K, H, W)
)

// ONNX returns the model as a file in ONNX: the score of normalized fields
// given normalized measurements, as Scorer computes it, with the
// standardization of y and the parameterization in the graph. Rows and Cols of
// the metadata, or of the arguments if the model has none, fix the size of the
// images. It returns an error for a model whose measurement is a phase, because
// ONNX has no operator that unwraps one, or has gaps.
func (m *Model) ONNX(program string, rows, cols int) ([]byte, error) {
	if m.Meta.Rows > 0 {
		rows, cols = m.Meta.Rows, m.Meta.Cols
	}
	p, preconditioned := m.Parameterization.(*Preconditioned)
	switch err := m.Net.arch.CheckSize(rows, cols); {
	case err != nil:
		return nil, err
	case m.Net.arch.Masked:
		return nil, errors.New("nn: the network takes measurements with gaps, which have no form " +
			"in ONNX")
	case m.Net.arch.Linear:
		return nil, errors.New("nn: the network stands on a linear estimate, which has no form " +
			"in ONNX: train one with --set network.linear=false")
	case preconditioned && p.YPeriod > 0:
		return nil, errors.New("nn: the measurement is a phase, which is unwrapped before the " +
			"network; ONNX has no operator for that")
	case !preconditioned && m.Parameterization != (Paper{}):
		return nil, fmt.Errorf("nn: the parameterization %s has no form in ONNX",
			m.Parameterization.Name())
	}
	o := &onnxGraph{Graph: onnx.New("score"), net: m.Net, rows: rows, cols: cols,
		names: map[int]string{}}
	o.Program, o.Doc = program, "Score of a normalized noisy field x given a normalized "+
		"measurement y, at the noise level sigma of x"
	n := m.Meta.Normalization
	for _, v := range []struct {
		key   string
		value float64
	}{{"x_min", n.XMin}, {"x_max", n.XMax}, {"y_min", n.YMin}, {"y_max", n.YMax}} {
		o.Properties = append(o.Properties, [2]string{v.key, fmt.Sprint(v.value)})
	}
	for k, f := range n.Fields {
		o.Properties = append(o.Properties, [2]string{fmt.Sprintf("x_range_%d", k+1),
			fmt.Sprint(f.Min, " ", f.Max)})
	}
	o.Properties = append(o.Properties, [2]string{"problem", m.Meta.Problem})
	fields := m.Net.arch.Fields()
	x := o.Input(onnxX, -1, fields, rows, cols)
	y := o.Input(onnxY, -1, m.Net.arch.YChannels, rows, cols)
	sigma := o.node("Reshape", o.Input(onnxSigma, -1), o.Ints(-1, 1, 1, 1))
	if preconditioned {
		o.preconditioned(p, x, y, sigma)
	} else {
		o.Output(onnxScore, o.node("Div", o.network(x, y, ""), sigma), -1, fields,
			rows, cols)
	}
	return o.Encode(), nil
}

// onnxGraph is the graph of a network in the making.
type onnxGraph struct {
	*onnx.Graph
	net        *Net[float32]
	rows, cols int
	names      map[int]string // of the tape's tensors
}

// node adds an operation without settings.
func (o *onnxGraph) node(op string, inputs ...string) string { return o.Node(op, inputs) }

// preconditioned adds the score of a Preconditioned network:
// −x/(σ²+σ_d²) + F σ_d/(σ √(σ²+σ_d²)).
func (o *onnxGraph) preconditioned(p *Preconditioned, x, y, sigma string) {
	d := o.Number(p.SigmaData)
	square := o.node("Add", o.node("Mul", sigma, sigma), o.Number(p.SigmaData*p.SigmaData))
	root := o.node("Sqrt", square)
	level := o.node("Mul", o.node("Log", sigma), o.Number(0.25))
	pixels := len(p.YMean) / len(p.YStd)
	mean, scale := make([]float32, len(p.YMean)), make([]float32, len(p.YStd))
	for k, v := range p.YMean {
		mean[k] = float32(v)
	}
	for k, v := range p.YStd {
		scale[k] = float32(1 / v)
	}
	shape := []int{1, len(p.YStd), 1, 1}
	if pixels > 1 {
		shape = []int{1, len(p.YStd), o.rows, o.cols}
	}
	y = o.node("Sub", y, o.Floats("", mean, shape...))
	y = o.node("Mul", y, o.Floats("", scale, 1, len(p.YStd), 1, 1))
	f := o.network(o.node("Div", x, root), y, level)
	o.Output(onnxScore, o.node("Sub", o.node("Div", o.node("Mul", f, d),
		o.node("Mul", sigma, root)), o.node("Div", x, square)), -1,
		o.net.arch.Fields(), o.rows, o.cols)
}

// network adds the network itself and returns its output F. level is ¼ ln σ, or
// empty for a network that does not read it.
func (o *onnxGraph) network(x, y, level string) string {
	tape, in, out := o.net.record(autodiff.Inference, o.rows, o.cols)
	o.weights()
	if o.net.arch.isLight() {
		o.names[in.x.image.Number()], o.names[in.y.image.Number()] = x, y
		o.names[in.level.image.Number()] = o.levelImage(x, level)
	} else {
		images := []string{x, y}
		if level != "" {
			images = append(images, o.levelImage(x, level))
		}
		o.names[in.x.image.Number()] = o.Node("Concat", images,
			onnx.Attribute{Name: "axis", Value: 1})
	}
	for _, s := range tape.Steps() {
		o.names[s.Out] = o.step(s)
	}
	return o.names[out.Number()]
}

// levelImage returns the input of the noise level: features of a light network,
// else an image of a constant.
func (o *onnxGraph) levelImage(x, level string) string {
	if !o.net.arch.isLight() {
		if o.net.arch.Fields() > 1 { // the level is one channel
			x = o.node("ReduceMean", x, o.Ints(1))
		}
		return o.node("Expand", level, o.node("Shape", x))
	}
	frequency := make([]float32, levelFeatures)
	for k := range frequency {
		frequency[k] = float32(math.Pi * float64(k) / 3.1)
	}
	l := o.node("Add", level, o.Number(1.55))
	return o.node("Cos", o.node("Mul", l, o.Floats("", frequency, 1, levelFeatures, 1, 1)))
}

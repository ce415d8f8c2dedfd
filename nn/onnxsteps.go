package nn

import (
	"maps"
	"slices"

	"csdm/autodiff"
	"csdm/internal/onnx"
)

// normEpsilon is ε of the norms.
const normEpsilon = float32(1e-5)

// weights adds the parameters as constants, in the order of their names.
// Vectors get the shape of a row of channels, except biases.
func (o *onnxGraph) weights() {
	tensors := o.net.Tensors(o.net.Flat())
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		a := tensors[name]
		shape := a.Shape
		if isNorm := len(shape) == 1 && name[len(name)-5:] != ".bias"; isNorm {
			shape = []int{1, shape[0], 1, 1}
		}
		o.Floats(name, a.F32, shape...)
	}
}

// step adds the nodes of a step of the tape and returns the result's name.
func (o *onnxGraph) step(s autodiff.Step) string {
	in := make([]string, len(s.In))
	for k, id := range s.In {
		in[k] = o.names[id]
	}
	switch s.Op {
	case autodiff.StepConv:
		return o.conv(s, in[0])
	case autodiff.StepConvAdd:
		return o.node("Add", o.conv(s, in[0]), in[1])
	case autodiff.StepNorm:
		return o.norm(s, in[0])
	case autodiff.StepNormELU:
		return o.node("Elu", o.norm(s, in[0]))
	case autodiff.StepELU:
		return o.node("Elu", in[0])
	case autodiff.StepAdd:
		return o.node("Add", in[0], in[1])
	case autodiff.StepMaxPool5:
		return o.pool("MaxPool", in[0], window{5, 1, 2})
	case autodiff.StepAvgPool5:
		return o.pool("AveragePool", in[0], window{5, 1, 2},
			onnx.Attribute{Name: "count_include_pad", Value: 1})
	case autodiff.StepMeanPool2:
		return o.pool("AveragePool", in[0], window{2, 2, 0})
	case autodiff.StepResize:
		return o.resize(s, in[0])
	case autodiff.StepGroupNormELU:
		h := o.node("Mul", o.groupNorm(s, in[0]), s.Layer+".gamma")
		return o.node("Elu", o.node("Add", h, s.Layer+".beta"))
	case autodiff.StepModulatedNormELU:
		return o.modulated(s, in[0], in[1])
	case autodiff.StepTiles:
		return o.Node("SpaceToDepth", in, onnx.Attribute{Name: "blocksize", Value: s.Side})
	case autodiff.StepUntile:
		return o.Node("DepthToSpace", in, onnx.Attribute{Name: "blocksize", Value: s.Side},
			onnx.Attribute{Name: "mode", Value: "DCR"})
	case autodiff.StepMean:
		return o.node("ReduceMean", in[0], o.Ints(2, 3))
	}
	panic("nn: no form in ONNX is known for the operation " + string(s.Op))
}

// conv is a convolution with zero padding that keeps the size.
func (o *onnxGraph) conv(s autodiff.Step, x string) string {
	pad := s.Kernel / 2 * s.Dilation
	in := []string{x, s.Layer + ".weight"}
	if s.Bias {
		in = append(in, s.Layer+".bias")
	}
	return o.Node("Conv", in, onnx.Attribute{Name: "pads", Value: []int{pad, pad, pad, pad}},
		onnx.Attribute{Name: "dilations", Value: []int{s.Dilation, s.Dilation}})
}

// window is a square window of a pool: its size, the step from one to the next,
// and the padding around the image, in pixels.
type window struct{ size, stride, pad int }

// pool is a pool of ONNX over a window.
func (o *onnxGraph) pool(op, x string, w window, more ...onnx.Attribute) string {
	kernel, stride, pad := w.size, w.stride, w.pad
	return o.Node(op, []string{x}, append(more,
		onnx.Attribute{Name: "kernel_shape", Value: []int{kernel, kernel}},
		onnx.Attribute{Name: "strides", Value: []int{stride, stride}},
		onnx.Attribute{Name: "pads", Value: []int{pad, pad, pad, pad}})...)
}

// norm is InstanceNorm++ (see autodiff.Tape.Norm).
func (o *onnxGraph) norm(s autodiff.Step, x string) string {
	mean := o.node("ReduceMean", x, o.Ints(2, 3))
	off := o.node("Sub", mean, o.node("ReduceMean", mean, o.Ints(1)))
	squares := o.node("ReduceMean", o.node("Mul", off, off), o.Ints(1))
	variance := o.node("Mul", squares, o.Number(float64(s.C)/float64(s.C-1))) // unbiased
	z := o.node("Div", off, o.node("Sqrt", o.node("Add", variance,
		o.Number(float64(normEpsilon)))))
	h := o.node("Add", o.instanceNorm(x, s.C), o.node("Mul", z, s.Layer+".alpha"))
	return o.node("Add", o.node("Mul", h, s.Layer+".gamma"), s.Layer+".beta")
}

// instanceNorm normalizes each of c channels.
func (o *onnxGraph) instanceNorm(x string, c int) string {
	return o.Node("InstanceNormalization", []string{x, o.Floats("", slices.Repeat([]float32{1}, c),
		c), o.Floats("", make([]float32, c), c)},
		onnx.Attribute{Name: "epsilon", Value: normEpsilon})
}

// groupNorm normalizes groups of neighboring channels: each group is seen as
// one channel of a row of values.
func (o *onnxGraph) groupNorm(s autodiff.Step, x string) string {
	groups := s.C / s.Group
	h := o.node("Reshape", x, o.Ints(0, groups, -1))
	return o.node("Reshape", o.instanceNorm(h, groups), o.Ints(0, s.C, s.H, s.W))
}

// modulated is ELU((1 + m₁)·x̂ + m₂), where m₁ and m₂ are the halves of m.
func (o *onnxGraph) modulated(s autodiff.Step, x, m string) string {
	half := func(from int) string {
		return o.node("Slice", m, o.Ints(from), o.Ints(from+s.C), o.Ints(1))
	}
	h := o.node("Mul", o.groupNorm(s, x), o.node("Add", half(0), o.Number(1)))
	return o.node("Elu", o.node("Add", h, half(s.C)))
}

// resize is the bilinear interpolation with the corner pixels aligned.
func (o *onnxGraph) resize(s autodiff.Step, x string) string {
	return o.Node("Resize", []string{x, "", "", o.Ints(s.H, s.W)},
		onnx.Attribute{Name: "axes", Value: []int{2, 3}},
		onnx.Attribute{Name: "mode", Value: "linear"},
		onnx.Attribute{Name: "coordinate_transformation_mode", Value: "align_corners"})
}

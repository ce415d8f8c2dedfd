package autodiff

// Step is an operation of a tape with its inputs and parameters, for a program
// that writes the network in another form.
type Step struct {
	// operation
	Op      Op
	In      []int // numbers of the tensors that it reads
	Out     int   // number of its result
	H, W, C int   // size of the result

	Layer  string // name of the parameters' layer; empty: none
	Bias   bool   // of a convolution
	Kernel int    // rows and columns of a filter
	// distance of a filter's taps in pixels
	Dilation int
	Group    int // channels of a group of a group norm
	Side     int // of tiles
}

// Op is the kind of a Step.
type Op string

// The operations; a method of Tape of the same name records each.
const (
	StepConv             Op = "Conv"
	StepConvAdd          Op = "ConvAdd"
	StepNorm             Op = "Norm"
	StepNormELU          Op = "NormELU"
	StepELU              Op = "ELU"
	StepAdd              Op = "Add"
	StepMaxPool5         Op = "MaxPool5"
	StepAvgPool5         Op = "AvgPool5"
	StepMeanPool2        Op = "MeanPool2"
	StepResize           Op = "Resize"
	StepGroupNormELU     Op = "GroupNormELU"
	StepModulatedNormELU Op = "ModulatedNormELU"
	StepTiles            Op = "Tiles"
	StepUntile           Op = "Untile"
	StepMean             Op = "Mean"
)

// stepOps has the exported name of each operation.
var stepOps = [...]Op{opConv: StepConv, opConvAdd: StepConvAdd, opNorm: StepNorm,
	opNormELU: StepNormELU, opELU: StepELU, opAdd: StepAdd, opMaxPool5: StepMaxPool5,
	opAvgPool5: StepAvgPool5, opMeanPool2: StepMeanPool2, opResize: StepResize,
	opGroupNormELU: StepGroupNormELU, opModulatedNormELU: StepModulatedNormELU,
	opTiles: StepTiles, opUntile: StepUntile, opMean: StepMean}

// Steps returns the operations in the order of the forward pass.
func (t *Tape[F]) Steps() []Step {
	steps := make([]Step, len(t.nodes))
	for i, n := range t.nodes {
		s := Step{Op: stepOps[n.op], Out: n.out.id, H: n.out.H, W: n.out.W, C: n.out.C,
			Side: n.side}
		for _, x := range n.in {
			if x != nil {
				s.In = append(s.In, x.id)
			}
		}
		switch {
		case n.conv != nil:
			s.Layer, s.Bias, s.Kernel, s.Dilation = n.conv.Name, n.conv.bias, 1, n.conv.dilation
			if n.conv.filter.Len() > n.in[0].C*n.out.C {
				s.Kernel = 3
			}
		case n.norm != nil:
			s.Layer = n.norm.Name
		case n.group != nil:
			s.Group = n.group.group
			if n.op == opGroupNormELU {
				s.Layer = n.group.Name
			}
		}
		steps[i] = s
	}
	return steps
}

// Number returns the number by which a Step names the tensor.
func (x *Tensor[F]) Number() int { return x.id }

package nn

import (
	"fmt"

	"csdm/autodiff"
	"csdm/internal/kernel"
)

// recorder records the network on a tape. It declares each layer in params at
// the first use, and finds the layer there by its name at later uses.
type recorder[F kernel.Float] struct {
	*autodiff.Tape[F]
	// declares and finds the layers
	params *autodiff.Parameters[F]
	// kind of the chained residual pooling
	pool Pool
}

// refineNet is F: an encoder of residual blocks, level by level, then a decoder
// that combines at each level the output of the level below with the encoder's
// output of its own level (Song and Ermon 2020, appendix A.2).
func (r recorder[F]) refineNet(a Arch, x *autodiff.Tensor[F]) *autodiff.Tensor[F] {
	levels := a.levels()
	left := make([]*autodiff.Tensor[F], len(levels))
	h := r.conv3("begin_conv", x, a.NGF, 1)
	for i, l := range levels {
		h = r.residualBlock(l.encoder+".0", h, l.width*a.NGF, l.down, l.dilation)
		h = r.residualBlock(l.encoder+".1", h, l.width*a.NGF, false, l.dilation)
		left[i] = h
	}
	bottom := len(levels) - 1
	h = r.refineBlock(levels[bottom].decoder, levels[bottom].refined*a.NGF, false, left[bottom])
	for i := bottom - 1; i >= 0; i-- {
		h = r.refineBlock(levels[i].decoder, levels[i].refined*a.NGF, i == 0, left[i], h)
	}
	return r.conv3("end_conv", r.normELU("normalizer", h), a.Fields(), 1)
}

// residualBlock is conv2(ELU(norm2(conv1(ELU(norm1 x))))) + shortcut(x), to c
// channels. With down it halves the image, or, where dilation is not 1, keeps
// the size and widens the receptive field by dilation.
func (r recorder[F]) residualBlock(name string, x *autodiff.Tensor[F], c int, down bool,
	dilation int) *autodiff.Tensor[F] {
	middle := c
	if down {
		middle = x.C
	}
	h := r.normELU(name+".normalize1", x)
	h = r.conv3(name+".conv1", h, middle, dilation)
	h = r.normELU(name+".normalize2", h)
	switch {
	case down && dilation == 1:
		// The 1×1 convolution of the shortcut commutes with the mean, and
		// pooling first needs a quarter of the work.
		h = r.MeanPool2(r.conv3(name+".conv2.conv", h, c, 1))
		shortcut := r.params.Conv(name+".shortcut.conv", x.C, c, 1, 1, true)
		return r.ConvAdd(shortcut, r.MeanPool2(x), h)
	case down:
		x = r.conv3(name+".shortcut", x, c, dilation)
	case x.C != c:
		x = r.Conv(r.params.Conv(name+".shortcut", x.C, c, 1, 1, true), x)
	}
	return r.ConvAdd(r.params.Conv(name+".conv2", h.C, c, 3, dilation, true), h, x)
}

// refineBlock is a refinement block of RefineNet (Lin, Milan, Shen and Reid,
// 2017) with c output channels: residual units on each input, fusion of the
// inputs at the size of the first, chained residual pooling, and residual
// units.
func (r recorder[F]) refineBlock(name string, c int, last bool,
	inputs ...*autodiff.Tensor[F]) *autodiff.Tensor[F] {
	adapted := make([]*autodiff.Tensor[F], len(inputs))
	for i, x := range inputs {
		adapted[i] = r.residualUnits(fmt.Sprintf("%s.adapt_convs.%d", name, i), x, 2, 2)
	}
	h := adapted[0]
	if len(inputs) > 1 {
		h = r.fuse(name+".msf", adapted, c)
	}
	h = r.chainedPooling(name+".crp", h, 2)
	units := 1
	if last {
		units = 3
	}
	return r.residualUnits(name+".output_convs", h, units, 2)
}

// residualUnits (RCU) is a chain of units x + conv(ELU(… conv(ELU x))), each
// with the given number of convolutions.
func (r recorder[F]) residualUnits(name string, x *autodiff.Tensor[F],
	units, stages int) *autodiff.Tensor[F] {
	for unit := 1; unit <= units; unit++ {
		h := x
		for stage := 1; stage <= stages; stage++ {
			l := r.params.Conv(fmt.Sprintf("%s.%d_%d_conv", name, unit, stage), x.C, x.C, 3, 1,
				false)
			h = r.ELU(h)
			if stage < stages {
				h = r.Conv(l, h)
			} else {
				h = r.ConvAdd(l, h, x)
			}
		}
		x = h
	}
	return x
}

// fuse (MSF) is the sum of convolutions of the inputs to c channels, each
// resized to the size of the first.
func (r recorder[F]) fuse(name string, inputs []*autodiff.Tensor[F], c int) *autodiff.Tensor[F] {
	first := inputs[0]
	var sum *autodiff.Tensor[F]
	for i := len(inputs) - 1; i >= 0; i-- {
		l := r.params.Conv(fmt.Sprintf("%s.convs.%d", name, i), inputs[i].C, c, 3, 1, true)
		sameSize := inputs[i].H == first.H && inputs[i].W == first.W
		switch {
		case sum != nil && sameSize:
			sum = r.ConvAdd(l, inputs[i], sum)
		case sum != nil:
			sum = r.Add(sum, r.Resize(r.Conv(l, inputs[i]), first.H, first.W))
		default:
			sum = r.Resize(r.Conv(l, inputs[i]), first.H, first.W)
		}
	}
	return sum
}

// chainedPooling (CRP) is x + p₁ + p₂ + … of x = ELU(input), pₖ =
// conv(pool(pₖ₋₁)), p₀ = x.
func (r recorder[F]) chainedPooling(name string, x *autodiff.Tensor[F],
	stages int) *autodiff.Tensor[F] {
	x = r.ELU(x)
	p := x
	for stage := range stages {
		l := r.params.Conv(fmt.Sprintf("%s.convs.%d", name, stage), x.C, x.C, 3, 1, false)
		if r.pool == AvgPool {
			p = r.AvgPool5(p)
		} else {
			p = r.MaxPool5(p)
		}
		if stage == stages-1 {
			return r.ConvAdd(l, p, x)
		}
		p = r.Conv(l, p)
		x = r.Add(x, p)
	}
	return x
}

// conv3 is a 3×3 convolution with bias to c channels.
func (r recorder[F]) conv3(name string, x *autodiff.Tensor[F],
	c, dilation int) *autodiff.Tensor[F] {
	return r.Conv(r.params.Conv(name, x.C, c, 3, dilation, true), x)
}

// normELU is ELU(InstanceNorm++ x).
func (r recorder[F]) normELU(name string, x *autodiff.Tensor[F]) *autodiff.Tensor[F] {
	return r.NormELU(r.params.Norm(name, x.C), x)
}

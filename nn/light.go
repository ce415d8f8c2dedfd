package nn

import (
	"fmt"
	"math"

	"csdm/autodiff"
)

// The light network: an encoder of the measurement that runs once per
// measurement, and a U-shaped denoiser that runs at every noise level.
//
//	y ─ tiles ─ blocks ─ half ─ blocks ─ half ─ blocks ── mean ──┐
//	            │  ↖──────────── │  ↖──────────── │              │ steers
//	            E₀               E₁ (sums from below)            ▼
//	x̃ ─ block ─ tiles + E₀ ─ block ─ half + E₁ ─ blocks      every block,
//	     │                    │                     │        beside ¼ ln σ
//	    out ← block ← + ← tiles ← blocks ← + ← twice the size
//
// Most of the work is done on tiles of t×t pixels. One path of g channels stays
// at full resolution, to keep edges sharp. Every block normalizes in groups of
// channels. Its second norm is scaled and shifted by features of the noise
// level and of the mean of the encoder's lowest features. The last convolution
// of a block starts at zero, so a new network is close to the sum of its skip
// connections.

// lightShape holds the numbers in which the light variants differ.
type lightShape struct {
	tile   int  // side of a tile, in pixels
	scales int  // resolutions of the denoiser below the full one
	early  bool // a block at full resolution before the tiles
}

// The blocks at full resolution take most of the time of large images, so that
// light4 has only the one that sharpens edges at the end. Its tiles are of x̃
// itself.
var lightShapes = map[Variant]lightShape{
	Light:  {tile: 2, scales: 2, early: true},
	Light4: {tile: 4, scales: 3},
}

const (
	normGroup     = 8  // channels per group; 4g, 2g and g are multiples
	levelFeatures = 16 // features of the noise level
)

// width returns the number of channels of a scale below the full resolution: 2g
// on tiles, 4g below.
func (s lightShape) width(scale, g int) int {
	if scale == 0 {
		return 2 * g
	}
	return 4 * g
}

// setLevelFeatures sets dst to features of l = ¼ ln σ: cosines of rising
// frequency over the range of l, for σ between 0.002 and 400.
func setLevelFeatures[F ~float32 | ~float64](dst []F, level float64) {
	for k := range dst {
		dst[k] = F(math.Cos(math.Pi * float64(k) * (level + 1.55) / 3.1))
	}
}

// light records the network on the tape: x, y and the features of the noise
// level.
func (r recorder[F]) light(a Arch, x, y, level *autodiff.Tensor[F]) *autodiff.Tensor[F] {
	s, g := lightShapes[a.Variant], a.NGF
	features, mean := r.lightEncoder(s, g, y)
	r.EndPrefix()

	e := r.ELU(r.conv1("embed.level", level, 4*g))
	e = r.ELU(r.ConvAdd(r.params.Conv("embed.y", mean.C, 4*g, 1, 1, true), mean,
		r.conv1("embed.level2", e, 4*g)))

	full, h := r.conv3("begin_conv", x, g, 1), x
	if s.early {
		full = r.lightBlock("full.0", full, e)
		h = full
	}
	skips := make([]*autodiff.Tensor[F], s.scales)
	for i := range s.scales {
		if i == 0 {
			h = r.Tiles(h, s.tile)
		} else {
			h = r.MeanPool2(h)
		}
		name := fmt.Sprintf("down.%d", i)
		h = r.ConvAdd(r.params.Conv(name+".join", h.C, s.width(i, g), 1, 1, true), h, features[i])
		h = r.lightBlock(name+".0", h, e)
		skips[i] = h
	}
	h = r.lightBlock("bottom", h, e)
	for i := s.scales - 2; i >= 0; i-- {
		name := fmt.Sprintf("up.%d", i)
		h = r.conv1(name+".join", h, s.width(i, g))
		h = r.Add(skips[i], r.Resize(h, skips[i].H, skips[i].W))
		h = r.lightBlock(name+".0", h, e)
		h = r.lightBlock(name+".1", h, e)
	}
	h = r.Untile(r.conv1("untile", h, s.tile*s.tile*g), s.tile)
	h = r.lightBlock("full.1", r.Add(full, h), e)
	return r.conv3("end_conv", r.GroupNormELU(r.params.GroupNorm("normalizer", g, normGroup), h),
		a.Fields(), 1)
}

// lightEncoder returns the features of the measurement at each scale of the
// denoiser, and the mean of the features at one scale more.
func (r recorder[F]) lightEncoder(s lightShape, g int,
	y *autodiff.Tensor[F]) (features []*autodiff.Tensor[F], mean *autodiff.Tensor[F]) {
	h := r.conv3("encoder.begin_conv", r.Tiles(y, s.tile), s.width(0, g), 1)
	for i := range s.scales + 1 {
		name := fmt.Sprintf("encoder.%d", i)
		if i > 0 {
			h = r.conv1(name+".down", r.MeanPool2(h), s.width(i, g))
		}
		h = r.lightBlock(name+".0", h, nil)
		h = r.lightBlock(name+".1", h, nil)
		features = append(features, h)
	}
	mean = r.Mean(h)
	for i := s.scales - 1; i >= 0; i-- {
		below := r.conv1(fmt.Sprintf("encoder.%d.up", i), features[i+1], features[i].C)
		features[i] = r.Add(features[i], r.Resize(below, features[i].H, features[i].W))
	}
	return features[:s.scales], mean
}

// lightBlock is x + conv2(ELU(norm2(conv1(ELU(norm1 x))))). The features e,
// unless nil, set scale and shift of norm2.
func (r recorder[F]) lightBlock(name string, x, e *autodiff.Tensor[F]) *autodiff.Tensor[F] {
	h := r.GroupNormELU(r.params.GroupNorm(name+".norm1", x.C, normGroup), x)
	h = r.conv3(name+".conv1", h, x.C, 1)
	if e == nil {
		h = r.GroupNormELU(r.params.GroupNorm(name+".norm2", x.C, normGroup), h)
	} else {
		h = r.ModulatedNormELU(h, r.conv1(name+".modulate", e, 2*x.C), normGroup)
	}
	return r.ConvAdd(r.params.Conv(name+".conv2", x.C, x.C, 3, 1, true), h, x)
}

// conv1 is a 1×1 convolution with bias to c channels.
func (r recorder[F]) conv1(name string, x *autodiff.Tensor[F], c int) *autodiff.Tensor[F] {
	return r.Conv(r.params.Conv(name, x.C, c, 1, 1, true), x)
}

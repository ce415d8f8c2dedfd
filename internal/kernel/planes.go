package kernel

import "unsafe"

// ConvPlanes is a convolution of a small h×w image by Winograd's filtering, or
// backward the gradient of its input, in three stages, each in the same number
// of parts. The parts of a stage may run at the same time, after all parts of
// the stage before. First the parts transform tiles, then they multiply planes,
// then they transform tiles back.
//
// To multiply all tiles of a few planes, a part reads a few planes of the
// filter. To compute a few tiles, as ForwardPart does, it reads the whole
// filter, which takes longer than a few tiles.
type ConvPlanes[F Float] struct {
	Filter      *Filter[F]
	Backward    bool
	H, W, Parts int
}

const planesStages = 3

// Stages returns the number of stages.
func (ConvPlanes[F]) Stages() int { return planesStages }

// Pays reports whether a convolution is faster by planes than by ForwardPart.
func (v ConvPlanes[F]) Pays() bool { return v.pays(4) }

// pays compares the values of the filter that a part need not read with the
// values of tiles that the parts exchange, which count margin times.
func (v ConvPlanes[F]) pays(margin int) bool {
	f := v.Filter.tiled
	if f == nil || v.Parts == 1 || f.method(v.H, v.W, convolveOverhead) != Winograd {
		return false
	}
	g := newWinogradGrid(v.H, v.W, f.dilation)
	return margin*g.tiles*(f.cin+f.cout) < v.Parts*f.cin*f.cout
}

// Shared returns the number of elements that the parts share.
func (v ConvPlanes[F]) Shared() int {
	f := v.Filter.tiled
	tiles := newWinogradGrid(v.H, v.W, f.dilation).tiles
	in, _ := winogradPlanes(tiles, f.cin)
	out, _ := winogradPlanes(tiles, f.cout)
	return lineFloats + in + out
}

// ConvMemory is the memory of a ConvPlanes: the arguments of Forward, or
// backward of GradInput, and the memory that the parts share, of length Shared.
// Each part has scratch of its own.
type ConvMemory[F Float] struct {
	Dst, X, Bias    []F
	Add             bool
	Shared, Scratch []F
}

// RunPart computes one part of a stage; both count from 0.
func (v ConvPlanes[F]) RunPart(stage, part int, m ConvMemory[F]) {
	const op = "ConvPlanes.RunPart"
	f, p := v.Filter.tiled, Piece{part, v.Parts}
	p.check(op)
	need(op, "shared memory", len(m.Shared), v.Shared())
	u, cin, cout := f.forwardPlanes, f.cin, f.cout
	if v.Backward {
		u, cin, cout = f.backwardPlanes, cout, cin
	}
	g := newWinogradGrid(v.H, v.W, f.dilation)
	inSize, inPlane := winogradPlanes(g.tiles, cin)
	outSize, outPlane := winogradPlanes(g.tiles, cout)
	in, rest := take(aligned(as32(m.Shared)), inSize)
	out, _ := take(rest, outSize)
	room, scratch := take(aligned(as32(m.Scratch)), roomTile)
	from, to := p.of(g.tiles)
	switch {
	case stage == 1:
		multiplyPlanes(winogradPacked{u, cin, cout}, winogradProduct{
			a: unsafe.Pointer(&in[0]), c: unsafe.Pointer(&out[0]),
			aRow: 4 * cin, cRow: 4 * cout, aPlane: 4 * inPlane, cPlane: 4 * outPlane,
			rows: g.tiles, k: cin,
		}, p)
	case from == to:
	case stage == 0:
		zeros := scratch[:v.W*cin]
		clear(zeros)
		g.transform(&winogradSource{x: as32(m.X), c: cin, v: in[from*cin:], plane: inPlane,
			zeros: zeros, room: room}, from, to-from)
	default:
		bias := as32(m.Bias)
		if bias == nil {
			bias = scratch[:cout]
			clear(bias)
		}
		g.store(&winogradTarget{dst: as32(m.Dst), channels: cout, cols: cout,
			tiles: out[from*cout:], plane: outPlane, bias: bias, add: m.Add, room: room}, from,
			to-from)
	}
}

// multiplyPlanes computes a piece of the products of tiles with a filter: a
// range of the panels of all planes.
func multiplyPlanes(f winogradPacked, all winogradProduct, p Piece) {
	width, size := tileCols, f.cin*f.cout+planeSkew
	if useAVX512 {
		width = 2 * tileCols
	}
	panels := ceil(f.cout, width)
	from, to := p.of(planes * panels)
	for i := from; i < to; i++ {
		a, plane, col := all, i/panels, i%panels*width
		a.a, a.c = unsafe.Add(a.a, plane*a.aPlane), unsafe.Add(a.c, plane*a.cPlane+4*col)
		a.b = unsafe.Pointer(&f.u[plane*size+col*f.cin])
		a.panels, a.planes = min(width, f.cout-col)/tileCols, 1
		winogradMultiplyVector(&a)
	}
}

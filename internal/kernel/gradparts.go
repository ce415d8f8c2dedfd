package kernel

import "unsafe"

// The gradients of one image by several goroutines, with the bits of one. A
// value that sums over pixels stays with one goroutine, or is summed over the
// same chunks in the same order.

// GradInputPart computes a piece of GradInput, or without add a piece of
// SetGradInput. Without vector kernels the last part does all of the work.
func (f *Filter[F]) GradInputPart(dx, dy []F, h, w int, add bool, p Piece, scratch []F) {
	f.check("Filter.GradInputPart", dy, dx, nil, h, w, scratch)
	p.check("Filter.GradInputPart")
	switch t := f.tiled; {
	case t != nil:
		t.run(true, convolution{as32(dx), as32(dy), nil, h, w, add, p, as32(scratch)})
	case p.Part < p.Parts-1:
	case add:
		f.GradInput(dx, dy, h, w, scratch)
	default:
		f.SetGradInput(dx, dy, h, w, scratch)
	}
}

// WeightsGrad is GradWeights of an h×w image in stages, each in the same number
// of parts. The parts of a stage may run at the same time, after all parts of
// the stage before. Without vector kernels the first part does all of the work.
//
// By the direct method, the parts copy x and dy as the kernels need them; then
// they compute the weights, each a sum over all pixels.
//
// By Winograd's filtering, the parts transform a run of tiles, tile by tile;
// then they multiply them, plane by plane; and so on, run by run. The last
// stage transforms the products back.
type WeightsGrad[F Float] struct {
	Filter      *Filter[F]
	H, W, Parts int
}

// Stages returns the number of stages.
func (g WeightsGrad[F]) Stages() int {
	if g.Filter.tiled == nil {
		return 1
	}
	if g.direct() {
		return 2
	}
	grid := g.grid()
	return 2*ceil(grid.tiles, g.run(&grid)) + 1
}

// Shared returns the number of elements that the parts share. They must be zero
// before the first use.
func (g WeightsGrad[F]) Shared() int {
	f := g.Filter
	if f.tiled == nil {
		return 0
	}
	if g.direct() {
		return g.biasFloats() + lineFloats + f.tiled.gradCopiesFloats(g.H, g.W)
	}
	grid := g.grid()
	n := g.run(&grid)
	v, _ := winogradPlanes(n, f.cin)
	e, _ := winogradPlanes(n, f.cout)
	du, _ := winogradPlanes(f.cin, f.cout)
	return g.biasFloats() + lineFloats + v + e + du
}

// biasFloats is the room for the sums of the gradient of the bias.
func (g WeightsGrad[F]) biasFloats() int { return NormSums(g.H*g.W, g.Filter.cout) }

func (g WeightsGrad[F]) direct() bool {
	return g.Filter.tiled.method(g.H, g.W, gradOverhead) == Direct
}

func (g WeightsGrad[F]) grid() winogradGrid {
	return newWinogradGrid(g.H, g.W, g.Filter.dilation)
}

// run returns the number of tiles of a run: a block for each part.
func (g WeightsGrad[F]) run(grid *winogradGrid) int {
	return min(grid.tiles, g.Parts*winogradBlock(grid.tiles, g.Filter.cin, g.Filter.cout))
}

// RunPart computes one part of a stage; part counts from 0. dw, dbias, x, dy
// and scratch are as for GradWeights.
func (g WeightsGrad[F]) RunPart(stage, part int, dw, dbias, x, dy, shared, scratch []F) {
	f := g.Filter
	p := Piece{part, g.Parts}
	p.check("WeightsGrad.RunPart")
	if f.tiled == nil {
		if part == 0 {
			f.GradWeights(dw, dbias, x, dy, g.H, g.W, scratch)
		}
		return
	}
	need("WeightsGrad.RunPart", "shared memory", len(shared), g.Shared())
	sums, room := take(as32(shared), g.biasFloats())
	switch {
	case dbias == nil:
	case stage == 0:
		biasGradPart(sums, as32(dy), g.H*g.W, f.cout, p)
	case stage == 1 && part == 0:
		biasGradJoin(as32(dbias), sums, g.H*g.W, f.cout)
	}
	if g.direct() {
		copies := aligned(room)
		if stage == 0 {
			f.tiled.gradCopies(copies, as32(x), as32(dy), g.H, g.W, p)
			return
		}
		f.tiled.gradProducts(as32(dw), as32(x), as32(dy), g.H, g.W, copies,
			aligned(as32(scratch)), p)
		return
	}
	winogradGradPart(g.grid(), f.cin, f.cout, stage, p, winogradShare{as32(dw), as32(x), as32(dy),
		room, as32(scratch)})
}

// winogradShare is the memory of a gradient of weights.
type winogradShare struct{ dw, x, dy, shared, scratch []float32 }

// winogradGradPart is a part of winogradGradWeights. It multiplies the blocks
// of that function one by one, and so sums in the same order.
func winogradGradPart(g winogradGrid, cin, cout, stage int, p Piece, s winogradShare) {
	block := winogradBlock(g.tiles, cin, cout)
	run := min(g.tiles, p.Parts*block)
	vSize, vPlane := winogradPlanes(run, cin)
	eSize, ePlane := winogradPlanes(run, cout)
	duSize, duPlane := winogradPlanes(cin, cout)
	v, rest := take(aligned(s.shared), vSize)
	e, rest := take(rest, eSize)
	du, _ := take(rest, duSize)
	room, scratch := take(aligned(s.scratch), roomTile)
	first := stage / 2 * run
	n := min(run, g.tiles-first)
	switch {
	case n <= 0:
		from, to := p.of(cin * cout / 16) // AVX-512 needs an even number of eights
		if from < to {
			winogradFilterGradientVector(&winogradWeights{
				taps: unsafe.Pointer(&s.dw[16*from]), planes: unsafe.Pointer(&du[16*from]),
				room: unsafe.Pointer(&room[0]),
				tap:  4 * cin * cout, plane: 4 * duPlane, vectors: 2 * (to - from),
			})
		}
	case stage%2 == 0:
		from, to := p.of(n)
		zeros := scratch[:g.w*max(cin, cout)]
		clear(zeros)
		in := winogradSource{x: s.x, c: cin, v: v[from*cin:], plane: vPlane, zeros: zeros,
			room: room}
		out := winogradSource{x: s.dy, c: cout, v: e[from*cout:], plane: ePlane, zeros: zeros,
			room: room}
		out.gradient = true
		g.transform(&in, first+from, to-from)
		g.transform(&out, first+from, to-from)
	default:
		// A part is a range of the panels of all planes: some of a plane, then
		// whole planes, then some of a plane.
		panels := cout / tileCols
		from, to := p.of(planes * panels)
		for from < to {
			plane, panel := from/panels, from%panels
			wide, high := min(panels-panel, to-from), 1
			if wide == panels {
				high = (to - from) / panels
			}
			col := panel * tileCols
			for t := 0; t < n; t += block {
				winogradOuterVector(&winogradProduct{
					a:    unsafe.Pointer(&v[plane*vPlane+t*cin]),
					b:    unsafe.Pointer(&e[plane*ePlane+t*cout+col]),
					c:    unsafe.Pointer(&du[plane*duPlane+col]),
					aRow: 4 * cin, bRow: 4 * cout, cRow: 4 * cout,
					aPlane: 4 * vPlane, bPlane: 4 * ePlane, cPlane: 4 * duPlane,
					rows: cin, k: min(block, n-t), panels: wide, planes: high,
					add: flag(first+t > 0),
				})
			}
			from += wide * high
		}
	}
}

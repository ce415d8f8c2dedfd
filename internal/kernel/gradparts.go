package kernel

import "unsafe"

// The gradients of one image by several goroutines, with the bits of one. A
// value that sums over pixels stays with one goroutine, or is summed over the
// same chunks in the same order.

// GradInputPart computes a piece of GradInput, or without add a piece of
// SetGradInput. Without vector kernels the last part does all of the work.
func (f *Filter[F]) GradInputPart(dx []F, dy Image[F], add bool, p Piece, scratch []F) {
	h, w := dy.H, dy.W
	f.check("Filter.GradInputPart", dy.Data, dx, nil, h, w, scratch)
	p.check("Filter.GradInputPart")
	switch t := f.tiled; {
	case t != nil:
		t.run(true, convolution{as32(dx), as32(dy.Data), nil, h, w, add, p, as32(scratch)})
	case p.Part < p.Parts-1:
	case add:
		f.GradInput(dx, dy.Data, h, w, scratch)
	default:
		f.SetGradInput(dx, dy.Data, h, w, scratch)
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

// partBlocks is the largest number of blocks of a run for each part. Fewer and
// longer runs need fewer synchronizations, and more memory.
const partBlocks = 4

// run returns the number of tiles of a run, whole blocks: all runs have about
// as many.
func (g WeightsGrad[F]) run(grid *winogradGrid) int {
	block := winogradBlock(grid.tiles, g.Filter.cin, g.Filter.cout)
	blocks := ceil(grid.tiles, block)
	runs := ceil(blocks, partBlocks*g.Parts)
	return min(grid.tiles, ceil(blocks, runs)*block)
}

// GradMemory is the memory of a WeightsGrad: the arguments of GradWeights, and
// the memory that the parts share, of length WeightsGrad.Shared. Each part has
// scratch of its own.
type GradMemory[F Float] struct {
	DW, DBias, X, DY []F
	Shared, Scratch  []F
}

// RunPart computes one part of a stage; part counts from 0.
func (g WeightsGrad[F]) RunPart(stage, part int, m GradMemory[F]) {
	f := g.Filter
	p := Piece{part, g.Parts}
	p.check("WeightsGrad.RunPart")
	if f.tiled == nil {
		if part == 0 {
			f.GradWeights(m.DW, m.DBias, m.X, m.DY, g.H, g.W, m.Scratch)
		}
		return
	}
	need("WeightsGrad.RunPart", "shared memory", len(m.Shared), g.Shared())
	sums, room := take(as32(m.Shared), g.biasFloats())
	switch {
	case m.DBias == nil:
	case stage == 0:
		biasGradPart(sums, as32(m.DY), g.H*g.W, f.cout, p)
	case stage == 1 && part == 0:
		biasGradJoin(as32(m.DBias), sums, g.H*g.W, f.cout)
	}
	a := gradient{as32(m.DW), as32(m.X), as32(m.DY), g.H, g.W}
	if g.direct() {
		copies := aligned(room)
		if stage == 0 {
			f.tiled.gradCopies(copies, a, p)
			return
		}
		f.tiled.gradProducts(a, copies, aligned(as32(m.Scratch)), p)
		return
	}
	grid := g.grid()
	f.tiled.winogradGradPart(grid, stage, p, winogradShare{a, g.run(&grid), room,
		as32(m.Scratch)})
}

// ByPlanes reports whether the gradient of the input is best computed by
// planes, in the stages of the gradient of the weights; then these have
// ConvPlanes.Stages. This needs no synchronization of its own, so that it pays
// for larger images than a convolution by planes.
func (g WeightsGrad[F]) ByPlanes() bool {
	if g.Filter.tiled == nil || g.direct() || g.Stages() != planesStages {
		return false
	}
	return g.Input().pays(1)
}

// Input returns the gradient of the input by planes.
func (g WeightsGrad[F]) Input() ConvPlanes[F] {
	return ConvPlanes[F]{g.Filter, true, g.H, g.W, g.Parts}
}

// winogradShare is the arguments and the memory of a gradient of weights.
type winogradShare struct {
	gradient
	run             int // tiles
	shared, scratch []float32
}

// winogradGradPart is a part of winogradGradWeights. It multiplies the blocks
// of that function one by one, and so sums in the same order.
func (f *tiledFilter) winogradGradPart(g winogradGrid, stage int, p Piece, s winogradShare) {
	cin, cout := f.cin, f.cout
	block, run := winogradBlock(g.tiles, cin, cout), s.run
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

package autodiff

import (
	"fmt"

	"csdm/internal/kernel"
)

// Tiles records the image of the side×side tiles of x, in which each tile is a
// pixel of side²·C channels (space to depth). side must divide height and
// width.
func (t *Tape[F]) Tiles(x *Tensor[F], side int) *Tensor[F] {
	if side < 1 || x.H%side != 0 || x.W%side != 0 {
		panic(fmt.Sprintf("autodiff: %d×%d pixels cannot be divided into tiles of %d×%d", x.H, x.W,
			side, side))
	}
	return t.record(node[F]{op: opTiles, in: [2]*Tensor[F]{x}, side: side}, x.H/side, x.W/side,
		side*side*x.C)
}

// Untile records the inverse of Tiles (depth to space).
func (t *Tape[F]) Untile(x *Tensor[F], side int) *Tensor[F] {
	if side < 1 || x.C%(side*side) != 0 {
		panic(fmt.Sprintf("autodiff: %d channels cannot be tiles of %d×%d pixels", x.C, side, side))
	}
	return t.record(node[F]{op: opUntile, in: [2]*Tensor[F]{x}, side: side}, x.H*side, x.W*side,
		x.C/(side*side))
}

// tiles copies each tile of side×side pixels to the channels of one pixel.
func (t *Tape[F]) tiles(n *node[F]) {
	kernel.Tiles(n.out.Data, n.in[0].image(), n.side)
}

// tilesVJP adds each value of the gradient to its original place.
func (t *Tape[F]) tilesVJP(n *node[F]) {
	if x := n.in[0]; x.needsGrad {
		kernel.TilesGrad(x.gradient(), n.out.Grad, n.side)
	}
}

// untile copies the channels of each pixel to a tile.
func (t *Tape[F]) untile(n *node[F]) {
	kernel.Untile(n.out.image(), n.in[0].Data, n.side)
}

// untileVJP adds each value of the gradient to its original place.
func (t *Tape[F]) untileVJP(n *node[F]) {
	if x := n.in[0]; x.needsGrad {
		kernel.UntileGrad(x.Grad, n.out.gradient(), n.side)
	}
}

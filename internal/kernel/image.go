package kernel

import "fmt"

// An Image is a channels-last image of H×W pixels of C channels. Channel ch of
// the pixel in row r and column c is Data[(r·W + c)·C + ch].
type Image[F Float] struct {
	Data    []F
	H, W, C int
}

// size returns the number of values.
func (x Image[F]) size() int { return x.H * x.W * x.C }

// band returns a band of the rows of the image.
func (x Image[F]) band(p Piece) band {
	from, to := p.of(x.H)
	return band{x.H, x.W, x.C, from, to}
}

// check panics in the function op unless the image has pixels, and Data holds
// all of them. role names the image in the message.
func (x Image[F]) check(op, role string) {
	if x.H < 1 || x.W < 1 || x.C < 1 {
		panic(fmt.Sprintf("kernel: %s: %s of %d×%d pixels of %d channels; want at least one each",
			op, role, x.H, x.W, x.C))
	}
	need(op, role, len(x.Data), x.size())
}

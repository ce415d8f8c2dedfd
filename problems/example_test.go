package problems_test

import (
	"fmt"
	"math"

	"csdm/dataset"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Lump is a user-defined problem that combines the parts of the paper's
// problems: a stiff disc in gel, measured by the phase of light. Its x is a
// log-ratio of moduli. y is masked by tissue. The measured specimen differs
// slightly from the specimen of the pair (model error). Each simulation gives
// three images: as it is, shifted, and mirrored. The measurement is a sequence
// with one new part. Only the physics is a toy: y is the thickness divided by
// the modulus.
type Lump struct{}

const (
	side   = 12
	images = 3
	gel    = 1.0 // kPa
)

func (Lump) Spec() *problems.Spec {
	return &problems.Spec{
		Name: "lump", Title: "Lump in gel", Rows: side, Cols: side, YChannels: 1, Width: 1,
		Height: 1, LengthUnit: "mm",
		XName: "modulus over the gel's", XUnit: "decades", YName: "phase", YUnit: "rad",
		ImagesPerSimulation: images,
	}
}

func (Lump) Measurement() priors.Measurement {
	return priors.Sequence{Flicker{0.05}, priors.Gaussian{Std: 0.1}, priors.Wrap{}}
}

// Flicker dims or brightens a whole measurement. A new measurement needs no
// more than this.
type Flicker struct{ Std float64 }

func (f Flicker) Sample(dst, y []float64, s *rng.Stream) {
	gain := 1 + f.Std*s.Normal()
	for i, v := range y {
		dst[i] = gain * v
	}
}

func (f Flicker) String() string { return fmt.Sprintf("flicker of %g", f.Std) }

func (p Lump) NewGenerator() (problems.Generator, error) { return p, nil }

func (Lump) Pair(x, y []float64, seed, i uint64) error {
	simulation, image := i/images, i%images
	s := rng.New(seed, rng.Prior, simulation, 0)
	disc := priors.Disc{X: s.Uniform(0.4, 0.6), Y: s.Uniform(0.4, 0.6), Radius: 0.2,
		Inside: s.Uniform(2, 8), Outside: gel}
	if image > 0 { // the window moves a sixth to the left
		disc.X += 1. / 6
	}
	grid := priors.Grid{Rows: side, Cols: side, Width: 1, Height: 1}
	disc.Rasterize(x, grid)
	measured := disc
	measured.Inside *= rng.New(seed, rng.Shift, simulation, 0).Uniform(0.8, 1.2) // model error
	measured.Rasterize(y, grid)
	for k, e := range y {
		y[k] = 10 / e
		x[k] /= gel
	}
	priors.Mask(y, y, x, 1)
	for k, ratio := range x {
		x[k] = math.Log10(ratio)
	}
	if image == 2 {
		for _, plane := range [][]float64{x, y} {
			mirror(plane)
		}
	}
	return nil
}

// mirror exchanges left and right.
func mirror(plane []float64) {
	for r := range side {
		row := plane[r*side : (r+1)*side]
		for c := range side / 2 {
			row[c], row[side-1-c] = row[side-1-c], row[c]
		}
	}
}

func Example_ownProblem() {
	var p Lump
	fmt.Println(p.Measurement())
	g, err := p.NewGenerator()
	if err != nil {
		fmt.Println(err)
		return
	}
	x, y := make([]float64, side*side), make([]float64, side*side)
	var lefts [images]int // stiff pixels on the left
	for i := range uint64(images) {
		if err := g.Pair(x, y, 1, i); err != nil {
			fmt.Println(err)
			return
		}
		for k, v := range x {
			if v > 0 && k%side < side/2 {
				lefts[i]++
			}
			if (v > 0) != (y[k] > 0) {
				fmt.Println("the mask does not fit")
			}
		}
	}
	fmt.Println("the shift leaves less on the left, the mirror brings it back:",
		lefts[1] < lefts[0], lefts[2] > lefts[0])

	problems.Measure(p.Measurement(), y, y, 1, 0)
	inside := true
	for _, v := range y {
		inside = inside && -math.Pi < v && v <= math.Pi
	}
	fmt.Println("phases are wrapped:", inside)

	fmt.Println("of 100 images 10 or more held out, whole simulations:",
		100-dataset.Split(100, 10, images))
	// Output:
	// flicker of 0.05, then Gaussian of standard deviation 0.1, then wrapped to (−π, π]
	// the shift leaves less on the left, the mirror brings it back: true true
	// phases are wrapped: true
	// of 100 images 10 or more held out, whole simulations: 10
}

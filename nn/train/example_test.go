package train_test

import (
	"context"
	"fmt"
	"os"

	"csdm/nn"
	"csdm/nn/train"
	"csdm/rng"
)

// squares provides pairs of a bright square of random height, and the same
// square with noise.
type squares struct{ side int }

func (s squares) draw(x, y []float32, stream *rng.Stream) error {
	height := stream.Float64()
	for k := range x {
		x[k] = 0
		if r, c := k/s.side, k%s.side; min(r, c) >= 2 && max(r, c) < s.side-2 {
			x[k] = float32(height)
		}
		y[k] = x[k] + float32(0.1*stream.Normal())
	}
	return nil
}

func (s squares) Training(x, y []float32, step, slot uint64) error {
	return s.draw(x, y, rng.New(1, rng.Order, step, slot))
}

func (s squares) HeldOut(x, y []float32, i uint64) error {
	return s.draw(x, y, rng.New(1, rng.HeldOut, i, 0))
}

func (s squares) HeldOutLen() int { return 4 }

// A small network is trained in two calls: the second one resumes from the last
// checkpoint of the first.
func ExampleRun() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	const side = 8
	par := &nn.Preconditioned{SigmaData: 0.25, YMean: []float64{0.2}, YStd: []float64{0.3}}
	settings := train.Default()
	settings.Steps, settings.Batch = 4, 4
	settings.LearningRate = 1e-3
	settings.SigmaMin, settings.SigmaMax = 0.02, 5
	settings.WarmUp, settings.Decay, settings.HeldOutEvery = 0, 0, 0
	for _, steps := range []int{4, 8} {
		net := nn.NewNet[float32](nn.Arch{NGF: 4, YChannels: 1, Extra: par.Extra(),
			Pool: nn.MaxPool, Variant: nn.Base})
		net.Init(1)
		settings.Steps = steps
		result, err := train.Run(context.Background(), train.ScoreNetwork(net, par, side, side),
			squares{side}, settings, train.Options{Folder: folder,
				Note: func(note string) { fmt.Println(note) }})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("finished step", result.Step)
	}
	// Output:
	// finished step 4
	// resumed from step 4 of 8
	// finished step 8
}

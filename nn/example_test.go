package nn_test

import (
	"bytes"
	"fmt"

	"csdm/langevin"
	"csdm/nn"
)

// The example makes a network, computes one training step, stores the network,
// reads it back and evaluates its score.
func Example() {
	arch := nn.Arch{NGF: 4, YChannels: 1, Extra: 1, Pool: nn.MaxPool, Variant: nn.Base}
	par := &nn.Preconditioned{SigmaData: 0.2, YMean: []float64{0.5}, YStd: []float64{0.3}}
	net := nn.NewNet[float32](arch)
	net.Init(1)
	fmt.Println("parameters:", len(net.Flat()))

	// One sample: a field, its measurement, noise of standard deviation
	// sigma·z.
	const rows, cols, sigma = 8, 8, 0.5
	x, y, z := make([]float32, rows*cols), make([]float32, rows*cols), make([]float32, rows*cols)
	worker := net.NewWorker(par, rows, cols)
	grads := make([]float32, len(net.Flat()))
	before := worker.LossGrad(grads, x, y, z, sigma)
	for i, g := range grads {
		net.Flat()[i] -= 1e-4 * g
	}
	net.Repack()
	fmt.Println("loss falls:", worker.Loss(x, y, z, sigma) < before)

	m := &nn.Model{Net: net, Parameterization: par, Meta: nn.Metadata{
		Problem: "example", Rows: rows, Cols: cols,
		Normalization: nn.Normalization{XMax: 1, YMax: 1},
	}, Sampling: langevin.Default()}
	m.Sampling.SigmaMax, m.Sampling.SigmaMin = 20, 0.01
	var file bytes.Buffer
	if err := m.Write(&file); err != nil {
		fmt.Println(err)
		return
	}
	m, err := nn.ReadModel(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	scorer := m.Condition(make([]float64, rows*cols))() // one for each goroutine
	score := make([]float64, rows*cols)
	if err := scorer.Score(score, make([]float64, rows*cols), sigma); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("score at", len(score), "pixels of", m.Meta.Problem)
	// Output:
	// parameters: 29613
	// loss falls: true
	// score at 64 pixels of example
}

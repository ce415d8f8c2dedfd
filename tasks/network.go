package tasks

import (
	"context"
	"fmt"

	"csdm/langevin"
	"csdm/nn"
	"csdm/nn/train"
)

// The network and its training, for all tasks.
const (
	width, blocks      = 128, 4
	blockLen           = 32 // vectors of a training sample
	batch              = 16 // blocks of a step
	sigmaMin, sigmaMax = 0.002, 20
	drawLevels         = 24  // of Heun's method
	drawBlock          = 128 // vectors of a chain
)

// network is a trained network of a task.
type network struct {
	net   *nn.MLP[float32]
	pairs *pairs
	loss  float64 // held out, mean over the noise levels
}

// trainNetwork trains a network in a folder, or resumes there.
func trainNetwork(ctx context.Context, folder string, t *Task, s Settings, threads int,
	progress func(train.StepReport)) (*network, error) {
	n := &network{pairs: newPairs(t, s.Simulations, blockLen, s.Seed)}
	arch := nn.MLPArch{X: t.X, Y: t.Y, Width: width, Blocks: blocks}
	n.net = nn.NewMLP[float32](arch)
	n.net.Init(s.Seed)
	settings := train.Default()
	settings.Steps, settings.Batch, settings.LearningRate = s.Steps, batch, 1e-3
	settings.WarmUp, settings.Decay = min(200, s.Steps), 0.7
	settings.SigmaMin, settings.SigmaMax = sigmaMin, sigmaMax
	settings.HeldOutEvery, settings.LogEvery = max(1, s.Steps/4), 100
	settings.Seed, settings.Threads = s.Seed, threads
	r, err := train.Run(ctx, train.VectorNetwork(n.net, arch, blockLen, sigmaMin, sigmaMax),
		n.pairs, settings, train.Options{Folder: folder, Progress: progress,
			Identity: map[string]string{"task": t.Name, "network": fmt.Sprintf("%+v", arch),
				"simulations": fmt.Sprint(s.Simulations)}})
	if err != nil {
		return nil, err
	}
	n.net.Load(r.EMA)
	n.loss = r.Last.Mean
	return n, nil
}

// mostRounds bounds the draws that fall outside of the prior, as a multiple of
// those inside.
const mostRounds = 20

// draw returns n draws from the network's posterior that lie inside the prior,
// and the number of draws that it made.
func (n *network) draw(ctx context.Context, y []float64, count int, seed uint64,
	threads int) (u []float64, made int, err error) {
	t := n.pairs.task
	seen, d := n.pairs.seen(y), t.X
	s := langevin.Default()
	s.Sampler, s.Levels, s.SigmaMax, s.SigmaMin = langevin.SamplerHeun, drawLevels, sigmaMax,
		sigmaMin
	s.Seed, s.Threads = seed, threads
	for len(u) < count*d {
		if made >= mostRounds*count {
			return nil, made, fmt.Errorf("%s: of %d draws of the network only %d lie inside the "+
				"prior; train for more steps", t.Name, made, len(u)/d)
		}
		s.First = made / drawBlock
		s.Draws = s.First + (count-len(u)/d)/drawBlock + 1
		_, err := langevin.Sample(ctx, func() langevin.Scorer {
			return nn.NewMLPScorer(n.net, seen, drawBlock)
		}, drawBlock*d, s, func(_ int, block []float64) error {
			n.pairs.ofU.restore(block)
			for row := 0; row < len(block); row += d {
				if one := block[row : row+d]; t.holds(one) {
					u = append(u, one...)
				}
			}
			made += drawBlock
			return nil
		})
		if err != nil {
			return nil, made, err
		}
	}
	return u[:count*d], made, nil
}

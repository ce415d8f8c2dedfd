package tasks

import (
	"context"
	"fmt"

	"csdm/langevin"
	"csdm/nn"
	"csdm/nn/train"
)

// The network and its training, for all tasks.
//
// sigmaMax is ten times the unit size of r, so that a start with noise of that
// level is close to its smoothed posterior; sigmaMin is small against any
// structure of r.
const (
	width, blocks      = 128, 4
	blockLen           = 64 // vectors of a training sample
	batch              = 4  // blocks of a step
	learningRate       = 2e-3
	sigmaMin, sigmaMax = 0.004, 10
	// Of the log-normal distribution of the noise levels
	sigmaMedian, sigmaLogStd = 0.4, 1.4

	drawLevels = 32  // of Heun's method
	drawBlock  = 128 // vectors of a chain
)

// network is a trained network of a task.
//
// loss is for the table; the draws need only the weights and the
// transformation.
type network struct {
	net   *nn.MLP[float32]
	pairs *pairs
	loss  float64 // held out, mean over the noise levels
}

// trainNetwork trains a network in a folder, or resumes there.
//
// A checkpoint in the folder has the identity of task, architecture and number
// of simulations, so that a stopped training resumes and another one is
// refused.
func trainNetwork(ctx context.Context, folder string, t *Task, s Settings, threads int,
	progress func(train.StepReport)) (*network, error) {
	n := &network{pairs: newPairs(t, s.Simulations, blockLen, s.Seed)}
	arch := nn.MLPArch{X: t.X, Y: n.pairs.dy, Width: width, Blocks: blocks}
	n.net = nn.NewMLP[float32](arch)
	n.net.Init(s.Seed)
	settings := train.Default()
	settings.Steps, settings.Batch, settings.LearningRate = s.Steps, batch, learningRate
	settings.WarmUp, settings.Decay = min(200, s.Steps), 0.7
	settings.SigmaMin, settings.SigmaMax = sigmaMin, sigmaMax
	settings.SigmaMedian, settings.SigmaLogStd = sigmaMedian, sigmaLogStd
	settings.HeldOutEvery, settings.LogEvery = max(1, s.Steps/4), 100
	settings.Seed, settings.Threads = s.Seed, threads
	r, err := train.Run(ctx, train.VectorNetwork(n.net, arch, blockLen, &settings),
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

// draw returns n draws from the network's posterior.
//
// One chain of the sampler holds drawBlock vectors, which do not interact: the
// score acts on each. The last block may be partly unused.
func (n *network) draw(ctx context.Context, y []float64, count int, seed uint64,
	threads int) (u []float64, err error) {
	d := n.pairs.task.X
	seen, mean, logScale := n.pairs.seen(y)
	s := langevin.Default()
	s.Sampler, s.Levels, s.SigmaMax, s.SigmaMin = langevin.SamplerHeun, drawLevels, sigmaMax,
		sigmaMin
	s.Seed, s.Threads, s.Draws = seed, threads, (count+drawBlock-1)/drawBlock
	_, err = langevin.Sample(ctx, func() langevin.Scorer {
		return nn.NewMLPScorer(n.net, seen, drawBlock)
	}, drawBlock*d, s, func(_ int, block []float64) error {
		for row := 0; row < len(block); row += d {
			n.pairs.affine.restore(block[row:row+d], mean, logScale)
		}
		u = append(u, block...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return u[:count*d], nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/internal/kernel"
	"csdm/internal/parallel"
	"csdm/internal/rng"
	"csdm/nn"
	"csdm/nn/train"
)

// noisePairs is a Source of random numbers: what a network makes of them does not change how long it takes.
type noisePairs struct{ seed uint64 }

func (s noisePairs) Training(x, y []float32, step, slot uint64) error {
	r := rng.New(s.seed, rng.Test, step, slot)
	for _, v := range [][]float32{x, y} {
		for i := range v {
			v[i] = float32(r.Float64())
		}
	}
	return nil
}

func (s noisePairs) HeldOut(x, y []float32, i uint64) error { return s.Training(x, y, 0, i) }
func (noisePairs) HeldOutLen() int                          { return 0 }

func (a *app) benchTrainCommand() *cobra.Command {
	var ngf, batch, size, channels, runs int
	var pool string
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Median seconds of a training step and of a forward pass of the score network",
		Long: `train times whole training steps (forward, backward, sum of gradients, Adam, EMA) and forward passes of a batch, in the
paper's parameterization on random numbers. GFLOP/s count the multiply-adds of direct convolution, border included, twice each, and
three times that for a training step; Winograd's algorithm needs fewer, so that the count may exceed the machine's peak.`,
		Example: "  csdm bench train --ngf 16 --batch 32 --size 28",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			arch := nn.Arch{NGF: ngf, YChannels: channels, Pool: nn.Pool(pool), Variant: nn.Base}
			if err := errors.Join(arch.Validate(), arch.CheckSize(size, size)); err != nil {
				return cli.Usage(err)
			}
			if batch < 1 || batch > 65_536 || size > 4096 || runs < 1 || runs > maxRuns {
				return cli.Usage(fmt.Errorf("--batch %d --size %d --runs %d: a batch of 1 to 65536, at most 4096 pixels a side and 1 to %d runs are expected", batch, size, runs, maxRuns))
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			net := nn.NewNet[float32](arch)
			net.Init(a.seed)
			step, err := timeSteps(cmd.Context(), net, size, batch, runs, env.Threads)
			if err != nil {
				return err
			}
			forward, macs, err := timeForward(cmd.Context(), net, size, batch, runs, env.Threads)
			if err != nil {
				return err
			}
			flops := 2 * float64(macs) * float64(batch)
			out := map[string]any{
				"ngf": ngf, "batch": batch, "size": size, "y_channels": channels, "threads": env.Threads, "kernel": kernel.Implementation(), "runs": runs,
				"train_step_s": step, "forward_s": forward, "train_gflops": 3 * flops / step / 1e9, "forward_gflops": flops / forward / 1e9,
				"peak_gflops_one_thread": kernel.PeakFLOPS() / 1e9,
			}
			return a.result(out, func(w io.Writer) {
				fmt.Fprintf(w, "training step %.4g s (%.0f GFLOP/s), forward %.4g s (%.0f GFLOP/s); peak of one thread %.0f GFLOP/s\n",
					step, out["train_gflops"], forward, out["forward_gflops"], out["peak_gflops_one_thread"])
			})
		},
	}
	f := cmd.Flags()
	f.IntVar(&ngf, "ngf", 32, "channels at full resolution")
	f.IntVar(&batch, "batch", 32, "samples a step")
	f.IntVar(&size, "size", 56, "pixels a side")
	f.IntVar(&channels, "y-channels", 1, "channels of the measurement")
	f.IntVar(&runs, "runs", 5, "measured runs")
	f.StringVar(&pool, "pool", "max", "max or avg")
	return cmd
}

// timeSteps returns the median time of a training step, by running the trainer itself.
func timeSteps(ctx context.Context, net *nn.Net[float32], size, batch, runs, threads int) (float64, error) {
	folder, err := os.MkdirTemp("", "csdm-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	s := train.Default()
	s.Steps, s.Batch, s.LearningRate, s.SigmaMin, s.SigmaMax, s.Threads = runs+2, batch, 1e-4, 0.01, 20, threads
	s.LogEvery, s.HeldOutEvery, s.CheckpointMinutes = 1<<30, 0, 0
	var took []float64
	last := time.Now()
	_, err = train.Run(ctx, train.ScoreNetwork(net, nn.Paper{}, size, size), noisePairs{1}, s, train.Options{
		Folder: folder,
		Progress: func(p train.Progress) {
			now := time.Now()
			if p.Step > 2 {
				took = append(took, now.Sub(last).Seconds())
			}
			last = now
		},
	})
	if err != nil {
		return 0, err
	}
	return median(took), nil
}

// timeForward returns the median time of forward passes of a batch, and the multiply-adds of one sample.
func timeForward(ctx context.Context, net *nn.Net[float32], size, batch, runs, threads int) (seconds float64, macs int, err error) {
	workers := make([]*nn.Worker[float32], threads)
	for i := range workers {
		workers[i] = net.NewEvaluator(nn.Paper{}, size, size)
	}
	n := size * size
	x, y := make([]float32, n), make([]float32, n*net.Arch().YChannels)
	if err := (noisePairs{1}).Training(x, y, 0, 0); err != nil {
		return 0, 0, err
	}
	var took []float64
	for run := range runs + 2 {
		start := time.Now()
		err := parallel.For(ctx, threads, batch, func(worker, _ int) error {
			workers[worker].Loss(x, y, x, 1)
			return nil
		})
		if err != nil {
			return 0, 0, err
		}
		if run >= 2 {
			took = append(took, time.Since(start).Seconds())
		}
	}
	return median(took), workers[0].MultiplyAdds(), nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/kernel"
	"csdm/internal/parallel"
	"csdm/nn"
	"csdm/nn/train"
)

// noisePairs is a Source of numbers between 0 and 1 without order. The time of
// training does not depend on the values, and drawing random numbers would take
// a part of it.
type noisePairs struct{ seed uint64 }

// Training fills x and y with uniform numbers of the stream of a step and slot.
func (s noisePairs) Training(x, y []float32, step, slot uint64) error {
	at := uint32(s.seed + step + slot)
	for _, v := range [...][]float32{x, y} {
		for i := range v {
			at += 2_654_435_769 // 2³² over the golden ratio
			v[i] = float32(at>>8) / (1 << 24)
		}
	}
	return nil
}

// HeldOut gives the numbers of step 0. Nothing reads them, because HeldOutLen
// is 0.
func (s noisePairs) HeldOut(x, y []float32, i uint64) error { return s.Training(x, y, 0, i) }

// HeldOutLen is 0: held-out losses would count as training time.
func (noisePairs) HeldOutLen() int { return 0 }

// noiseSample returns one sample of noisePairs.
func noiseSample(net *nn.Net[float32], size int) (x, y []float32) {
	n := size * size
	x, y = make([]float32, n), make([]float32, n*net.Arch().YChannels)
	if err := (noisePairs{1}).Training(x, y, 0, 0); err != nil {
		panic(err)
	}
	return x, y
}

// trainSpeed holds the time and the allocations of a batch with a number of
// threads.
type trainSpeed struct {
	// number of threads
	Threads int `json:"threads"`
	// seconds of a training step, median
	Step float64 `json:"train_step_s"`
	// seconds of the forward passes of a batch, median
	Forward float64 `json:"forward_s"`
	// seconds of the score of one sample with all threads, median
	Score float64 `json:"score_s"`
	// speed of a training step in GFLOP/s
	StepGFLOPS float64 `json:"train_gflops"`
	// speed of the forward passes in GFLOP/s
	ForwardGFLOPS float64 `json:"forward_gflops"`
	// measured multiply-adds of all threads at the same time, in GFLOP/s
	Peak float64 `json:"peak_gflops"`
	// bytes that a training step allocates
	StepBytes uint64 `json:"train_step_alloc_bytes"`
	// bytes that a score allocates
	ScoreBytes uint64 `json:"score_alloc_bytes"`
}

// trainBench is the result of bench train.
type trainBench struct {
	// channels at full resolution
	NGF int `json:"ngf"`
	// samples per step
	Batch int `json:"batch"`
	// pixels per side
	Size int `json:"size"`
	// channels of the measurement
	YChannels int `json:"y_channels"`
	// number of timed runs
	Runs int `json:"runs"`
	// implementation of the kernels
	Kernel string `json:"kernel"`
	trainSpeed
	// measured multiply-adds of one thread, in GFLOP/s
	PeakOne float64 `json:"peak_gflops_one_thread"`
	// largest memory of the process in bytes
	PeakMemory uint64 `json:"peak_memory_bytes"`
	// the same figures with one thread
	OneThread *trainSpeed `json:"one_thread,omitempty"`
	// profile by kind of operation, on one thread
	Ops []opRow `json:"operations"`
	// profile by layer, on one thread
	Layers []layerRow `json:"layers"`
}

// benchTrainCommand times a training step and its parts on random numbers: time
// does not depend on the values, and a benchmark needs no data.
func (a *app) benchTrainCommand() *cobra.Command {
	var ngf, batch, size, channels, runs int
	var pool, variant string
	var alone, layers bool
	var show printer[*trainBench]
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Median seconds of a training step and of a forward pass of the score network",
		Long: `train times whole training steps (forward, backward, sum of gradients, Adam, EMA) and
forward passes of a batch on random numbers, with all threads and with one. The network has the
paper's parameterization, or the preconditioned one if it is light.

GFLOP/s count two operations for each multiply-add of direct convolution, border included, and
three times as many for a training step. Winograd's algorithm needs fewer operations, so that the
count may exceed the machine's peak, which is measured with one thread and with all at the same
time. A score is of one sample with all threads. Bytes are allocations per step and per score after
the first. The profile is of one sample on one thread, with medians for each operation.`,
		Example: "  csdm bench train --ngf 16 --batch 32 --size 28",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			arch := nn.Arch{NGF: ngf, YChannels: channels, Pool: nn.Pool(pool),
				Variant: nn.Variant(variant)}
			if arch.Variant == nn.Light || arch.Variant == nn.Light4 {
				arch.Extra = (*nn.Preconditioned)(nil).Extra()
			}
			if err := errors.Join(arch.Validate(), arch.CheckSize(size, size)); err != nil {
				return cli.Usage(err)
			}
			if batch < 1 || batch > 65_536 || size > 4096 || runs < 1 || runs > maxRuns {
				return cli.Usage(fmt.Errorf("--batch is %d, --size is %d and --runs is %d; the "+
					"limits are 1 to 65536 samples, 4096 pixels per side and 1 to %d runs", batch,
					size, runs, maxRuns))
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			net := nn.NewNet[float32](arch)
			net.Init(a.seed)
			out := &trainBench{NGF: ngf, Batch: batch, Size: size, YChannels: channels, Runs: runs,
				Kernel: kernel.Implementation()}
			timed := networkTimer{net, size, batch, runs, env.Threads}
			if out.trainSpeed, err = timed.training(cmd.Context()); err != nil {
				return err
			}
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			out.PeakMemory, out.PeakOne = memory.Sys, kernel.PeakFLOPS()/1e9
			if alone && env.Threads > 1 {
				timed.threads = 1
				one, err := timed.training(cmd.Context())
				if err != nil {
					return err
				}
				out.OneThread = &one
			}
			out.Layers, out.Ops = profile(net, size, max(runs, 5))
			return show.print(out, func(w io.Writer) { out.print(w, layers) })
		},
	}
	f := cmd.Flags()
	f.IntVar(&ngf, "ngf", 32, "channels at full resolution")
	f.IntVar(&batch, "batch", 32, "samples per step")
	f.IntVar(&size, "size", 56, "pixels per side")
	f.IntVar(&channels, "y-channels", 1, "channels of the measurement")
	f.IntVar(&runs, "runs", 5, "number of timed runs")
	f.StringVar(&pool, "pool", "max", "pooling of the RefineNets, max or avg")
	f.StringVar(&variant, "variant", string(nn.Base),
		"base, deeper, deepest (RefineNet), light or light4")
	f.BoolVar(&alone, "one-thread", true, "also time one thread")
	f.BoolVar(&layers, "layers", false,
		"also print the profile layer by layer (--json always has it)")
	setFlag(cmd, nil, "pool=avg")
	demote(cmd, "", "ngf", "batch", "y-channels", "pool", "variant", "one-thread", "runs", "layers")
	show.of(a, cmd, "")
	return cmd
}

// print prints the times, the gain by threads next to the gain of bare
// multiply-adds, which is the most to be expected, and the profile.
func (b *trainBench) print(w io.Writer, layers bool) {
	fmt.Fprintf(w, "kernel %s, memory %.2f GB, multiply-adds of one thread %.0f GFLOP/s\n",
		b.Kernel, float64(b.PeakMemory)/1e9, b.PeakOne)
	t := cli.NewTable(w, "threads", "training step s", "GFLOP/s", "bytes", "forward s", "GFLOP/s",
		"score s", "bytes", "peak GFLOP/s")
	row := func(s *trainSpeed) {
		t.Row(s.Threads, s.Step, s.StepGFLOPS, s.StepBytes, s.Forward, s.ForwardGFLOPS, s.Score,
			s.ScoreBytes, s.Peak)
	}
	row(&b.trainSpeed)
	if one := b.OneThread; one != nil {
		row(one)
	}
	t.Flush()
	if one := b.OneThread; one != nil {
		fmt.Fprintf(w, "%d threads over one: training step ×%.2f, forward ×%.2f, score ×%.2f",
			b.Threads, one.Step/b.Step, one.Forward/b.Forward, one.Score/b.Score)
		if one.Peak > 0 {
			fmt.Fprintf(w, ", the machine's multiply-adds ×%.2f", b.Peak/one.Peak)
		}
		fmt.Fprintln(w)
	}
	printOps(w, b.Ops)
	if layers {
		printLayers(w, b.Layers)
	}
}

// A networkTimer measures a network on images of size×size pixels: batch
// samples at a time, runs times, with a number of threads.
type networkTimer struct {
	net                        *nn.Net[float32]
	size, batch, runs, threads int
}

// training measures training steps, forward passes and scores.
func (t networkTimer) training(ctx context.Context) (s trainSpeed, err error) {
	s.Threads, s.Peak = t.threads, peakTogether(t.threads)
	if s.Step, s.StepBytes, err = t.steps(ctx); err != nil {
		return s, err
	}
	macs := 0
	if s.Forward, macs, err = t.forward(ctx); err != nil {
		return s, err
	}
	t.runs = max(t.runs, 9)
	if s.Score, s.ScoreBytes, err = t.score(); err != nil {
		return s, err
	}
	flops := 2 * float64(macs) * float64(t.batch)
	s.StepGFLOPS, s.ForwardGFLOPS = 3*flops/s.Step/1e9, flops/s.Forward/1e9
	return s, nil
}

// benchForm returns the parameterization in which a network is timed.
func benchForm(net *nn.Net[float32]) nn.Parameterization {
	a := net.Arch()
	if a.Extra == 0 {
		return nn.Paper{}
	}
	p := &nn.Preconditioned{SigmaData: 0.25, YMean: make([]float64, a.YChannels),
		YStd: make([]float64, a.YChannels)}
	for c := range p.YStd {
		p.YStd[c] = 1
	}
	return p
}

// peakTogether measures the multiply-adds, in GFLOP/s, of threads threads at
// the same time.
func peakTogether(threads int) float64 {
	rates := make([]float64, threads)
	var all sync.WaitGroup
	for i := range rates {
		all.Go(func() { rates[i] = kernel.PeakFLOPS() / 1e9 })
	}
	all.Wait()
	sum := 0.0
	for _, r := range rates {
		sum += r
	}
	return sum
}

// allocated returns the number of bytes that the program has allocated so far.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// steps runs the trainer. It returns the median time of a training step and the
// bytes that a step allocates.
func (t networkTimer) steps(ctx context.Context) (seconds float64, bytes uint64, err error) {
	folder, err := disk.MkdirTemp("csdm-bench-")
	if err != nil {
		return 0, 0, err
	}
	defer disk.RemoveAll(folder)
	s := train.Default()
	s.Steps, s.Batch, s.Threads = t.runs+3, t.batch, t.threads
	s.LearningRate, s.SigmaMin, s.SigmaMax = 1e-4, 0.01, 20
	s.LogEvery, s.HeldOutEvery, s.CheckpointMinutes = 1<<30, 0, 0
	took := make([]float64, 0, t.runs)
	var before uint64
	var last time.Time
	network := train.ScoreNetwork(t.net, benchForm(t.net), t.size, t.size)
	_, err = train.Run(ctx, network, noisePairs{1}, s,
		train.Options{
			Folder: folder,
			Progress: func(p train.StepReport) {
				now := time.Now()
				if p.Step > 2 && p.Step < s.Steps { // the last step also writes its record
					took = append(took, now.Sub(last).Seconds())
				}
				switch p.Step {
				case 2:
					before = allocated()
				case s.Steps - 1:
					bytes = (allocated() - before) / uint64(t.runs)
				}
				last = time.Now()
			},
		})
	if err != nil {
		return 0, 0, err
	}
	return median(took), bytes, nil
}

// forward returns the median time of forward passes of a batch, and the
// multiply-adds of one sample.
func (t networkTimer) forward(ctx context.Context) (seconds float64, macs int, err error) {
	workers := make([]*nn.Worker[float32], t.threads)
	for i := range workers {
		workers[i] = t.net.NewEvaluator(benchForm(t.net), t.size, t.size)
	}
	x, y := noiseSample(t.net, t.size)
	var took []float64
	for run := range t.runs + 2 {
		start := time.Now()
		err := parallel.For(ctx, t.threads, t.batch, func(worker, _ int) error {
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

// score returns the median time of a score of one sample on all threads, and
// the bytes that a score allocates.
func (t networkTimer) score() (seconds float64, bytes uint64, err error) {
	net, size, runs, threads := t.net, t.size, t.runs, t.threads
	model := &nn.Model{Net: net, Parameterization: benchForm(net),
		Meta: nn.Metadata{Rows: size, Cols: size}}
	n := size * size
	s := model.Condition(make([]float64, n*net.Arch().YChannels))()
	s.SetThreads(threads)
	x, dst, took := make([]float64, n), make([]float64, n), make([]float64, 0, runs)
	score := func() error { return s.Score(dst, x, 1) }
	for range 2 { // the first allocates
		if err := score(); err != nil {
			return 0, 0, err
		}
	}
	before := allocated()
	for range runs {
		start := time.Now()
		if err := score(); err != nil {
			return 0, 0, err
		}
		took = append(took, time.Since(start).Seconds())
	}
	bytes = (allocated() - before) / uint64(t.runs)
	return median(took), bytes, nil
}

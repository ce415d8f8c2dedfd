package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/nn"
	"csdm/peers"
	"csdm/problems"
	"csdm/recipe"
)

func (a *app) benchPeersCommand() *cobra.Command {
	var w peers.Workload
	var rounds int
	var show printer[*peers.Result]
	cmd := &cobra.Command{
		Use:   "peers",
		Short: "Time csdm and PyTorch, ONNX Runtime and FEniCS, where they are installed",
		Long: `peers times the same work in csdm and in the programs that are installed, in turn:

  training step          forward, backward and optimizer of a batch, light network and RefineNet
  forward pass           the light network, and the RefineNet, on a batch
  draws                  posterior draws of one measurement by the light network, from the
                         measurement to mean, deviation and quantiles
  finite-element solve   plane stress with a new modulus on an unchanged mesh, one thread

A figure is the median over the rounds, and the ratio is csdm's time over the peer's. A peer that
is not installed, or that fails, is named with the reason. Run it on an idle machine: other work
changes the ratios.`,
		Example: "  csdm bench peers --size 56 --set draws=1000",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, v := range []struct {
				name        string
				value       int
				least, most int
			}{{"ngf", w.NGF, 8, 1024}, {"batch", w.Batch, 1, 65_536}, {"size", w.Size, 16, 4096},
				{"draws", w.Draws, 2, 1_000_000}, {"mesh", w.Mesh, 8, 4096},
				{"runs", w.Runs, 1, maxRuns}, {"rounds", rounds, 1, maxRuns}} {
				if v.value < v.least || v.value > v.most {
					return cli.Usage(fmt.Errorf("--%s is %d; it must be %d to %d", v.name, v.value,
						v.least, v.most))
				}
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			w.Threads = env.Threads
			own, err := newOwnTimes(cmd.Context(), &w, env)
			if err != nil {
				return err
			}
			r, err := peers.Run(cmd.Context(), w, rounds, own.measure, env.Note)
			if err != nil {
				return err
			}
			return show.print(r, func(w io.Writer) { printPeers(w, r) })
		},
	}
	f := cmd.Flags()
	f.IntVar(&w.NGF, "ngf", 16, "channels of the networks at full resolution")
	f.IntVar(&w.Batch, "batch", 32, "samples of a step and of a pass")
	f.IntVar(&w.Size, "size", 56, "pixels per side")
	f.IntVar(&w.Draws, "draws", 1000, "posterior draws of one measurement")
	f.IntVar(&w.Mesh, "mesh", 56, "nodes per side of the finite-element problem")
	f.IntVar(&w.Runs, "runs", 5, "runs behind the median of a round")
	f.IntVar(&rounds, "rounds", 3, "rounds of csdm and all peers in turn")
	setFlag(cmd, nil, "mesh=256")
	demote(cmd, "", "batch", "draws", "mesh", "ngf", "rounds", "runs")
	show.of(a, cmd, "")
	return cmd
}

// ownTimes times csdm.
type ownTimes struct {
	ctx   context.Context
	work  *peers.Workload
	env   env.Env
	model *nn.Model        // with the light network
	base  *nn.Net[float32] // the RefineNet
}

// newOwnTimes returns the timer of csdm, for networks with random weights, and
// completes the work by what depends on these networks.
func newOwnTimes(ctx context.Context, w *peers.Workload, e env.Env) (*ownTimes, error) {
	arch := nn.Arch{NGF: w.NGF, YChannels: 1, Extra: 1, Pool: nn.MaxPool, Variant: nn.Light}
	base := nn.Arch{NGF: w.NGF, YChannels: 1, Pool: nn.MaxPool, Variant: nn.Base}
	if err := errors.Join(arch.Validate(), arch.CheckSize(w.Size, w.Size), base.Validate(),
		base.CheckSize(w.Size, w.Size)); err != nil {
		return nil, cli.Usage(err)
	}
	r, err := recipe.Resolve("quasistatic", "full", problems.Options{Grid: w.Size}, 1)
	if err != nil {
		return nil, err
	}
	e.Progress = func(string, int, int, string) {}
	t := &ownTimes{ctx: ctx, work: w, env: e, model: &nn.Model{Net: nn.NewNet[float32](arch),
		Sampling: r.Sampling}, base: nn.NewNet[float32](base)}
	t.model.Net.Init(1)
	t.base.Init(1)
	t.model.Parameterization = benchForm(t.model.Net)
	t.model.Meta.Rows, t.model.Meta.Cols = w.Size, w.Size
	t.model.Meta.Normalization = nn.Normalization{XMax: 1, YMax: 1}
	p, err := t.draw(2)
	if err != nil {
		return nil, err
	}
	w.Evaluations, w.Sampling = p.Cost.Evaluations/2, recipe.Sampling(t.model, w.Draws)
	w.ONNX, err = t.model.ONNX(e.Version, w.Size, w.Size)
	return t, err
}

// draw makes posterior draws of a measurement.
func (t *ownTimes) draw(n int) (*infer.Posterior, error) {
	_, y := noiseSample(t.model.Net, t.work.Size)
	measurement := make([]float64, len(y))
	for k, v := range y {
		measurement[k] = float64(v)
	}
	return infer.Sample(t.ctx, t.model, measurement, recipe.Sampling(t.model, n),
		infer.Job{Seed: 1}, t.env)
}

// measure returns the seconds of each kind of work.
func (t *ownTimes) measure() (map[string]float64, error) {
	w, seconds := t.work, map[string]float64{}
	var err error
	for _, n := range []struct {
		net               *nn.Net[float32]
		training, forward string
	}{{t.model.Net, peers.LightTraining, peers.LightForward},
		{t.base, peers.RefineTraining, peers.RefineForward}} {
		// Memory that the other network has touched would stay on small pages.
		debug.FreeOSMemory()
		timed := networkTimer{n.net, w.Size, w.Batch, w.Runs, w.Threads}
		if seconds[n.training], _, err = timed.steps(t.ctx); err != nil {
			return nil, err
		}
		if seconds[n.forward], _, err = timed.forward(t.ctx); err != nil {
			return nil, err
		}
	}
	begin := time.Now()
	if _, err := t.draw(w.Draws); err != nil {
		return nil, err
	}
	seconds[peers.Draws] = time.Since(begin).Seconds()
	f, err := timeFEM(w.Mesh, w.Runs)
	if err != nil {
		return nil, err
	}
	seconds[peers.FEM] = f.Total
	return seconds, nil
}

func printPeers(w io.Writer, r *peers.Result) {
	t := cli.NewTable(w, "work", "csdm s", "peer", "peer s", "ratio")
	for _, row := range r.Rows {
		t.Row(row.Work, fmt.Sprintf("%.3g", row.Seconds), row.Peer,
			fmt.Sprintf("%.3g", row.PeerSeconds), fmt.Sprintf("%.3f", row.Ratio))
	}
	t.Flush()
	for _, m := range r.Missing {
		fmt.Fprintf(w, "%s %s\n", m.Peer, m.Reason)
	}
}

package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"csdm/fem"
	"csdm/internal/cli"
	"csdm/mesh"
)

// benchCommand groups the measurements of speed and of accuracy.
func (a *app) benchCommand() *cobra.Command {
	return parent("bench", "Measure speed on this machine, and accuracy against the paper",
		a.benchTrainCommand(), a.benchConvCommand(), a.benchFEMCommand(), a.benchTable5Command(),
		a.benchAccuracyCommand(), a.benchTruthCommand(), a.benchLimitsCommand(),
		a.benchPeersCommand(), a.benchMemorizationCommand(), a.benchTasksCommand())
}

// maxRuns bounds --runs.
const maxRuns = 10_000

// median sorts v and returns its upper median.
//
// Of an even number of values it is the larger middle one.
func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// benchFEMCommand times one forward solve of the quasi-static problem. Medians
// over runs are printed: a mean would carry every interruption by another
// process.
func (a *app) benchFEMCommand() *cobra.Command {
	var size, runs int
	var show printer[*femTimes]
	cmd := &cobra.Command{
		Use: "fem",
		Short: "Seconds to assemble, and to factorize and solve, plane stress with a new " +
			"modulus on an unchanged mesh, one thread",
		Long: `fem times the quasi-static problem with a stiff inclusion, whose place changes from
run to run, and prints medians. csdm bench peers times the same work in FEniCS.`,
		Example: "  csdm bench fem --size 56",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if size < 2 || size > 4096 || runs < 1 || runs > maxRuns {
				return cli.Usage(fmt.Errorf("--size is %d and --runs is %d; the limits are 2 to "+
					"4096 nodes per side and 1 to %d runs", size, runs, maxRuns))
			}
			out, err := timeFEM(size, runs)
			if err != nil {
				return err
			}
			return show.print(out, func(w io.Writer) {
				fmt.Fprintf(w,
					"%d×%d: assemble %.3g s, factorize and solve %.3g s, total %.3g s per sample "+
						"(analysis once: %.3g s)\n",
					size, size, out.Assemble, out.Solve, out.Total, out.Analyze)
			})
		},
	}
	cmd.Flags().IntVar(&size, "size", 56, "nodes per side")
	cmd.Flags().IntVar(&runs, "runs", 15, "number of timed runs")
	show.of(a, cmd, "")
	return cmd
}

// femTimes holds medians of the time of a finite-element solve.
type femTimes struct {
	// nodes per side
	Size int `json:"size"`
	// number of timed runs
	Runs int `json:"runs"`
	// seconds to analyze the pattern of the matrix, once for a mesh
	Analyze float64 `json:"analyze_s"`
	// seconds to assemble the matrix, median
	Assemble float64 `json:"assemble_s"`
	// seconds to factorize and solve, median
	Solve float64 `json:"solve_s"`
	// seconds of both, median
	Total float64 `json:"total_s"`
}

// timeFEM times plane stress on size×size nodes with a new modulus in each run.
//
// Two runs come first and do not count: they bring the program and its arrays
// into the caches. The disc of 15 times the modulus moves on a lattice of 7 × 5
// places, so that each run assembles and factorizes again. The pattern of the
// matrix depends on the mesh alone and is analyzed once, as in making pairs.
func timeFEM(size, runs int) (*femTimes, error) {
	m := mesh.Triangles(size, size, 1, 1)
	start := time.Now()
	analysis, err := fem.NewPlaneStress(m, fem.Compression(m, 0, -0.01))
	if err != nil {
		return nil, err
	}
	out := &femTimes{Size: size, Runs: runs, Analyze: time.Since(start).Seconds()}
	solver := analysis.NewSolver()
	n := size * size
	mu, ux, uy := make([]float64, n), make([]float64, n), make([]float64, n)
	var assemble, solve, total []float64
	for run := range runs + 2 {
		cx, cy := 0.2+0.6*float64(run%7)/7, 0.2+0.6*float64(run%5)/5
		for i := range mu {
			x, y := float64(i%size)/float64(size-1)-cx, float64(i/size)/float64(size-1)-cy
			if mu[i] = 0.1; x*x+y*y <= 0.12*0.12 {
				mu[i] = 1.5
			}
		}
		t0 := time.Now()
		if err := solver.Assemble(mu); err != nil {
			return nil, err
		}
		t1 := time.Now()
		if err := solver.FactorizeAndSolveTo(ux, uy); err != nil {
			return nil, err
		}
		if t2 := time.Now(); run >= 2 {
			assemble, solve, total = append(assemble, t1.Sub(t0).Seconds()),
				append(solve, t2.Sub(t1).Seconds()), append(total, t2.Sub(t0).Seconds())
		}
	}
	out.Assemble, out.Solve, out.Total = median(assemble), median(solve), median(total)
	return out, nil
}

package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/internal/kernel"
	"csdm/rng"
)

// convRow is one line of bench conv.
type convRow struct {
	// input and output channels
	Channels int `json:"channels"`
	// pixels per side
	Size int `json:"size"`
	// distance of the filter's taps in pixels
	Dilation int    `json:"dilation"`
	Pass     string `json:"pass"`   // forward, grad_input or grad_weights
	Method   string `json:"method"` // direct or winograd
	Used     bool   `json:"used"`   // whether the network uses Method for this shape
	// median time of the pass in seconds
	Seconds float64 `json:"seconds"`
	GFLOPS  float64 `json:"gflops"` // counted as direct convolution
	// gflops over the measured peak
	OfPeak float64 `json:"of_peak"`
}

// benchConvCommand times the convolutions that a score network has, by each
// algorithm.
func (a *app) benchConvCommand() *cobra.Command {
	var show printer[*convResult]
	cmd := &cobra.Command{
		Use: "conv",
		Short: "Speed of the 3×3 convolutions, one thread, relative to the measured peak of " +
			"multiply-adds",
		Long: `conv times 3×3 convolutions with equal numbers of input and output channels: forward,
gradient to the input and gradient to the weights. It runs each algorithm of the kernels and
marks the one that they choose for the shape. GFLOP/s count direct convolution, so that
Winograd's algorithm may exceed the peak.`,
		Example: "  csdm bench conv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			peak := kernel.PeakFLOPS()
			var rows []convRow
			for _, shape := range []struct{ c, size, d int }{{16, 28, 1}, {32, 14, 1}, {32, 14, 2},
				{32, 14, 4}, {32, 28, 1}, {32, 56, 1}, {64, 28, 1}, {64, 28, 2}, {64, 56, 1},
				{128, 32, 1}} {
				if err := cmd.Context().Err(); err != nil {
					return err
				}
				rows = append(rows, timeConv(shape.c, shape.size, shape.d, peak)...)
			}
			out := &convResult{kernel.Implementation(), peak / 1e9, rows}
			return show.print(out, func(w io.Writer) {
				fmt.Fprintf(w, "kernel %s, peak %.1f GFLOP/s\n", kernel.Implementation(), peak/1e9)
				t := cli.NewTable(w, "channels", "size", "dilation", "pass", "method", "", "µs",
					"GFLOP/s", "of peak")
				for _, r := range rows {
					used := ""
					if r.Used {
						used = "used"
					}
					t.Row(r.Channels, r.Size, r.Dilation, r.Pass, r.Method, used, r.Seconds*1e6,
						r.GFLOPS, r.OfPeak)
				}
				t.Flush()
			})
		},
	}
	show.of(a, cmd, "")
	return cmd
}

// timeConv times the three passes of a 3×3 convolution of c to c channels on
// size² pixels. A direct convolution takes
//
//	2·9·c²·size²
//
// operations, the border included; all speeds are in these units, so that
// Winograd's algorithm, which needs fewer, may be above the peak.
func timeConv(c, size, d int, peak float64) (rows []convRow) {
	f := kernel.NewFilter[float32](c, c, 3, d)
	r := rng.New(1, rng.Test, 0, 0)
	random := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(r.Normal())
		}
		return v
	}
	f.Pack(random(f.Len()))
	x, dst, dw, scratch := random(size*size*c), random(size*size*c), make([]float32, f.Len()),
		make([]float32, f.Scratch(size, size))
	flops := 2 * 9 * float64(c*c*size*size)
	var used [3]kernel.Method
	used[0], used[1], used[2] = f.Methods(size, size)
	for k, pass := range []struct {
		name string
		do   func()
	}{
		{"forward", func() { f.Forward(dst, x, nil, size, size, scratch) }},
		{"grad_input", func() { f.SetGradInput(dst, x, size, size, scratch) }},
		{"grad_weights", func() { f.GradWeights(dw, nil, x, dst, size, size, scratch) }},
	} {
		for _, method := range []kernel.Method{kernel.Direct, kernel.Winograd} {
			f.Only(method)
			if has, _, _ := f.Methods(size, size); has != method {
				continue
			}
			row := convRow{Channels: c, Size: size, Dilation: d, Pass: pass.name,
				Method: string(method), Used: method == used[k]}
			row.time(pass.do, flops, peak)
			rows = append(rows, row)
		}
	}
	return rows
}

// time sets the median time of some runs of a pass of flops operations.
func (r *convRow) time(pass func(), flops, peak float64) {
	reps := max(1, int(5e-4*50e9/flops)) // short runs, so that other load disturbs only a few
	var took []float64
	for run := range 25 {
		start := time.Now()
		for range reps {
			pass()
		}
		if run >= 2 {
			took = append(took, time.Since(start).Seconds()/float64(reps))
		}
	}
	r.Seconds = median(took)
	r.GFLOPS = flops / r.Seconds / 1e9
	if peak > 0 {
		r.OfPeak = flops / r.Seconds / peak
	}
}

package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/internal/kernel"
	"csdm/internal/rng"
)

// convRow is one line of bench conv.
type convRow struct {
	Channels int     `json:"channels"`
	Size     int     `json:"size"`
	Dilation int     `json:"dilation"`
	Pass     string  `json:"pass"` // forward, grad_input or grad_weights
	Seconds  float64 `json:"seconds"`
	GFLOPS   float64 `json:"gflops"` // of the direct algorithm's count
	OfPeak   float64 `json:"of_peak"`
}

func (a *app) benchConvCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "conv",
		Short: "Speed of the 3×3 convolutions, one thread, beside the measured peak of multiply-adds",
		Long: `conv times forward, gradient to the input and gradient to the weights of 3×3 convolutions with as many output as input channels, by
the algorithm that the kernels choose for the shape. GFLOP/s count direct convolution, so Winograd's may exceed the peak.`,
		Example: "  csdm bench conv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			peak := kernel.PeakFLOPS()
			var rows []convRow
			for _, shape := range []struct{ c, size, d int }{{16, 28, 1}, {32, 14, 1}, {32, 14, 2}, {32, 14, 4}, {32, 28, 1}, {32, 56, 1}, {64, 28, 1}, {64, 28, 2}, {64, 56, 1}, {128, 32, 1}} {
				if err := cmd.Context().Err(); err != nil {
					return err
				}
				rows = append(rows, timeConv(shape.c, shape.size, shape.d, peak)...)
			}
			out := map[string]any{"kernel": kernel.Implementation(), "peak_gflops": peak / 1e9, "rows": rows}
			return a.result(out, func(w io.Writer) {
				fmt.Fprintf(w, "kernel %s, peak %.1f GFLOP/s\n", kernel.Implementation(), peak/1e9)
				t := cli.NewTable(w, "channels", "size", "dilation", "pass", "µs", "GFLOP/s", "of peak")
				for _, r := range rows {
					t.Row(r.Channels, r.Size, r.Dilation, r.Pass, r.Seconds*1e6, r.GFLOPS, r.OfPeak)
				}
				t.Flush()
			})
		},
	}
	return cmd
}

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
	x, dst, dw, scratch := random(size*size*c), random(size*size*c), make([]float32, f.Len()), make([]float32, f.Scratch(size, size))
	flops := 2 * 9 * float64(c*c*size*size)
	for _, pass := range []struct {
		name string
		do   func()
	}{
		{"forward", func() { f.Forward(dst, x, nil, size, size, scratch) }},
		{"grad_input", func() { f.GradInput(dst, x, size, size, scratch) }},
		{"grad_weights", func() { f.GradWeights(dw, nil, x, dst, size, size, scratch) }},
	} {
		reps := max(1, int(5e-3*50e9/flops))
		var took []float64
		for run := range 9 {
			start := time.Now()
			for range reps {
				pass.do()
			}
			if run >= 2 {
				took = append(took, time.Since(start).Seconds()/float64(reps))
			}
		}
		s := median(took)
		row := convRow{Channels: c, Size: size, Dilation: d, Pass: pass.name, Seconds: s, GFLOPS: flops / s / 1e9}
		if peak > 0 {
			row.OfPeak = flops / s / peak
		}
		rows = append(rows, row)
		clear(dst)
	}
	return rows
}

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"csdm/autodiff"
	"csdm/internal/cli"
	"csdm/nn"
)

// layerRow is one operation of the network in the profile of bench train.
type layerRow struct {
	Layer string `json:"layer"` // without parameters: the last layer before it
	// kind of the operation
	Op string `json:"op"`
	// rows of its output
	Height int `json:"height"`
	// columns of its output
	Width int `json:"width"`
	// channels of its input
	In int `json:"in_channels"`
	// channels of its output
	Out int `json:"channels"`
	// rows and columns of the filter of a convolution
	Kernel int `json:"kernel,omitempty"`
	// algorithm of the forward pass of a convolution
	Method string `json:"method,omitempty"`
	// seconds of the forward pass, median
	Forward float64 `json:"forward_s"`
	// seconds of the backward pass, median
	Backward float64 `json:"backward_s"`
	// share of the time of forward and backward pass
	Share float64 `json:"share"`
	// speed of the forward pass of a convolution, in GFLOP/s
	GFLOPS float64 `json:"forward_gflops,omitempty"`
}

// opRow is the sum over the layers with one kind of operation.
type opRow struct {
	// kind of the operation, with size and algorithm of a convolution
	Op string `json:"op"`
	// number of operations of this kind
	Count int `json:"count"`
	// seconds of their forward passes
	Forward float64 `json:"forward_s"`
	// seconds of their backward passes
	Backward float64 `json:"backward_s"`
	// share of the time of forward and backward pass
	Share float64 `json:"share"`
}

// profile times each operation of the network on one sample and one thread. It
// returns medians of some runs, and sums by kind of operation, largest first.
func profile(net *nn.Net[float32], size, runs int) (layers []layerRow, ops []opRow) {
	w := net.NewWorker(benchForm(net), size, size)
	x, y := noiseSample(net, size)
	grads := make([]float32, len(net.Flat()))
	list := w.Operations()
	forward, backward := make([][]float64, len(list)), make([][]float64, len(list))
	f, b := make([]time.Duration, len(list)), make([]time.Duration, len(list))
	for run := range runs + 2 {
		w.TimeLossGrad(grads, x, y, x, 1, f, b)
		for i := range list {
			if run >= 2 {
				forward[i], backward[i] = append(forward[i], f[i].Seconds()),
					append(backward[i], b[i].Seconds())
			}
		}
	}
	total := 0.0
	for i, o := range list {
		r := layerRow{Layer: o.Layer, Op: o.Op, Height: o.H, Width: o.W, In: o.Cin, Out: o.C,
			Kernel: o.Kernel, Method: string(o.Forward),
			Forward: median(forward[i]), Backward: median(backward[i])}
		if o.MultiplyAdds > 0 {
			r.GFLOPS = 2 * float64(o.MultiplyAdds) / r.Forward / 1e9
		}
		total += r.Forward + r.Backward
		layers = append(layers, r)
	}
	for i := range layers {
		r := &layers[i]
		r.Share = (r.Forward + r.Backward) / total
		name := kindOf(list[i])
		k := slices.IndexFunc(ops, func(o opRow) bool { return o.Op == name })
		if k < 0 {
			k, ops = len(ops), append(ops, opRow{Op: name})
		}
		ops[k] = opRow{name, ops[k].Count + 1, ops[k].Forward + r.Forward, ops[k].Backward +
			r.Backward, ops[k].Share + r.Share}
	}
	slices.SortStableFunc(ops, func(a, b opRow) int { return cmp.Compare(b.Share, a.Share) })
	return layers, ops
}

func kindOf(o autodiff.Operation) string {
	if o.Kernel == 0 {
		return o.Op
	}
	return fmt.Sprintf("%s %d×%d, %s", o.Op, o.Kernel, o.Kernel, o.Forward)
}

// printOps and printLayers write the profile as tables.
func printOps(w io.Writer, ops []opRow) {
	t := cli.NewTable(w, "operation", "count", "forward µs", "backward µs", "share %")
	for _, o := range ops {
		t.Row(o.Op, o.Count, o.Forward*1e6, o.Backward*1e6, 100*o.Share)
	}
	t.Flush()
}

func printLayers(w io.Writer, layers []layerRow) {
	t := cli.NewTable(w, "layer", "operation", "image", "channels", "method", "forward µs",
		"backward µs", "share %", "GFLOP/s")
	for _, r := range layers {
		rate := ""
		if r.GFLOPS > 0 {
			rate = fmt.Sprintf("%.0f", r.GFLOPS)
		}
		t.Row(r.Layer, r.Op, fmt.Sprintf("%d×%d", r.Height, r.Width),
			fmt.Sprintf("%d→%d", r.In, r.Out), r.Method,
			r.Forward*1e6, r.Backward*1e6, 100*r.Share, rate)
	}
	t.Flush()
}

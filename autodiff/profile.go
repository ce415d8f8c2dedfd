package autodiff

import (
	"fmt"
	"time"

	"csdm/internal/kernel"
)

// Operation describes one operation of a compiled tape.
type Operation struct {
	Op string // such as "convolution"
	// Name of the layer, or for operations without parameters of the last layer
	// before them.
	Layer        string
	H, W, Cin, C int // size of the output image, and channels of the input
	Kernel       int // rows and columns of the filter of a convolution; otherwise 0
	MultiplyAdds int // of the forward pass of a convolution, border included; otherwise 0

	Forward, GradInput, GradWeights kernel.Method // of a convolution; otherwise ""
}

// Operations returns the operations in the order of the forward pass.
func (t *Tape[F]) Operations() []Operation {
	ops := make([]Operation, len(t.nodes))
	for i, n := range t.nodes {
		o := Operation{Op: traits[n.op].name, Layer: n.layer, H: n.out.H, W: n.out.W,
			Cin: n.in[0].C, C: n.out.C}
		if l := n.conv; l != nil {
			o.Kernel = 1
			if l.filter.Len() > o.Cin*o.C {
				o.Kernel = 3
			}
			o.MultiplyAdds = o.H * o.W * l.filter.Len()
			o.Forward, o.GradInput, o.GradWeights = l.filter.Methods(o.H, o.W)
		}
		ops[i] = o
	}
	return ops
}

// TimeForward does the same as Forward on one thread, and sets times[i] to the
// time of operation i of Operations.
func (t *Tape[F]) TimeForward(times []time.Duration) {
	t.ready()
	t.checkTimes(times)
	for i := range t.nodes {
		start := time.Now()
		t.forward(&t.nodes[i])
		times[i] = time.Since(start)
	}
}

// TimeBackward does the same as Backward, and sets times[i] to the time of the
// backward pass of operation i.
func (t *Tape[F]) TimeBackward(grads []F, times []time.Duration) {
	t.readyBackward(grads)
	t.checkTimes(times)
	t.grads = grads
	for i := len(t.nodes) - 1; i >= 0; i-- {
		start := time.Now()
		t.backward(&t.nodes[i])
		times[i] = time.Since(start)
	}
	t.grads = nil
}

func (t *Tape[F]) checkTimes(times []time.Duration) {
	if len(times) != len(t.nodes) {
		panic(fmt.Sprintf("autodiff: %d times for %d operations; the numbers must be equal",
			len(times), len(t.nodes)))
	}
}

// TimeParts does the same as Forward, loss and Backward on one thread, in the
// parts that n threads would share. It returns for each stage the time before
// its parts, which one thread needs alone, and the times of the n parts, or of
// none if it has no parts. clock is the clock, such as the CPU time of the
// thread.
func (t *Tape[F]) TimeParts(n int, grads []F, loss func(),
	clock func() time.Duration) (times [][]time.Duration) {
	t.readyBackward(grads)
	forward, _, _ := t.stages(sharedFloats, n)
	backward, _ := t.backwardStages(sharedFloats, n)
	t.grads = grads
	for i, s := range append(forward, backward...) {
		if i == len(forward) {
			loss()
		}
		marks := []time.Duration{clock()}
		if s.before != nil {
			s.before()
		}
		marks = append(marks, clock())
		for part := 0; part < n && s.part != nil; part++ {
			s.part(kernel.Piece{Part: part, Parts: n}, t.scratch)
			marks = append(marks, clock())
		}
		for k := range len(marks) - 1 {
			marks[k] = marks[k+1] - marks[k]
		}
		times = append(times, marks[:len(marks)-1])
	}
	t.grads = nil
	return times
}

// TimeShare does the same as Share on one thread, in the parts of n threads. It
// returns the times of a stage, as TimeParts does.
func (t *Tape[F]) TimeShare(n, items int, do func(from, to int),
	clock func() time.Duration) []time.Duration {
	times := []time.Duration{0}
	for part := range n {
		start := clock()
		do(elements(items, kernel.Piece{Part: part, Parts: n}))
		times = append(times, clock()-start)
	}
	return times
}

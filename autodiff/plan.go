package autodiff

import (
	"cmp"
	"slices"

	"csdm/internal/kernel"
)

// The plan of a tape's memory.
//
// With n nodes, node i runs forward at time i and backward at time 2n-i; at
// time n the caller reads the output and writes its gradient. A buffer is a
// piece of memory that is needed during an interval of these times. All
// intervals are known before the tape runs, so the whole memory is laid out
// once. Buffers that are never alive together may share addresses ("greedy by
// size" of Pisarchyk and Lee 2020, "Efficient memory management for deep neural
// net inference").
type plan struct {
	// pieces of memory, in the order in which they were planned
	buffers []buffer
	data    []int // buffer of the activation, by tensor
	grad    []int // buffer of the gradient, by tensor; -1 if there is none
}

// buffer is a piece of the tape's memory.
type buffer struct {
	// elements
	size     int
	from, to int // first and last time at which it is needed
	// first element, after layOut
	offset int
}

// alignment is the alignment of buffers in elements: a cache line of float32.
const alignment = 16

// Compile ends the recording, with out as the output of the network, and
// allocates the memory. It panics if an operation does not contribute to out.
func (t *Tape[F]) Compile(out *Tensor[F]) {
	t.recording()
	if out.producer < 0 {
		panic("autodiff: the output of Compile is an input; it must be the result of an operation")
	}
	t.out, t.compiled = out, true
	p := &plan{data: make([]int, len(t.tensors)), grad: make([]int, len(t.tensors))}
	t.planData(p)
	if t.mode == Training {
		t.planGradients(p)
	}
	t.memory = kernel.OnHugePages(make([]F, p.layOut(t.separate)))
	for _, x := range t.tensors {
		x.Data = place(t.memory, p.buffers[p.data[x.id]])
		if x.needsGrad {
			x.Grad = place(t.memory, p.buffers[p.grad[x.id]])
		}
	}
	t.allocateScratch()
}

// place returns the elements of a buffer. Its capacity ends with it, so that an
// append cannot reach the next one.
func place[F kernel.Float](memory []F, b buffer) []F {
	return memory[b.offset : b.offset+b.size : b.offset+b.size]
}

// planData finds the lifetime of each activation, and lets operations overwrite
// inputs that are not read again.
func (t *Tape[F]) planData(p *plan) {
	n := len(t.nodes)
	last := make([]int, len(t.tensors)) // time of the last read
	for i := range last {
		last[i] = -1
	}
	last[t.out.id] = n
	for i, nd := range t.nodes {
		for _, x := range nd.in {
			if x != nil {
				last[x.id] = max(last[x.id], i)
				if i >= t.prefix && x.producer < t.prefix { // read again by ForwardRest
					last[x.id] = 2*n + 1
				}
			}
		}
	}
	for i, nd := range t.nodes {
		if last[nd.out.id] < 0 {
			panic("autodiff: unused output of the " + traits[nd.op].name + " at layer " + nd.layer)
		}
		if nd.out.needsGrad {
			if traits[nd.op].readsIn {
				last[nd.in[0].id] = max(last[nd.in[0].id], 2*n-i)
			}
			if traits[nd.op].readsOut {
				last[nd.out.id] = max(last[nd.out.id], 2*n-i)
			}
		}
	}
	for _, x := range t.tensors {
		if x.producer < 0 { // an input keeps its values between runs
			p.data[x.id] = p.add(buffer{size: x.size(), from: -1, to: 2*n + 1})
			continue
		}
		nd, i := &t.nodes[x.producer], x.producer
		p.data[x.id] = -1
		for k, in := range nd.in {
			if in == nil || !traits[nd.op].overwrites[k] || in.producer < 0 || last[in.id] != i ||
				t.separate {
				continue
			}
			if nd.op == opConvAdd && nd.in[0] == nd.in[1] {
				continue // the convolution still reads it
			}
			p.data[x.id] = p.data[in.id]
			p.buffers[p.data[in.id]].to = last[x.id]
			break
		}
		if p.data[x.id] < 0 {
			p.data[x.id] = p.add(buffer{size: x.size(), from: i, to: last[x.id]})
		}
	}
}

// planGradients finds the lifetime of each gradient, from the first
// vector–Jacobian product that writes to it until the one of the operation that
// made its tensor. Where a sum is the first to write the gradient of a summand,
// the summand takes over the gradient of the sum.
func (t *Tape[F]) planGradients(p *plan) {
	n := len(t.nodes)
	for i := range p.grad {
		p.grad[i] = -1
	}
	p.grad[t.out.id] = p.add(buffer{size: t.out.size(), from: n})
	for i := n - 1; i >= 0; i-- {
		nd := &t.nodes[i]
		if nd.dead = !nd.out.needsGrad; nd.dead {
			continue
		}
		now := 2*n - i
		own := p.grad[nd.out.id]
		p.buffers[own].to = max(p.buffers[own].to, now)
		passed := false
		for k, x := range nd.in {
			if x == nil || !x.needsGrad || p.grad[x.id] >= 0 {
				continue
			}
			if traits[nd.op].passes[k] && !passed && !t.separate && nd.in[0] != nd.in[1] {
				p.grad[x.id], nd.passes[k], passed = own, true, true
			} else {
				p.grad[x.id], nd.begins[k] = p.add(buffer{size: x.size(), from: now, to: now}), true
			}
			if x.producer < 0 { // a Variable: the caller reads it after the pass
				p.buffers[p.grad[x.id]].to = 2*n + 1
			}
		}
	}
}

func (p *plan) add(b buffer) int {
	p.buffers = append(p.buffers, b)
	return len(p.buffers) - 1
}

// layOut sets the offsets of all buffers and returns the size of the memory. It
// places the largest buffer first, each at the lowest address that is free
// during its whole lifetime. With separate it shares no memory.
func (p *plan) layOut(separate bool) int {
	order := make([]*buffer, len(p.buffers))
	for i := range order {
		order[i] = &p.buffers[i]
	}
	slices.SortStableFunc(order, func(a, b *buffer) int {
		return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(a.from, b.from))
	})
	total := 0
	var placed []*buffer // by offset
	for _, b := range order {
		need := (b.size + alignment - 1) / alignment * alignment
		b.offset = 0
		for _, o := range placed {
			if !separate && (o.from > b.to || b.from > o.to) {
				continue // never alive together
			}
			if b.offset+need <= o.offset {
				break // fits below o
			}
			b.offset = max(b.offset, (o.offset+o.size+alignment-1)/alignment*alignment)
		}
		at, _ := slices.BinarySearchFunc(placed, b, func(a, b *buffer) int {
			return cmp.Compare(a.offset, b.offset)
		})
		placed = slices.Insert(placed, at, b)
		total = max(total, b.offset+need)
	}
	return total
}

// allocateScratch allocates the scratch memory of the operation that needs
// most.
func (t *Tape[F]) allocateScratch() {
	size := 0
	for _, n := range t.nodes {
		h, w, c := n.out.H, n.out.W, n.out.C
		switch n.op {
		case opConv, opConvAdd:
			size = max(size, n.conv.filter.Scratch(h, w))
		case opNorm, opNormELU:
			if t.mode == Training && !n.in[0].needsGrad {
				size = max(size, n.in[0].size())
			}
		case opGroupNormELU, opModulatedNormELU:
			if t.mode == Training {
				size = max(size, n.groupNormScratch())
			}
		case opMaxPool5:
			size = max(size, kernel.MaxPool5Scratch(h, w, c))
		case opAvgPool5:
			size = max(size, kernel.AvgPool5Scratch(h, w, c))
		case opResize:
			size = max(size, c)
		}
	}
	t.scratch = kernel.OnHugePages(make([]F, size))
}

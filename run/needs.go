package run

import (
	"fmt"
	"io"

	"csdm/dataset"
	"csdm/internal/cli"
	"csdm/measured"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/problems"
	"csdm/recipe"
)

// Needs is what a call needs of a machine, as --dry-run prints it.
type Needs struct {
	Work string `json:"work"` // what the call does
	// largest memory in bytes, an upper limit
	MemoryBytes float64 `json:"memory_bytes"`
	// size of the finished result in bytes, an upper limit
	DiskBytes float64 `json:"disk_bytes"`
	// MostThreads is the number of threads beyond which more do not help.
	MostThreads int `json:"most_threads,omitempty"`
}

// String returns the needs as a sentence.
func (n *Needs) String() string {
	text := fmt.Sprintf("%s; about %s of memory and %s on disk", n.Work,
		bytesInWords(int64(n.MemoryBytes)), bytesInWords(int64(n.DiskBytes)))
	if n.MostThreads > 0 {
		text += fmt.Sprintf("; threads beyond %d do not help", n.MostThreads)
	}
	return text
}

// programBytes is the memory of a process that has not begun to compute: the
// program with its embedded networks, and what the runtime keeps free.
const programBytes = 200 << 20

// sharedWeights is the number of arrays of the size of the weights that a
// training has in addition to its gradients: weights, repacked weights, their
// average and the optimizer's moments, in memory and in a checkpoint that is
// written.
const sharedWeights = 8

// Bytes on disk.
const (
	// checkpointArrays is the number of arrays of the size of the weights in a
	// checkpoint: weights, their average and the optimizer's two moments.
	checkpointArrays = 4
	// pageBytes is the size of the report with its figures, of logs and of
	// other small files; caseBytes the size of a measurement's part of it.
	pageBytes, caseBytes = 3 << 20, 2 << 20
	recordBytes          = 4 << 10 // of a file of checksums, of settings or of an origin
)

// DataNeeds returns the needs of the pairs of a dataset.
//
// With pairs of b bytes, n threads, blocks of P pairs and a forward model of m
// bytes,
//
//	memory = program + n·m + min(n + 1, blocks)·P·b,
//	disk   = pairs·b + (blocks + 1) records.
func DataNeeds(p problems.Problem, s dataset.Settings) (*Needs, error) {
	m, err := dataset.NewManifest(p.Spec(), s)
	if err != nil {
		return nil, err
	}
	spec, blocks := p.Spec(), (s.Pairs-1)/m.BlockPairs+1
	from, to := s.Shard.Range(blocks)
	pairs := min(s.Pairs, (to-from)*m.BlockPairs)
	solver, err := solverBytes(p)
	if err != nil {
		return nil, err
	}
	pair := 4 * float64(spec.XLen()+spec.YLen())
	// Each thread may be in another block, and blocks are written meanwhile.
	open := min(s.Threads+1, max(1, to-from)) * m.BlockPairs
	return &Needs{Work: cli.Plural(pairs, "pair"),
		MemoryBytes: programBytes + float64(s.Threads)*solver + float64(open)*pair,
		DiskBytes:   float64(pairs)*pair + float64(to-from+1)*recordBytes,
		MostThreads: max(1, pairs/spec.ImagesPerSimulation)}, nil
}

// solverBytes returns the memory of the forward model on one thread. It is 0
// for a program of the user, whose memory is not known.
//
// It makes one pair and counts the bytes that the runtime allocated, which are
// an upper limit of the bytes held at one time. A formula for each solver would
// be wrong after its next change.
func solverBytes(p problems.Problem) (bytes float64, err error) {
	if !measured.IsBuiltin(p) {
		return 0, nil
	}
	x, y := make([]float64, p.Spec().XLen()), make([]float64, p.Spec().YLen())
	bytes = allocated(func() {
		var g problems.Generator
		if g, err = p.NewGenerator(); err != nil {
			return
		}
		err = g.Pair(x, y, 0, 0)
		if closer, ok := g.(io.Closer); ok {
			closer.Close() // nothing was written
		}
	})
	return bytes, err
}

// scoreBytes returns the memory of a network on one thread that draws.
func scoreBytes(m *nn.Model, spec *problems.Spec) (bytes float64, err error) {
	state, y := make([]float64, spec.XLen()), make([]float64, spec.YLen())
	bytes = allocated(func() { err = m.Condition(y)().Score(state, state, 1) })
	return bytes, err
}

// TrainingNeeds returns the needs of a training. It measures what the network
// allocates for the gradient of one sample, and for the score of one draw,
// since a training has both for held-out losses.
//
// With W bytes of weights, M teams and n threads,
//
//	memory = program + (8 + gradients)·W + M·worker + n·scorer + pairs ahead,
//
// where a worker's bytes hold the activations of one sample, which
// backpropagation needs, and a scorer's the ones of one evaluation. Each of the
// pairs drawn ahead has a field, a target of its size and a measurement, in
// single precision.
func TrainingNeeds(c *recipe.Recipe, p problems.Problem, threads int) (*Needs, error) {
	spec := p.Spec()
	model, err := newModel(c, spec, plainScaling(spec))
	if err != nil {
		return nil, err
	}
	model.Net.Init(c.Seed)
	x, y := make([]float32, spec.XLen()), make([]float32, spec.YLen())
	weights := make([]float32, len(model.Net.Flat()))
	most := 0
	gradient := allocated(func() {
		w := model.Net.NewWorker(model.Parameterization, spec.Rows, spec.Cols)
		w.LossGrad(weights, x, y, x, 1)
		most = c.Training.Batch * w.MostThreads()
	})
	score, err := scoreBytes(model, spec)
	if err != nil {
		return nil, err
	}
	batch := c.Training.Batch
	d := train.Divide(threads, batch, most/batch)
	gradients, drawn := train.GradientCount(batch, d.Teams), d.Ahead*batch
	array := 4 * float64(len(weights))
	n := &Needs{Work: fmt.Sprintf("%d training steps of %d samples, %d parameters",
		c.Training.Steps, c.Training.Batch, len(weights)), MostThreads: most,
		MemoryBytes: programBytes + float64(sharedWeights+gradients)*array +
			float64(d.Teams)*gradient + float64(threads)*score + 4*float64(drawn*(2*len(x)+len(y))),
		DiskBytes: trainingBytes(c, array) + pageBytes}
	if c.Data.Neighbors > 1 {
		n.MemoryBytes += float64(dataset.NeighborBytes(spec, c.Data.Pairs, c.Data.Neighbors))
	}
	return n, nil
}

// trainingBytes returns the size of a model and its checkpoints, where array is
// the size of the weights.
//
// The model has one array of the weights and a checkpoint has four. At most
// three checkpoints are there at once, in addition to the kept ones:
//
//	array·(1 + 4·(3 + ⌊steps/keep_every⌋)).
func trainingBytes(c *recipe.Recipe, array float64) float64 {
	checkpoints := 3 // the last two, and the one that is being written
	if c.Training.KeepEvery > 0 {
		checkpoints += c.Training.Steps / c.Training.KeepEvery
	}
	return array * float64(1+checkpoints*checkpointArrays)
}

// Drawing describes a call that draws from posteriors: its work in words, its
// threads, the bytes that it keeps on disk next to a report, and whether it
// also solves the forward model.
type Drawing struct {
	Work    string
	Threads int
	Bytes   float64
	Solving bool
}

// Needs returns the needs of the call with a model and its problem.
func (d Drawing) Needs(m *nn.Model, p problems.Problem) (*Needs, error) {
	spec := p.Spec()
	score, err := scoreBytes(m, spec)
	if err != nil {
		return nil, err
	}
	solver := 0.0
	if d.Solving {
		if solver, err = solverBytes(p); err != nil {
			return nil, err
		}
	}
	return &Needs{Work: d.Work, MemoryBytes: programBytes + float64(d.Threads)*(score+solver),
		DiskBytes: d.Bytes + pageBytes}, nil
}

const (
	// solvedBytes bounds the table of solved fields (bench.Importance).
	solvedBytes = 60 << 20
	// referenceFields is the number of fields in the file of a reference, and
	// in the state of importance sampling: mean, std, their errors, the sums.
	referenceFields = 20
)

// ReferenceNeeds returns the needs of a reference posterior.
//
// The closed form solves linear equations of the size of the problem and has no
// forward solves. All other methods keep each solve, with d variables and two
// more numbers of 8 bytes:
//
//	kept = 8·solves·(d + 2).
//
// Each thread has a forward model and its own sums, referenceFields arrays of a
// field.
func ReferenceNeeds(p problems.Problem, r recipe.Reference, threads int) (*Needs, error) {
	spec := p.Spec()
	n := &Needs{Work: "method " + r.Method, MemoryBytes: programBytes}
	fields := 8 * referenceFields * float64(spec.XLen())
	n.DiskBytes = fields + caseBytes
	if r.Method == recipe.MethodClosedForm {
		return n, nil
	}
	solver, err := solverBytes(p)
	if err != nil {
		return nil, err
	}
	solves := r.Work()
	if solves == 0 {
		solves = typicalSolves
		n.Work += fmt.Sprintf(", typically %d forward solves", solves)
	} else {
		n.Work += fmt.Sprintf(", at most %d forward solves", solves)
	}
	// A solve is kept with its variables and its likelihood.
	kept := 8 * float64(solves) * float64(len(spec.Variables)+2)
	n.MemoryBytes += float64(threads)*(solver+fields) + solvedBytes + kept
	n.DiskBytes += kept
	return n, nil
}

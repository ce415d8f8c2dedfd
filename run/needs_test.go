package run

import (
	"strings"
	"testing"

	"csdm/dataset"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
)

// problemOf returns the built-in problem of that name on 16×16 nodes.
func problemOf(t *testing.T, name string) problems.Problem {
	t.Helper()
	p, err := builtin.Lookup(name, problems.Options{Grid: 16})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestDataNeeds counts the bytes of pairs on disk: two float32 arrays of 16×16
// for each, and a record for each block and for the dataset. A shard needs the
// room of its own blocks, and more threads than simulations do not help.
func TestDataNeeds(t *testing.T) {
	p := problemOf(t, "quasistatic")
	s := dataset.Settings{Pairs: 100, BlockPairs: 10, Threads: 2}
	whole, err := DataNeeds(p, s)
	if err != nil {
		t.Fatal(err)
	}
	const pair = 2 * 4 * 16 * 16
	if want := 100.*pair + 11*recordBytes; whole.DiskBytes != want || whole.MostThreads != 100 ||
		whole.Work != "100 pairs" {
		t.Errorf("all pairs: %+v, want %v bytes on disk", whole, want)
	}
	s.Shard = dataset.Shard{K: 2, M: 5}
	part, err := DataNeeds(p, s)
	if err != nil {
		t.Fatal(err)
	}
	if want := 20.*pair + 3*recordBytes; part.DiskBytes != want || part.Work != "20 pairs" {
		t.Errorf("a fifth: %+v, want %v bytes on disk", part, want)
	}
	s.Pairs = -1
	if _, err := DataNeeds(p, s); err == nil {
		t.Error("a negative number of pairs has needs")
	}
}

// TestNeedsInWords checks the sentence of --dry-run, with and without a limit
// of threads.
func TestNeedsInWords(t *testing.T) {
	n := &Needs{Work: "3 pairs", MemoryBytes: 2.5e9, DiskBytes: 4e6, MostThreads: 1}
	if got := n.String(); got != "3 pairs; about 2.5 GB of memory and 4.0 MB on disk; "+
		"threads beyond 1 do not help" {
		t.Error(got)
	}
	if n.MostThreads = 0; strings.Contains(n.String(), "thread") {
		t.Error(n.String())
	}
}

// TestCheckpointBytes counts the arrays of a training: the model, and weights,
// average and two moments in each checkpoint. The last two stay, a third is
// being written, and kept ones add to them.
func TestCheckpointBytes(t *testing.T) {
	c := small(t)
	c.Training.Steps, c.Training.KeepEvery = 100, 0
	if got := trainingBytes(c, 1000); got != 1000*(1+3*4) {
		t.Errorf("without kept checkpoints: %v bytes", got)
	}
	c.Training.KeepEvery = 30 // steps 30, 60, 90
	if got := trainingBytes(c, 1000); got != 1000*(1+6*4) {
		t.Errorf("with three kept checkpoints: %v bytes", got)
	}
}

// TestReferenceNeeds checks that the closed form solves nothing, and that a
// method keeps each solve: its variables, its likelihood and its weight.
func TestReferenceNeeds(t *testing.T) {
	needs := func(problem string, r recipe.Reference, threads int) *Needs {
		n, err := ReferenceNeeds(problemOf(t, problem), r, threads)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	closed := recipe.NewReference(recipe.MethodClosedForm)
	if n := needs("linear-gaussian", closed, 64); n.MemoryBytes != programBytes {
		t.Errorf("closed form: %+v", n)
	}
	r := recipe.NewReference(recipe.MethodImportance)
	r.PriorDraws = 1000
	few := needs("quasistatic", r, 1)
	r.PriorDraws = 1000 + 1<<20
	many := needs("quasistatic", r, 1)
	if got := (many.DiskBytes - few.DiskBytes) / (1 << 20); got != 8*(2+2) {
		t.Errorf("a solve with two variables takes %v bytes on disk", got)
	}
	if !strings.Contains(few.Work, "at most 1000 forward solves") {
		t.Error(few.Work)
	}
	if n := needs("quasistatic", recipe.NewReference(recipe.MethodQuadrature),
		1); !strings.Contains(n.Work, "typically") {
		t.Error(n.Work)
	}
	four := needs("quasistatic", r, 4)
	if perThread := (four.MemoryBytes - many.MemoryBytes) / 3; perThread < 8*referenceFields*256 {
		t.Errorf("a thread takes %v bytes, less than its sums", perThread)
	}
}

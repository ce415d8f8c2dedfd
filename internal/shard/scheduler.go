package shard

import (
	"fmt"
	"strconv"
	"strings"

	"csdm/internal/cli"
)

// numbering lists the variables with which a scheduler numbers its tasks. Each
// but id may be "".
type numbering struct {
	id          string // number of this task
	count       string // number of tasks
	first, last string // numbers of the first and of the last task
	step        string // from one number to the next
	begin       int    // number of the first task, if no variable has it
}

// arrays are the numberings of independent jobs.
var arrays = []numbering{
	{id: "SLURM_ARRAY_TASK_ID", count: "SLURM_ARRAY_TASK_COUNT", first: "SLURM_ARRAY_TASK_MIN",
		last: "SLURM_ARRAY_TASK_MAX", step: "SLURM_ARRAY_TASK_STEP"},
	{id: "PBS_ARRAY_INDEX"}, // PBS
	{id: "PBS_ARRAYID"},     // Torque
	// Grid Engine
	{id: "SGE_TASK_ID", first: "SGE_TASK_FIRST", last: "SGE_TASK_LAST", step: "SGE_TASK_STEPSIZE"},
	// LSF
	{id: "LSB_JOBINDEX", last: "LSB_JOBINDEX_END", step: "LSB_JOBINDEX_STEP", begin: 1},
	// Kubernetes; a manifest may set the second, which no system does
	{id: "JOB_COMPLETION_INDEX", count: "JOB_COMPLETIONS"},
}

// launchers are the numberings of processes that one job starts together. The
// first that is set counts: it is the closest to the process.
var launchers = []numbering{
	{id: "PARALLEL_SEQ", begin: 1}, // GNU parallel
	{id: "OMPI_COMM_WORLD_RANK", count: "OMPI_COMM_WORLD_SIZE"},
	{id: "PMI_RANK", count: "PMI_SIZE"},
	{id: stepRank, count: stepTasks},
}

// The variables of Slurm's srun.
const (
	stepRank  = "SLURM_PROCID"
	stepTasks = "SLURM_NTASKS"
)

// task is the place of this process among the tasks of a scheduler.
type task struct {
	source string // variable
	id     int    // number that the scheduler gives
	index  int    // number from 0
	count  int    // number of tasks; 0: unknown
	step   int
	gaps   bool // the numbers have gaps, so that index is not known
}

// detect returns the shard of this process: its place in an array of jobs, in
// the processes of one job, or in both. m is the number of shards; 0 takes it
// from the scheduler. With m, the scheduler's own numbers are counted modulo m,
// so that some tasks of an array can be repeated under their numbers.
func detect(m int, getenv func(string) string) (Shard, string, error) {
	array, err := find(arrays, getenv)
	if err != nil {
		return Shard{}, "", err
	}
	process, err := find(launchers, getenv)
	if err != nil {
		return Shard{}, "", err
	}
	switch {
	case array == nil && process == nil:
		return Shard{}, "", cli.Usage(fmt.Errorf("--shard auto finds no task: none of %s is set. "+
			"Give --shard K/M", strings.Join(looked(), ", ")))
	case array == nil:
		return process.shard(m)
	case process == nil || process.count == 1:
		return array.shard(m)
	case process.count == 0:
		return Shard{}, "", cli.Usage(fmt.Errorf("--shard auto finds both %s and %s, and not the "+
			"number of processes: give --shard K/M", array.source, process.source))
	}
	both := &task{source: array.source + " and " + process.source,
		id:    array.id*process.count + process.index,
		index: array.index*process.count + process.index,
		count: array.count * process.count, step: array.step, gaps: array.gaps}
	return both.shard(m)
}

// shard returns the shard of a task, of m shards or, for 0, of as many as there
// are tasks.
func (t *task) shard(m int) (Shard, string, error) {
	switch {
	case m > 0 && t.step != 1:
		return Shard{}, "", cli.Usage(fmt.Errorf("--shard auto/%d: the numbers of %s are %d "+
			"apart: give --shard auto or K/M", m, t.source, t.step))
	case m > 0:
		return of(t.id, m), t.source, nil
	case t.gaps:
		return Shard{}, "", cli.Usage(fmt.Errorf("--shard auto: the numbers of the %d tasks of %s "+
			"have gaps: give --shard auto/M with M, the number of shards, which counts the "+
			"numbers modulo M", t.count, t.source))
	case t.count == 0:
		return Shard{}, "", cli.Usage(fmt.Errorf("--shard auto: %s is %d, and it is unknown "+
			"of how many: give --shard auto/M with M, the number of shards", t.source, t.id))
	}
	return Shard{K: t.index + 1, M: t.count}, t.source, nil
}

// find returns the place of this process in the first numbering that is set, or
// nil if none is.
func find(of []numbering, getenv func(string) string) (*task, error) {
	for _, n := range of {
		// 0 and "undefined" mean in LSF and in SGE that the job is no array.
		// Slurm gives the script of a job the variables of a task, though it is
		// none.
		text := getenv(n.id)
		if text == "" || text == "undefined" || n.begin == 1 && text == "0" ||
			n.id == stepRank && text == "0" && cli.OutsideStep(getenv) {
			continue
		}
		return n.read(getenv)
	}
	return nil, nil
}

// read returns the place of this process in the numbering, which is set.
func (n numbering) read(getenv func(string) string) (*task, error) {
	values := map[string]int{}
	for _, name := range []string{n.id, n.count, n.first, n.last, n.step} {
		text := getenv(name)
		if name == "" || text == "" || text == "undefined" {
			continue
		}
		v, err := strconv.Atoi(text)
		if err != nil || v < 0 {
			return nil, cli.Config(fmt.Errorf("environment: %s is %q; it must be a number from 0 "+
				"on", name, text))
		}
		values[name] = v
	}
	t := &task{source: n.id, id: values[n.id], count: values[n.count], step: max(1, values[n.step])}
	first, known := values[n.first]
	if !known {
		first = n.begin
	}
	t.index = (t.id - first) / t.step
	if last, known := values[n.last]; known {
		span := (last-first)/t.step + 1
		if t.count != 0 && span != t.count {
			t.gaps = true
			return t, nil
		}
		t.count = span
	}
	if t.count != 0 && (t.index < 0 || t.index >= t.count) {
		return nil, cli.Config(fmt.Errorf("environment: %s is %d; it must be %d to %d", n.id, t.id,
			first, first+(t.count-1)*t.step))
	}
	return t, nil
}

// looked returns the variables that detect looks for.
func looked() (names []string) {
	for _, n := range append(arrays[:len(arrays):len(arrays)], launchers...) {
		names = append(names, n.id)
	}
	return names
}

// Repeats returns a remark if this process is one of several that a launcher
// started with the same command line, so that each does all the work without a
// shard. It returns "" otherwise.
func Repeats(getenv func(string) string) string {
	t, err := find(launchers, getenv)
	if err != nil || t == nil || t.count < 2 {
		return ""
	}
	return fmt.Sprintf("this is task %d of %d (%s), and each of them does all the work: --shard "+
		"auto divides it", t.index+1, t.count, t.source)
}

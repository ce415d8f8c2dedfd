package tasks

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"csdm/env"
	"csdm/infer"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/identity"
	"csdm/nn/train"
)

// Settings are the settings of a study.
type Settings struct {
	Tasks       []string // names; empty: all
	Simulations int      // pairs for each network
	Steps       int      // of training
	Cases       int      // observations of each task
	Draws       int      // of each posterior
	Seed        uint64   // of the pairs, of the training and of own observations
	// Published is the folder of a copy of sbibm, whose observations and
	// reference draws are used; empty: own ones.
	Published string
}

// Row holds the figures of a task and an observation. A number that does not
// apply is null in JSON and empty in CSV.
type Row struct {
	// name of the task in sbibm
	Task string `json:"task"`
	// number of the observation, from 1
	Case int `json:"case"`
	// simulations that the network was trained on
	Simulations int `json:"simulations"`
	// training steps
	Steps int `json:"steps"`

	// C2ST of the network's draws against the reference draws; 0.5 is the best
	Network infer.StatedError `json:"network_c2st"`
	// C2ST of the certified draws; null: not certified
	Certified infer.StatedError `json:"certified_c2st"`
	// effective sample size of the weights of the network's draws
	ESS infer.StatedError `json:"certified_ess"`
	// Pareto k̂ of the weights of the network's draws
	KHat infer.StatedError `json:"certified_khat"`
	// why not certified; empty: certified
	Reason string `json:"reason"`

	// method of the reference draws, or published
	Reference string `json:"reference"`
	// effective sample size of the reference draws; null: they are exact
	ReferenceESS infer.StatedError `json:"reference_ess"`
	// Pareto k̂ of the reference's weights; null: there are none
	ReferenceKHat infer.StatedError `json:"reference_khat"`
	// last loss on held-out simulations
	HeldOutLoss infer.StatedError `json:"held_out_loss"`
	// CPU time of training and simulations in seconds
	TrainingCPUSeconds infer.StatedError `json:"training_cpu_seconds"`
	// CPU time of the draws in seconds
	DrawingCPUSeconds infer.StatedError `json:"drawing_cpu_seconds"`
	// processor and number of cores
	Machine string `json:"machine"`
	// implementation of the numerical kernels
	Kernel string `json:"kernel"`
}

// Result is the result of a study.
type Result struct {
	// folder of the tables
	Folder string `json:"folder"`
	// figures of each task and observation
	Rows []Row `json:"rows"`
	// call that finished the study
	Call env.Call `json:"call"`
	// AlreadyThere reports that an earlier call computed everything.
	AlreadyThere bool `json:"already_there,omitempty"`
}

// Files of a study. resultFile is written last.
const (
	rowsFile   = "tasks.csv"
	resultFile = "tasks.json"
)

// validate returns an error for the first setting that is out of range, and the
// tasks.
//
// Two blocks of held-out pairs at least are needed for the ridges.
func (s *Settings) validate() (tasks []*Task, err error) {
	switch {
	case s.Simulations < heldShare*blockLen*2 || s.Simulations > 10_000_000:
		err = fmt.Errorf("%d simulations; the number must be %d to 10000000", s.Simulations,
			heldShare*blockLen*2)
	case s.Steps < 1:
		err = fmt.Errorf("%d training steps; at least 1 is needed", s.Steps)
	case s.Cases < 1 || s.Published != "" && s.Cases > publishedCases:
		err = fmt.Errorf("%d cases; at least 1 is needed, and %d are published", s.Cases,
			publishedCases)
	case s.Draws < centerCount || s.Draws > 1_000_000:
		err = fmt.Errorf("%d draws; the number must be %d to 1000000", s.Draws, centerCount)
	}
	names := s.Tasks
	if len(names) == 0 {
		names = Names()
	}
	for _, name := range names {
		t, e := New(name)
		err = errors.Join(err, e)
		tasks = append(tasks, t)
	}
	return tasks, err
}

// Run trains a network for each task, and compares its draws, and the same
// draws weighted by the likelihood, with reference draws. It writes the figures
// to dir: tasks.csv, and last tasks.json. Checkpoints and figures are kept in
// dir as they are made, so that a stopped call resumes there.
func Run(ctx context.Context, dir string, s Settings, env env.Env) (*Result, error) {
	tasks, err := s.validate()
	if err != nil {
		return nil, cli.Usage(err)
	}
	r, anew := &Result{Folder: dir, Call: env.Call}, false
	for k, t := range tasks {
		rows, made, err := runTask(ctx, dir, t, s, env, func(done int, note string) {
			env.Progress("judging", k*s.Cases+done, len(tasks)*s.Cases, t.Name+", "+note)
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		r.Rows, anew = append(r.Rows, rows...), anew || made
	}
	env.Progress("judging", len(tasks)*s.Cases, len(tasks)*s.Cases, "")
	return r, r.write(anew)
}

// runTask returns the rows of a task. The network is trained when the first row
// needs it.
//
// A row that is in its file needs no network, so that a finished task costs no
// training in a later call.
func runTask(ctx context.Context, dir string, t *Task, s Settings, env env.Env,
	progress func(done int, note string)) (rows []Row, anew bool, err error) {
	var n *network
	var training time.Duration
	for k := range s.Cases {
		part := infer.KeptPart{Path: filepath.Join(dir, t.Name, fmt.Sprintf("case-%02d.json", k+1)),
			Identity: s.identity(t, k)}
		row, made, err := infer.PartValue(part, "the figures of a task", func() (*Row, error) {
			progress(k, "training")
			if n == nil {
				before, _, _ := cli.Used()
				n, err = trainNetwork(ctx, filepath.Join(dir, t.Name, "training"), t, s,
					env.Threads, func(p train.StepReport) {
						if p.Step%100 == 0 {
							progress(k, fmt.Sprintf("training step %d of %d", p.Step, p.Steps))
						}
					})
				if err != nil {
					return nil, err
				}
				after, _, _ := cli.Used()
				training = after - before
			}
			progress(k, fmt.Sprintf("observation %d", k+1))
			row, err := n.judge(ctx, k, s, env.Threads)
			if err != nil {
				return nil, err
			}
			row.TrainingCPUSeconds = infer.StatedError(training.Seconds())
			row.Machine, row.Kernel = env.Machine(), env.Kernel
			return row, nil
		})
		if err != nil {
			return nil, false, err
		}
		if made {
			anew = true
			env.ReportSaved()
		}
		rows = append(rows, *row)
	}
	return rows, anew, nil
}

// identity returns all inputs of a row.
//
// It has no thread count and no machine: rows are the same on all of them.
func (s *Settings) identity(t *Task, k int) identity.Identity {
	return identity.New("figures of a task", 1).Add("task", t.Name).Add("case", k+1).
		Add("simulations", s.Simulations).Add("steps", s.Steps).Add("draws", s.Draws).
		Add("seed", s.Seed).Add("published", s.Published != "").Identity()
}

// observationSeed separates own observations from the pairs of training.
const observationSeed = 1 << 40

// judge returns the row of an observation, without cost and call.
//
// The seeds of draws and of classifiers differ from observation to observation.
func (n *network) judge(ctx context.Context, k int, s Settings, threads int) (*Row, error) {
	t := n.pairs.task
	no := infer.NotStated
	row := &Row{Task: t.Name, Case: k + 1, Simulations: s.Simulations, Steps: s.Steps,
		Network: no, Certified: no, ESS: no, KHat: no, ReferenceESS: no, ReferenceKHat: no,
		HeldOutLoss: infer.StatedError(n.loss)}
	y, reference, err := t.referenceFor(k, s, row)
	if err != nil {
		return nil, err
	}
	before, _, _ := cli.Used()
	seed := s.Seed + uint64(k) + 1
	u, err := n.draw(ctx, y, s.Draws, seed, threads)
	if err != nil {
		return nil, err
	}
	after, _, _ := cli.Used()
	row.DrawingCPUSeconds = infer.StatedError((after - before).Seconds())
	row.Network = infer.StatedError(C2ST(reference, t.parameters(u), t.X, seed))
	certified, err := t.Certify(u, y, s.Draws, seed)
	if err != nil {
		row.Reason = err.Error()
		return row, nil
	}
	row.ESS, row.KHat = infer.StatedError(certified.ESS), infer.StatedError(certified.KHat)
	row.Certified = infer.StatedError(C2ST(reference, certified.P, t.X, seed))
	return row, nil
}

// referenceFor returns an observation and its reference draws of parameters.
//
// An own observation is pair 2⁴⁰ + k of the seed, far beyond any training pair.
func (t *Task) referenceFor(k int, s Settings, row *Row) (y, p []float64, err error) {
	if s.Published != "" {
		row.Reference = "published"
		return t.published(s.Published, k+1, s.Draws)
	}
	y = make([]float64, t.Y)
	t.Pair(make([]float64, t.X), y, s.Seed, observationSeed+uint64(k))
	d, err := t.Reference(y, s.Draws, s.Seed+uint64(k))
	if err != nil {
		return nil, nil, err
	}
	if row.Reference = d.Method; d.ESS > 0 {
		row.ReferenceESS, row.ReferenceKHat = infer.StatedError(d.ESS), infer.StatedError(d.KHat)
	}
	return y, d.P, nil
}

// write writes the files, the JSON file last. If no row is new and both exist,
// it leaves them alone.
func (r *Result) write(made bool) error {
	var buf bytes.Buffer
	if err := csv.NewWriter(&buf).WriteAll(r.records()); err != nil {
		return err
	}
	rows, result := filepath.Join(r.Folder, rowsFile), filepath.Join(r.Folder, resultFile)
	if there, err := os.ReadFile(rows); err == nil && bytes.Equal(there, buf.Bytes()) && !made {
		if _, err := os.Stat(result); err == nil {
			r.AlreadyThere = true
			return nil
		}
	}
	if err := atomicfile.WriteFile(rows, true, buf.Bytes()); err != nil {
		return err
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(result, true, append(data, '\n'))
}

// records returns the rows for CSV.
func (r *Result) records() [][]string {
	all := [][]string{{"task", "case", "simulations", "steps", "network_c2st", "certified_c2st",
		"certified_ess", "certified_khat", "reference", "reference_ess",
		"reference_khat", "held_out_loss", "training_cpu_seconds", "drawing_cpu_seconds",
		"reason"}}
	number := func(v infer.StatedError) string {
		if math.IsNaN(float64(v)) {
			return ""
		}
		return strconv.FormatFloat(float64(v), 'g', 6, 64)
	}
	for _, w := range r.Rows {
		all = append(all, []string{w.Task, strconv.Itoa(w.Case), strconv.Itoa(w.Simulations),
			strconv.Itoa(w.Steps), number(w.Network), number(w.Certified), number(w.ESS),
			number(w.KHat), w.Reference, number(w.ReferenceESS),
			number(w.ReferenceKHat), number(w.HeldOutLoss), number(w.TrainingCPUSeconds),
			number(w.DrawingCPUSeconds), w.Reason})
	}
	return all
}

package lab

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"csdm/bench"
	"csdm/infer"
	"csdm/internal/format"
	"csdm/internal/plot"
	"csdm/problems"
	"csdm/problems/quasistatic"
	"csdm/recipe"
)

// grid is the number of nodes along a side of the field in all rooms except the
// room of training.
const grid = 28

// inverse is the room of the inverse problem: one generator and one table.
//
// The table has the forward solution at each place of the disc on a grid. With
// it, the posterior of a new measurement needs no solve: its likelihood is a
// sum of squares per place, which is why the page follows a drag.
type inverse struct {
	server    *Server
	solving   sync.Mutex // of the generator
	generator problems.Generator
	table     *bench.SolutionTable
	solutions *solutions // of exact
	begin     sync.Once
	filled    chan struct{} // closed when the table can be used
}

// inverseInput is the state of the room.
type inverseInput struct {
	X     float64 `json:"x"` // center of the inclusion, in cm
	Y     float64 `json:"y"`
	Noise float64 `json:"noise"` // percent of the largest displacement
	Seed  uint64  `json:"seed"`  // of the measurement noise
}

// check returns an error if the disc or the noise is outside of the ranges of
// the problem.
func (in *inverseInput) check() error {
	return errors.Join(
		between("the center from the left", in.X, quasistatic.CenterMin, quasistatic.CenterMax),
		between("the center from the bottom", in.Y, quasistatic.CenterMin, quasistatic.CenterMax),
		between("the noise in percent", in.Noise, 1, 20))
}

// addInverse adds the room.
func (s *Server) addInverse() error {
	p, err := quasistatic.New(problems.Options{Grid: grid})
	if err != nil {
		return err
	}
	r := &inverse{server: s, filled: make(chan struct{}),
		solutions: &solutions{of: map[[sha256.Size]byte][]float64{}}}
	if r.generator, err = p.NewGenerator(); err != nil {
		return err
	}
	if r.table, err = bench.NewTable(p, s.env.Threads); err != nil {
		return err
	}
	s.inverse = r
	s.rooms["inverse"], s.rooms["exact"] = r.drag, r.exact
	s.files["y.npy"], s.files["x.npy"] = r.yFile, r.xFile
	return nil
}

// fill solves the table in the background. It gives way to computations.
//
// First the middles of coarse cells are solved, so that an approximate
// posterior exists after seconds; then block after block, each in the slot of a
// computation, so that a page never waits for more than one block.
func (r *inverse) fill() {
	ctx := r.server.background
	if err := r.table.FillMiddles(ctx, nil); err != nil {
		return
	}
	close(r.filled)
	for block := range r.table.Blocks() {
		select { // wait until no computation runs
		case r.server.jobs.slot <- struct{}{}:
			err := r.table.FillBlock(ctx, block)
			<-r.server.jobs.slot
			if err != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// ready begins to fill the table and waits until it can be used.
func (r *inverse) ready(ctx context.Context) error {
	r.begin.Do(func() { go r.fill() })
	select {
	case <-r.filled:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// problemUnit is the displacement, in cm, of which the noise is a percentage.
const problemUnit = quasistatic.UMax

// simulated is a field with its displacements and its measurement.
type simulated struct {
	problem      problems.Parametric
	x, ux, uy, y []float64
}

// measure simulates the measurement.
//
// The noise is y = u_x + η with η ~ N(0, (noise/100·u_max)²), by the stream of
// the seed. The same state of the page gives the same measurement.
func (r *inverse) measure(in *inverseInput) (*simulated, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	p, err := quasistatic.New(problems.Options{Grid: grid, NoisePercent: in.Noise})
	if err != nil {
		return nil, err
	}
	n := p.Spec().XLen()
	m := &simulated{p, make([]float64, n), make([]float64, n), make([]float64, n),
		make([]float64, n)}
	p.Field(m.x, []float64{in.X, in.Y})
	g, ok := r.generator.(interface {
		Displacements(ux, uy, x []float64) error
	})
	if !ok {
		return nil, errors.New("lab: the generator gives no displacements")
	}
	r.solving.Lock() // a file is made while a computation runs
	err = g.Displacements(m.ux, m.uy, m.x)
	r.solving.Unlock()
	if err != nil {
		return nil, err
	}
	problems.Measure(p.Measurement(), m.y, m.uy, in.Seed, 0)
	return m, nil
}

// posterior is a posterior as the page draws it.
type posterior struct {
	Mean  floats    `json:"mean"` // kPa
	Std   floats    `json:"std"`
	Theta []float64 `json:"theta"` // mean of the center, cm
	Width []float64 `json:"width"` // its standard deviation, cm
	// The smallest regions that hold 50 and 90 % of the center's posterior, as
	// x and y of line segments, two points each.
	Contours [2][2]floats `json:"contours"`
}

// drag computes everything that follows a drag: field, displacements,
// measurement, and the posterior from the table.
//
// The line states the number of solves that the table needed and the ones of
// this posterior, and an error of the mean and of the standard deviation, as
// csdm reference does.
func (r *inverse) drag(ctx context.Context, input []byte, emit func(any) error) error {
	in := &inverseInput{}
	if err := read(input, in); err != nil {
		return err
	}
	began := time.Now()
	m, err := r.measure(in)
	if err != nil {
		return err
	}
	solved := time.Since(began)
	if err := r.ready(ctx); err != nil {
		return err
	}
	t, err := r.table.Posterior(ctx, m.y, in.Noise/100*problemUnit)
	if err != nil {
		return err
	}
	return emit(map[string]any{
		"rows": grid, "cols": grid,
		"x": floats(m.x), "ux": floats(m.ux), "uy": floats(m.uy), "measured": floats(m.y),
		"posterior": posterior{floats(t.Mean), floats(t.Std), t.ThetaMean, t.ThetaStd,
			contours(t.Plane)},
		"coarse": t.Coarse, "error_mean": number(t.ErrorMean), "error_std": number(t.ErrorStd),
		"solves": t.Solves, "cells": t.Cells, "table_solves": r.table.Solves(),
		"solve_ms": 1e3 * solved.Seconds(), "posterior_ms": 1e3 * (time.Since(began) -
			solved).Seconds(),
		"command": inverseCommand(in),
	})
}

// inverseCommand returns the command that computes the posterior of the
// measurement file.
func inverseCommand(in *inverseInput) string {
	return fmt.Sprintf("csdm reference --problem quasistatic --grid %d --noise %v "+
		"--method quadrature --y y.npy -o posterior.npz", grid, in.Noise)
}

// exact computes the posterior as csdm reference does, with the same bytes.
func (r *inverse) exact(ctx context.Context, input []byte, emit func(any) error) error {
	in := &inverseInput{}
	if err := read(input, in); err != nil {
		return err
	}
	m, err := r.measure(in)
	if err != nil {
		return err
	}
	taken := r.solutions.takenSoFar()
	t, err := infer.ReferencePosterior(ctx, remembering{m.problem, r.solutions}, m.y,
		recipe.NewReference(recipe.MethodQuadrature), infer.Job{Seed: 1}, r.server.env)
	if err != nil {
		return err
	}
	theta, width := moments(t.Plane)
	return emit(map[string]any{
		"posterior":  posterior{floats(t.Mean), floats(t.Std), theta, width, contours(t.Plane)},
		"error_mean": number(t.ErrorMean), "error_std": number(t.ErrorStd),
		"solves": t.Origin.Solves, "kept": r.solutions.takenSoFar() - taken,
		"seconds": t.Origin.Seconds, "command": inverseCommand(in),
	})
}

// contours returns the lines around the smallest regions of a plane that hold
// 50 and 90 %.
//
// The smallest region of probability s is {θ: p(θ) ≥ c}, with c such that it
// holds s: any other region of the same probability has cells of lower density
// and so is larger. The cells are sorted by density and summed until s is
// reached. The level is lowered by 10⁻⁹, so that cells of exactly this density
// are inside.
func contours(p *bench.Plane) (lines [2][2]floats) {
	if p == nil {
		return lines
	}
	sorted := slices.Clone(p.Density)
	slices.SortFunc(sorted, func(a, b float64) int { return cmp.Compare(b, a) })
	for k, share := range []float64{0.5, 0.9} {
		sum, level := 0.0, 0.0
		for _, v := range sorted {
			if sum += v; sum >= share {
				level = v
				break
			}
		}
		x, y := plot.Contour(p.Density, p.Rows, p.Cols,
			plot.Extent{X0: p.X0, X1: p.X1, Y0: p.Y0, Y1: p.Y1}, level*(1-1e-9))
		// Each line has two points and a NaN.
		for i := 0; i+1 < len(x); i += 3 {
			lines[k][0] = append(lines[k][0], x[i], x[i+1])
			lines[k][1] = append(lines[k][1], y[i], y[i+1])
		}
	}
	return lines
}

// moments returns mean and standard deviation of both variables of a plane.
//
// With cell centers v and probabilities w of cells,
//
//	mean = Σ w·v,  std = √(Σ w·v² − mean²),
//
// where max(0, …) guards against rounding.
func moments(p *bench.Plane) (mean, std []float64) {
	mean, std = make([]float64, 2), make([]float64, 2)
	for k, w := range p.Density {
		at := [2]float64{p.X0 + (float64(k%p.Cols)+0.5)*(p.X1-p.X0)/float64(p.Cols),
			p.Y0 + (float64(k/p.Cols)+0.5)*(p.Y1-p.Y0)/float64(p.Rows)}
		for i, v := range at {
			mean[i] += w * v
			std[i] += w * v * v
		}
	}
	for i, v := range std {
		std[i] = math.Sqrt(max(0, v-mean[i]*mean[i]))
	}
	return mean, std
}

// state reads the state of the room from a query.
func (r *inverse) state(query map[string]string) (*simulated, error) {
	in := &inverseInput{}
	for name, v := range map[string]*float64{"x": &in.X, "y": &in.Y, "noise": &in.Noise} {
		var err error
		if *v, err = strconv.ParseFloat(query[name], 64); err != nil || math.IsInf(*v, 0) {
			return nil, refused("%s is %q; it must be a number", name, query[name])
		}
	}
	var err error
	if in.Seed, err = strconv.ParseUint(query["seed"], 10, 64); err != nil {
		return nil, refused("seed is %q; it must be a whole number", query["seed"])
	}
	return r.measure(in)
}

// yFile is the measurement, and xFile the true field.
func (r *inverse) yFile(query map[string]string) ([]byte, error) {
	m, err := r.state(query)
	if err != nil {
		return nil, err
	}
	return npy(m.y, 1, grid, grid)
}

// xFile is the true field in kPa, (rows, cols).
func (r *inverse) xFile(query map[string]string) ([]byte, error) {
	m, err := r.state(query)
	if err != nil {
		return nil, err
	}
	return npy(m.x, grid, grid)
}

// npy returns an array as a .npy file in memory.
func npy(values []float64, shape ...int) ([]byte, error) {
	var b writer
	err := format.WriteNPY(&b, format.Array64(values, shape...))
	return b, err
}

type writer []byte

// Write appends p. It never fails.
func (w *writer) Write(p []byte) (int, error) {
	*w = append(*w, p...)
	return len(p), nil
}

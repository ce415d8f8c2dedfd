package dataset_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"csdm/dataset"
	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Sagging is a user-defined problem: find the load on a string from its
// deflection. It consists of a Spec, a generator of pairs and a distribution of
// noise.
type Sagging struct{}

func (Sagging) Spec() *problems.Spec {
	return &problems.Spec{
		Name: "sagging", Title: "Load on a string", Rows: 1, Cols: 9, YChannels: 1, Width: 1,
		Height:     1,
		LengthUnit: "m", XName: "load", XUnit: "N/m", YName: "deflection", YUnit: "m",
		ImagesPerSimulation: 1,
	}
}

func (p Sagging) NewGenerator() (problems.Generator, error) { return p, nil }

func (Sagging) Measurement() priors.Measurement { return priors.Gaussian{Std: 0.01} }

// Pair draws a load on one half of the string, and solves −u″ = load/tension by
// summing twice.
func (Sagging) Pair(x, y []float64, seed, i uint64) error {
	s := rng.New(seed, rng.Prior, i, 0)
	load, h := s.Uniform(0.5, 2), 1.0/8
	var slope, u float64
	for k := range x {
		if x[k] = 0; k > 4 {
			x[k] = load
		}
		y[k] = u
		slope -= x[k] * h
		u += slope * h
	}
	for k := range y { // the right end is fixed as well
		y[k] -= y[8] * float64(k) / 8
	}
	return nil
}

func Example() {
	dir, err := os.MkdirTemp("", "sagging")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	ctx, problem := context.Background(), Sagging{}
	made, err := dataset.Generate(ctx, dir, problem,
		dataset.Settings{Pairs: 1000, Seed: 1, Threads: 2})
	if err != nil {
		log.Fatal(err)
	}
	again, err := dataset.Generate(ctx, dir, problem,
		dataset.Settings{Pairs: 1000, Seed: 1, Threads: 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("made %d pairs, then found %d\n", made.Made, again.Found)

	store, err := dataset.Open(dir)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	source, err := dataset.NewSource(ctx, store, problem.Measurement(),
		dataset.Settings{Threads: 2})
	if err != nil {
		log.Fatal(err)
	}
	x, y := make([]float32, 9), make([]float32, 9)
	if err := source.Training(x, y, 0, 0); err != nil { // step 0, slot 0
		log.Fatal(err)
	}
	fmt.Printf("%d pairs to train on, %d held out; load %.2f of the range\n", source.TrainingLen(),
		source.HeldOutLen(), x[8])
	// Output:
	// made 1000 pairs, then found 1000
	// 900 pairs to train on, 100 held out; load 0.61 of the range
}

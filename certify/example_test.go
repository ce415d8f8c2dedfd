package certify_test

import (
	"context"
	"fmt"
	"log"

	"csdm/certify"
	"csdm/problems"
	"csdm/problems/quasistatic"
	"csdm/rng"
)

// The exact posterior of a measurement from rough draws of the field. Here the
// draws are fields near the true one; a network would supply them.
func ExampleCertify() {
	problem, err := quasistatic.New(problems.Options{Grid: 16, NoisePercent: 10})
	if err != nil {
		log.Fatal(err)
	}
	spec := problem.Spec()
	generator, err := problem.NewGenerator()
	if err != nil {
		log.Fatal(err)
	}
	x, y := make([]float64, spec.XLen()), make([]float64, spec.YLen())
	if err := generator.Pair(x, y, 1, 0); err != nil {
		log.Fatal(err)
	}
	problem.Measurement().Sample(y, y, rng.New(1, rng.Noise, 0, 0))

	const n = 32
	draws, s := make([]float64, 0, n*len(x)), rng.New(2, rng.Test, 0, 0)
	for range n {
		for _, v := range x {
			draws = append(draws, v+0.05*spec.XRange.Width()*s.Normal())
		}
	}
	r, err := certify.Certify(context.Background(), problem, y, draws,
		certify.Settings{Seed: 1, Threads: 2})
	if err != nil {
		log.Fatal(err)
	}
	square, variance := 0.0, 0.0 // sums over pixels
	for k, v := range r.Mean {
		square += (v - x[k]) * (v - x[k])
		variance += r.Std[k] * r.Std[k]
	}
	fmt.Println("certified:", r.Certificate.Certified)
	fmt.Println("effective draws above 400:", r.Certificate.ESS > 400)
	fmt.Println("error below two standard deviations:", square < 4*variance)
	// Output:
	// certified: true
	// effective draws above 400: true
	// error below two standard deviations: true
}

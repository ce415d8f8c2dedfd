package calibrate_test

import (
	"fmt"
	"strings"

	"csdm/bench"
	"csdm/calibrate"
)

// The result of a check in a sentence, and its row of the table of verdicts.
func ExampleResult_Statement() {
	caught := true
	network := &bench.Assessment{Verdict: bench.Pass,
		Tests: map[string]bench.Judgment{bench.TestSBC: bench.Pass, bench.TestTARP: bench.Pass}}
	r := calibrate.Result{Measurements: 500, Draws: 99, Tested: calibrate.NetworkPosterior,
		Verdict: bench.Pass, Posteriors: []calibrate.CheckedPosterior{
			{Name: calibrate.NetworkPosterior, Assessment: network},
			{Name: "shift", Caught: &caught, Assessment: &bench.Assessment{Verdict: bench.Fail}},
		}}
	fmt.Println(strings.NewReplacer(". ", ".\n", ", the", ",\nthe").Replace(r.Statement()))
	fmt.Println(calibrate.Columns())
	fmt.Println(r.Posteriors[0].Row())
	// Output:
	// Over 500 held-out measurements with 99 draws each,
	// the posteriors (network) are calibrated to within tolerance.
	// The check catches all posteriors that were spoiled on purpose.
	// [Posterior Ranks (SBC) Coverage TARP Predictive Verdict]
	// [network pass – pass – pass]
}

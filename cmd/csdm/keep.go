package main

import (
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/spf13/cobra"

	"csdm/infer"
	"csdm/langevin"
	"csdm/nn"
)

// keepFlag is the name of the flag for the parts that a result keeps.
const keepFlag = "keep"

// addKeep adds the flags for what the results of sample keep, and for their
// size without any work.
func addKeep(cmd *cobra.Command, y *mapFlags, keep *infer.Keep) {
	f := cmd.Flags()
	f.StringVar(&keep.What, keepFlag, infer.KeepBoth, "what the result keeps of the draws: "+
		infer.KeepSummary+", "+infer.KeepDraws+" or "+infer.KeepBoth)
	f.StringVar(&keep.Type, "precision", "float64",
		"element type of fields and draws in the result: float64, float32 or float16")
	addDryRun(cmd, &y.dry)
}

// sampleSize is the work of a call of sample, and the size of its results.
type sampleSize struct {
	// number of measurements
	Measurements int `json:"measurements"`
	// posterior draws of each measurement
	Draws int `json:"draws"`
	// evaluations of the network for one draw
	Evaluations int `json:"evaluations_per_draw"`
	// what the results keep of the draws
	Keep string `json:"keep"`
	// size of the result of one measurement in bytes
	BytesEach int64 `json:"bytes_each"`
	// size of all results in bytes
	Bytes int64 `json:"bytes"`
}

// String returns the size as a sentence, for standard error.
func (s *sampleSize) String() string {
	text := fmt.Sprintf("%d draws of %d evaluations each; keeping %s takes about %s",
		s.Draws, s.Evaluations, s.Keep, size(s.BytesEach))
	if s.Measurements > 1 {
		text = fmt.Sprintf("%d measurements, %s each, %s in all", s.Measurements, text,
			size(s.Bytes))
	}
	return text
}

// size returns a number of bytes as text.
func size(bytes int64) string {
	v, unit := float64(bytes)/1e3, "kB"
	for _, next := range []string{"MB", "GB", "TB"} {
		if v >= 1000 {
			v, unit = v/1000, next
		}
	}
	return fmt.Sprintf("%.3g %s", v, unit)
}

// announce prints the size of the results of a range before its first
// measurement, or of any call with --dry-run. done reports whether that was
// all.
func (a *app) announce(y *mapFlags, keep infer.Keep, s langevin.Settings,
	m *nn.Metadata) (done bool, err error) {
	n := m.Normalization
	most := max(math.Abs(n.XMin), math.Abs(n.XMax))
	for _, f := range n.Fields {
		most = max(most, math.Abs(f.Min), math.Abs(f.Max))
	}
	if err := keep.Validate(most); err != nil {
		return false, err
	}
	from, count := y.count()
	plan := &sampleSize{Measurements: count, Draws: s.Draws,
		Evaluations: s.Evaluations(), Keep: keep.String(),
		BytesEach: keep.Bytes(s.Draws, m.XLen())}
	plan.Bytes = int64(plan.Measurements) * plan.BytesEach
	if y.dry {
		return true, a.sized.print(plan, func(w io.Writer) { fmt.Fprintln(w, plan) })
	}
	if y.many && y.Case == strconv.Itoa(from) {
		a.console.note(plan.String())
	}
	return false, nil
}

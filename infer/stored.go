package infer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/identity"
)

// What a result file keeps of a posterior.
//
// A file of 1,000 draws of 256×256 pixels in both units has a gigabyte. Most
// readers need the moments only.
const (
	KeepBoth    = "both"
	KeepSummary = "summary"
	KeepDraws   = "draws"
)

// Keep chooses what the file of a posterior has, and with how many digits.
//
// Errors of the rounded type are far below the posterior's standard deviation:
// float16 has a relative error of 2⁻¹¹, float32 of 2⁻²⁴. A float16 ends at
// 65,504, which Validate checks against the range of the field.
type Keep struct {
	// KeepSummary: mean, std and quantiles, no draws. KeepDraws: the draws
	// once, in normalized units, with mean and std. KeepBoth or "": everything.
	What string `json:"what,omitempty"`
	// Type is the element type of draws and of fields in NumPy's words:
	// float16, float32, or float64 or "".
	Type string `json:"type,omitempty"`
}

// Validate returns a usage error for a word that is none of the above, and for
// fields of up to most that do not fit the type.
func (k Keep) Validate(most float64) error {
	switch {
	case !slices.Contains([]string{"", KeepBoth, KeepSummary, KeepDraws}, k.What):
		return cli.Usage(fmt.Errorf("--keep is %q; it must be %s, %s or %s", k.What, KeepSummary,
			KeepDraws, KeepBoth))
	case !slices.Contains([]string{"", "float64", "float32", "float16"}, k.Type):
		return cli.Usage(fmt.Errorf("precision is %q; it must be float64, float32 or float16",
			k.Type))
	case k.Type == "float16" && math.Abs(most) >= format.MaxHalf:
		return cli.Usage(fmt.Errorf("precision is float16, which ends at %v; fields reach %g: "+
			"choose float32", format.MaxHalf, most))
	}
	return nil
}

// Default reports whether the file has everything in full precision.
//
// A default file carries no Keep in its Origin, so that files of earlier
// versions, which kept everything, read the same.
func (k Keep) Default() bool { return k.resolved() == Keep{} }

// resolved returns k with "" for the words of the default.
//
// Two ways to write the default must compare as equal.
func (k Keep) resolved() Keep {
	if k.What == KeepBoth {
		k.What = ""
	}
	if k.Type == "float64" {
		k.Type = ""
	}
	return k
}

// String names the kept parts, such as "summary as float32".
func (k Keep) String() string {
	what, t := k.What, k.Type
	if what == "" {
		what = KeepBoth
	}
	if t == "" {
		t = "float64"
	}
	return what + " as " + t
}

// Finished is FinishedPosterior for a result that keeps k. A file that keeps
// something else is an error.
//
// A file of moments cannot serve a call that wants the draws.
func (k Keep) Finished(path string, asked identity.Identity, n int) (*Posterior, error) {
	p, err := FinishedPosterior(path, asked, n)
	if p == nil || err != nil {
		return nil, err
	}
	if p.Keep != k.resolved() {
		return nil, cli.Exists(fmt.Errorf("%s keeps %v and this call keeps %v: choose another "+
			"output, or give --overwrite", path, p.Keep, k))
	}
	return p, nil
}

// keeps reports whether the file has the array of this name.
//
// Quantiles can be computed from the draws, so that KeepDraws leaves q05, q50
// and q95 out. Mean and std stay because ReadSummary needs them.
func (k Keep) keeps(name string) bool {
	isDraws := strings.HasPrefix(name, "samples") || name == "quantity_draws"
	switch k.What {
	case KeepSummary:
		return !isDraws
	case KeepDraws:
		return name == "samples" || name == "quantity_draws" || !isDraws &&
			!strings.HasPrefix(name, "q0") && !strings.HasPrefix(name, "q5") &&
			!strings.HasPrefix(name, "q9")
	}
	return true
}

// of returns the arrays that are kept, with fields of rows × cols pixels in the
// type of k.
//
// Fields are recognized by their last two axes. Scalars and the values of
// quantities stay float64.
func (k Keep) of(arrays []format.Named, rows, cols int) []format.Named {
	if k.Default() {
		return arrays
	}
	var kept []format.Named
	for _, a := range arrays {
		if !k.keeps(a.Name) {
			continue
		}
		if s := a.Array.Shape; a.Array.DType == format.Float64 && len(s) >= 2 &&
			s[len(s)-2] == rows && s[len(s)-1] == cols {
			a.Array = k.convert(a.Array)
		}
		kept = append(kept, a)
	}
	return kept
}

// convert rounds to the nearest value of the type.
func (k Keep) convert(a *format.Array) *format.Array {
	switch k.Type {
	case "float32":
		return format.Array32(a.Float32(), a.Shape...)
	case "float16":
		return format.Array16(a.Float32(), a.Shape...)
	}
	return a
}

// Bytes returns the approximate size of the file of n draws of fields of pixels
// pixels. It takes the residual of the measurement to be as large as a field.
//
// It is for a forecast of the disk space, so that its error of a few kilobytes
// does not matter.
func (k Keep) Bytes(n, pixels int) int64 {
	fields := 1 // the residual
	for _, name := range []string{"mean", "std", "mean_error", "std_error", "q05", "q50", "q95"} {
		if k.keeps(name) {
			fields += 2 // normalized and physical
		}
	}
	for _, name := range []string{"samples", "samples_physical"} {
		if k.keeps(name) {
			fields += n
		}
	}
	size := map[string]int64{"float16": 2, "float32": 4}[k.Type]
	if size == 0 {
		size = 8
	}
	const rest = 30 << 10 // names, verdict, origin
	return int64(fields)*int64(pixels)*size + rest
}

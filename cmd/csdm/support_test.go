package main

import (
	"math"
	"strings"
	"testing"

	"csdm/internal/cli"
)

// TestAcceptedByFlag: draws that were accepted by --allow-extrapolation are not
// passed off as good ones when the call is given again without it.
func TestAcceptedByFlag(t *testing.T) {
	workdir(t)
	const call = "sample --model builtin:quasistatic-28-n5 --y " +
		"models/measurements/quasistatic-28-n5.npz:y --case 1 --n 4 --steps 4 -o coarse.npz"
	must(t, call+" --allow-extrapolation")
	before := readBytes(t, "coarse.npz")
	if _, _, err := csdm(t, strings.Fields(call)...); cli.Code(err) != cli.ExitData ||
		!strings.Contains(err.Error(), "not accurate") {
		t.Errorf("code %d, %v", cli.Code(err), err)
	}
	_, notes, err := csdm(t, strings.Fields(call+" --allow-extrapolation")...)
	if err != nil || !strings.Contains(notes, "not accurate") {
		t.Errorf("%v\n%s", err, notes)
	}
	if string(before) != string(readBytes(t, "coarse.npz")) {
		t.Error("the result was changed")
	}
}

// TestTailShape: the shape of a tail that is not there is no number of 300
// digits.
func TestTailShape(t *testing.T) {
	for khat, want := range map[float64]string{0.125: "0.12", math.Inf(-1): "none",
		-math.MaxFloat64: "none"} {
		if got := tailShape(khat); !strings.HasPrefix(got, want) || len(got) > 40 {
			t.Errorf("%v: %s", khat, got)
		}
	}
}

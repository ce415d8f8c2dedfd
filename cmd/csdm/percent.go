package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// percent is a flag for a percentage: 5 or 5%. A number below 0.5 without the
// sign is refused because it may be meant as a fraction, and 0 because it may
// be meant as the default. The zero value means that the flag was not given.
type percent float64

// leastPercent is the smallest percentage that is accepted without its sign.
const leastPercent = 0.5

// Set reads a percentage with or without its sign. A number so small that it
// may be meant as a fraction needs the sign.
func (p *percent) Set(text string) error {
	number, signed := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	switch {
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		return fmt.Errorf("it must be a finite percentage such as 5 or 5%%")
	case v <= 0:
		return fmt.Errorf("it must be a positive percentage; without the flag the default is used")
	case v < leastPercent && !signed:
		return fmt.Errorf("is it %.6g %% or %.6g %%? Write %.6g%% or %.6g%%", v, 100*v, v, 100*v)
	}
	*p = percent(v)
	return nil
}

// String returns the percentage without its sign, or "" if the flag is not set.
func (p *percent) String() string {
	if *p == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(*p), 'g', -1, 64)
}

// Type returns the name of the value in help texts.
func (p *percent) Type() string { return "percent" }

// noiseFlag adds the flag --noise.
func noiseFlag(cmd *cobra.Command, p *percent, usage string) { cmd.Flags().Var(p, "noise", usage) }

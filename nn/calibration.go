package nn

import "fmt"

// Calibration describes how far valid measurements lie from the predictions of
// their own posterior. It holds the distributions of some statistics of the
// residual over simulated measurements, and the limits that follow from them
// (package explain).
type Calibration struct {
	Count    int    `json:"count"`    // simulated measurements
	Draws    int    `json:"draws"`    // posterior draws of each measurement; 0 if none were needed
	Sampling string `json:"sampling"` // how the draws were made; "" with Draws = 0
	// seed of measurements and draws
	Seed  uint64  `json:"seed"`
	Rate  float64 `json:"rate"`  // fraction of valid measurements beyond any limit, at most
	Limit float64 `json:"limit"` // limit of the tail probability of each statistic
	// distribution of each statistic
	Tests []Tails `json:"tests"`
}

// Tails holds the distribution of one statistic.
type Tails struct {
	// name of the statistic
	Name string `json:"name"`
	// median over measurements
	Median float64 `json:"median"`
	// tail of large values
	High Tail `json:"high"`
	// Low is the tail of the negative statistic; nil if small values are no
	// fault.
	Low *Tail `json:"low,omitempty"`
}

// Tail is a distribution beyond From: P(value > v) = Share exp(−(v −
// From)/Scale).
type Tail struct {
	// probability of a value above from
	Share float64 `json:"share"`
	// where the exponential tail begins
	From float64 `json:"from"`
	// scale of the exponential tail
	Scale float64 `json:"scale"`
}

// Validate returns an error if a count, rate, limit or tail is out of range. A
// nil calibration is valid.
func (c *Calibration) Validate() error {
	if c == nil {
		return nil
	}
	if c.Count < 1 || c.Draws < 0 || !(c.Rate > 0 && c.Rate <= 1) ||
		!(c.Limit > 0 && c.Limit <= 1) {
		return fmt.Errorf("nn: calibration with %d measurements, %d draws, rate %v and limit %v "+
			"is not valid", c.Count, c.Draws, c.Rate, c.Limit)
	}
	for _, t := range c.Tests {
		tails := []Tail{t.High}
		if t.Low != nil {
			tails = append(tails, *t.Low)
		}
		for _, u := range tails {
			if !(u.Share > 0 && u.Share <= 1) || !(u.Scale > 0) || u.Scale-u.Scale != 0 ||
				u.From-u.From != 0 || t.Median-t.Median != 0 {
				return fmt.Errorf("nn: the tail of %q is not valid: %+v, median %v", t.Name, u,
					t.Median)
			}
		}
	}
	return nil
}

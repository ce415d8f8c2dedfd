package nn

import "fmt"

// Calibration says how far right measurements lie from what a posterior of them
// predicts: the distribution of some statistics of the residual over simulated
// measurements, and the limits that follow (package explain).
type Calibration struct {
	Count    int     `json:"count"`    // simulated measurements
	Draws    int     `json:"draws"`    // posterior draws of each; 0: none were needed
	Sampling string  `json:"sampling"` // how the draws were made; "" with Draws = 0
	Seed     uint64  `json:"seed"`
	Rate     float64 `json:"rate"`  // right measurements beyond any limit, at most
	Limit    float64 `json:"limit"` // of the tail probability of each statistic
	Tests    []Tails `json:"tests"`
}

// Tails is the distribution of one statistic.
type Tails struct {
	Name   string  `json:"name"`
	Median float64 `json:"median"`
	High   Tail    `json:"high"`
	// of the negative statistic; nil: small values are no fault
	Low *Tail `json:"low,omitempty"`
}

// Tail is a distribution beyond From: P(value > v) = Share exp(−(v −
// From)/Scale).
type Tail struct {
	Share float64 `json:"share"`
	From  float64 `json:"from"`
	Scale float64 `json:"scale"`
}

// Validate returns an error that says what makes no sense. A nil calibration is
// valid.
func (c *Calibration) Validate() error {
	if c == nil {
		return nil
	}
	if c.Count < 1 || c.Draws < 0 || !(c.Rate > 0 && c.Rate <= 1) ||
		!(c.Limit > 0 && c.Limit <= 1) {
		return fmt.Errorf("nn: calibration on %d measurements of %d draws, rate %v, limit %v",
			c.Count, c.Draws, c.Rate, c.Limit)
	}
	for _, t := range c.Tests {
		tails := []Tail{t.High}
		if t.Low != nil {
			tails = append(tails, *t.Low)
		}
		for _, u := range tails {
			if !(u.Share > 0 && u.Share <= 1) || !(u.Scale > 0) || u.Scale-u.Scale != 0 ||
				u.From-u.From != 0 || t.Median-t.Median != 0 {
				return fmt.Errorf("nn: tail of %q: %+v, median %v", t.Name, u, t.Median)
			}
		}
	}
	return nil
}

package problems_test

import (
	"testing"

	"csdm/internal/identity"
	"csdm/internal/identity/identitytest"
	"csdm/priors"
	"csdm/problems"
)

// described is a problem that consists of its description only.
type described struct {
	Its   problems.Spec
	Noise priors.Measurement
	Lo    []float64
	Hi    []float64
	More  identity.Identity
}

func (p *described) Spec() *problems.Spec                      { return &p.Its }
func (p *described) Measurement() priors.Measurement           { return p.Noise }
func (p *described) NewGenerator() (problems.Generator, error) { return nil, nil }
func (p *described) Box() (lo, hi []float64)                   { return p.Lo, p.Hi }
func (p *described) Latent([]float64, uint64, uint64)          {}
func (p *described) Field(_, _ []float64)                      {}
func (p *described) Definition() identity.Identity             { return p.More }

// TestIdentify changes every part of a problem's description, including the
// numbers of each measurement.
func TestIdentify(t *testing.T) {
	for _, noise := range []priors.Measurement{
		priors.Gaussian{Std: 0.1}, priors.TruncatedGaussian{Std: 0.1, Limit: 3},
		priors.Blur{Rows: 4, Cols: 4, FWHM: 1},
		priors.PhaseNoise{Rows: 2, Cols: 2},
		priors.Sequence{priors.Gaussian{Std: 1}, priors.Wrap{}, priors.Recorded{}},
		priors.Correlated{Modes: [][]float64{{1}}, Smooth: []priors.SmoothError{{Std: 1}}},
	} {
		p := described{
			Its:   problems.Spec{Name: "a", Variables: []problems.Variable{{Name: "r"}}},
			Noise: noise, Lo: []float64{0}, Hi: []float64{1},
			More: identity.New("more", 1).Identity(),
		}
		identitytest.Covers(t, p, func(p described) identity.Identity {
			return problems.Identify("x", 1, &p).Identity()
		},
			"Its.Title", "Its.Section", "Its.XName", "Its.XLabel", "Its.YName",
			"Its.YChannelNames")
	}
	var ids []identity.Identity
	for _, noise := range []priors.Measurement{priors.Gaussian{Std: 0.1},
		priors.TruncatedGaussian{Std: 0.1}, priors.Wrap{}, priors.Recorded{}} {
		ids = append(ids, problems.Identify("x", 1,
			&described{Noise: noise, More: identity.New("more", 1).Identity()}).Identity())
	}
	for k, id := range ids {
		for _, other := range ids[:k] {
			if id == other {
				t.Errorf("two measurements are both %s", id.JSON())
			}
		}
	}
}

package infer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"csdm/certify"
	"csdm/env"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/identity"
	"csdm/problems"
)

// Certificate is the certificate in a result file.
//
// It embeds the numbers of package certify and adds the numbers of the
// certified draws that the file shows.
type Certificate struct {
	certify.Certificate
	// physical quantities of the certified draws
	Quantities []Quantity `json:"quantities,omitempty"`
}

// CertifiedIdentity returns the identity of a certified posterior of n draws.
//
// It contains the identity of the network's draws, because they decide where
// the search begins and therefore which random numbers meet which solves.
func CertifiedIdentity(draws identity.Identity, problem problems.Problem, n int) identity.Identity {
	return problems.Identify("certified posterior", 3, problem).AddIdentity("network",
		draws).Add("draws", n).Identity()
}

// CanCertify returns an error with code 64 if posteriors of a problem cannot be
// certified; see certify.Possible.
func CanCertify(problem problems.Problem) error {
	if err := certify.Possible(problem); err != nil {
		return cli.Usage(err)
	}
	return nil
}

// Certify replaces a network's posterior of the measurement y (physical units)
// by the exact posterior, keeps the network's mean and standard deviation, and
// sets the certificate and the quantities. e is the Explainer of the problem.
// p.Explained holds the tests of the measurement so far, or is nil; Certify
// adds the test of the certified draws. The certificate reports whether it was
// granted; the error is for other failures; see CanCertify and certify.Certify.
//
// The draws x_i of the network become a proposal density q for the variables θ
// of the prior. New variables θ_j are drawn from q and get the weights
//
//	w_j = p(y | Field(θ_j)) p(θ_j) / q(θ_j)
//
// so that weighted averages tend to averages over the posterior for any q that
// covers it. A wrong network changes q and with it the number of forward
// solves, not the limit. The number of draws of p stays the same, but their
// fields are new.
func (p *Posterior) Certify(ctx context.Context, e *Explainer, y []float64, seed uint64,
	env env.Env) error {
	if err := CanCertify(e.Problem); err != nil {
		return err
	}
	env.Note("weighting the network's draws by the forward model")
	draws := make([]float64, p.Draws*p.size())
	p.Normalization.PhysicalX(draws, p.Samples[:len(draws)], p.size())
	mean, std := p.Mean, p.Std
	r, err := p.certify(ctx, e, y, draws, certify.Settings{Seed: seed, Verdict: p.Explained}, env)
	if err != nil {
		return err
	}
	p.NetworkMean, p.NetworkStd = mean, std
	p.Origin.Method += ", weighted by the forward model"
	p.Origin.Solves += r.Certificate.Solves
	p.Origin.Identity = CertifiedIdentity(p.Origin.Identity, e.Problem, p.Draws)
	p.finish(e.Problem)
	return nil
}

// Text returns the certificate as a sentence.
func (c *Certificate) Text() string {
	if c.Certified {
		return "certified"
	}
	return "NOT CERTIFIED: " + strings.Join(c.Reasons, "; ")
}

// NotCertified returns the error for a posterior in the file path without a
// granted certificate.
//
// Few effective draws or a heavy tail of the weights point to a poor start of
// the search. Otherwise the third requirement has failed: the misfit of the
// certified draws, which no further draw can mend.
func NotCertified(c *Certificate, path string) error {
	out := "the model, the noise or the measurement is wrong"
	if c.ESS < certify.LeastESS || !(c.KHat < certify.MaxKHat) {
		out = "more draws of the network, or a network trained longer, give a better start"
	}
	return cli.Data(fmt.Errorf("the posterior in %s is not certified: %s; %s", path,
		strings.Join(c.Reasons, "; "), out))
}

// Refusal returns NotCertified of a posterior in the file path whose
// certificate was refused, and nil if there is none or it was granted.
func (p *Posterior) Refusal(path string) error {
	if p.Certificate == nil || p.Certificate.Certified {
		return nil
	}
	return NotCertified(p.Certificate, path)
}

const certificateEntry = "certificate_json"

// certificateArrays returns the entries of a result file for the certificate,
// or none if Certify was not called.
func (p *Posterior) certificateArrays() ([]format.Named, error) {
	if p.Certificate == nil {
		return nil, nil
	}
	text, err := json.Marshal(p.Certificate)
	if err != nil {
		return nil, err
	}
	certificate := format.Named{Name: certificateEntry, Array: &format.Array{
		Shape: []int{len(text)}, DType: format.Uint8, U8: text}}
	if p.NetworkMean == nil { // of Search
		return []format.Named{certificate}, nil
	}
	return []format.Named{
		{Name: "network_mean", Array: format.Array64(p.NetworkMean, p.shape()...)},
		{Name: "network_std", Array: format.Array64(p.NetworkStd, p.shape()...)},
		certificate,
	}, nil
}

// readCertified reads what only a certified posterior in a file has: moments
// from all weighted draws, and the network's own. s is the summary of the file.
//
// ReadPosterior has computed moments from the equally weighted draws in the
// file. The moments of all weighted draws have a smaller error, so that they
// replace these.
func (p *Posterior) readCertified(path string, s *Summary) error {
	moments := s.Normalized()
	p.Mean, p.Std, p.MeanError, p.StdError, p.ESS = moments.Mean, moments.Std, moments.MeanError,
		moments.StdError, moments.ESS
	z, err := format.OpenNPZ(path)
	if err != nil {
		return err
	}
	withNetwork := z.Has("network_mean")
	z.Close()
	if !withNetwork { // of Search
		return nil
	}
	for name, dst := range map[string]*[]float64{"network_mean": &p.NetworkMean,
		"network_std": &p.NetworkStd} {
		a, err := format.ReadArrayFile(path + ":" + name)
		if err != nil {
			return err
		}
		if err := errors.Join(a.CheckShape(p.shape()...), a.CheckFinite()); err != nil {
			return cli.Data(fmt.Errorf("%s: %s: %w", path, name, err))
		}
		*dst = a.Float64()
	}
	return nil
}

// ReadCertificate reads the certificate of a result file. It returns nil if the
// file has none.
func ReadCertificate(path string) (*Certificate, error) {
	z, err := format.OpenNPZ(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	if !z.Has(certificateEntry) {
		return nil, nil
	}
	a, err := z.Read(certificateEntry)
	if err != nil {
		return nil, err
	}
	c := new(Certificate)
	if a.DType != format.Uint8 || json.Unmarshal(a.U8, c) != nil {
		return nil, &format.Error{Path: path, Entry: certificateEntry, Offset: -1,
			What: "it is not JSON written by csdm"}
	}
	return c, nil
}

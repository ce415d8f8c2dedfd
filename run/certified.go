package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"csdm/bench"
	"csdm/certify"
	"csdm/env"
	"csdm/explain"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/identity"
	"csdm/priors"
	"csdm/problems"
)

// proposalDraws is the number of the network's draws from which the search for
// a certified posterior begins.
const proposalDraws = 128

// chiDraws is the number of certified draws over which χ² is averaged.
const chiDraws = 32

// Certificate is certify.Certificate with the misfit of the certified draws.
type Certificate struct {
	certify.Certificate
	Chi2 float64 `json:"chi2"` // per value of the measurement, averaged over draws; 0: unknown
}

// CertifiedIdentity returns the identity of a certified posterior of n draws.
func CertifiedIdentity(draws identity.Identity, problem problems.Problem, n int) identity.Identity {
	return problems.Identify("certified posterior", 1, problem).AddIdentity("network",
		draws).Add("draws", n).Identity()
}

// CanCertify returns an error with code 64 if posteriors of a problem cannot be
// certified. The prior must be a map from a few variables and the noise must
// have a density. problem is nil if the model's problem is not known.
func CanCertify(problem problems.Problem) error {
	const no = "no certificate: "
	if problem == nil {
		return cli.Usage(errors.New(no +
			"the forward model is not known; name its file by --problem FILE.toml"))
	}
	spec := problem.Spec()
	if _, ok := problem.(problems.Parametric); !ok {
		return cli.Usage(fmt.Errorf(no+"the prior of %s is not a map from few variables",
			spec.Name))
	}
	if _, ok := problem.Measurement().(priors.Likelihood); !ok {
		return cli.Usage(fmt.Errorf(no+"the noise model of %s has no known density",
			spec.Name))
	}
	return nil
}

// Certify replaces a network's posterior of the measurement y (physical units)
// by the exact posterior, keeps the network's mean and standard deviation, and
// sets the certificate. The certificate reports whether it was granted; the
// error is for other failures; see CanCertify and certify.Certify.
func (p *Posterior) Certify(ctx context.Context, problem problems.Problem, y []float64, seed uint64,
	env env.Env) error {
	if err := CanCertify(problem); err != nil {
		return err
	}
	env.Note("weighting the network's draws by the forward model")
	size, n := p.Rows*p.Cols, min(p.Draws, proposalDraws)
	draws := make([]float64, n*size)
	p.Normalization.PhysicalX(draws, p.Samples[:n*size])
	const unknown = -1
	env.Progress("certifying", 0, unknown, "")
	start, before, err := layeredStart(ctx, problem.(problems.Parametric), y, seed, env)
	if err != nil {
		return err
	}
	r, err := certify.Certify(ctx, problem.(problems.Parametric), y, draws, n, certify.Settings{
		Draws: p.Draws, Seed: seed, Threads: env.Threads, Start: start,
		Watch: func(s bench.AdaptiveStage) {
			env.Progress("certifying", s.Draws, unknown,
				fmt.Sprintf("effective sample size %.0f", s.ESS))
		},
	})
	if err != nil {
		return err
	}
	r.Certificate.Solves += before
	p.Certificate = &Certificate{Certificate: r.Certificate}
	residual, err := explain.OfDraws(ctx, problem, y, r.Samples[:min(chiDraws, p.Draws)*size],
		env.Threads)
	switch {
	case errors.Is(err, explain.ErrNoForward): // y is not a function of the field alone
	case err != nil:
		return err
	default:
		for _, chi2 := range residual.Misfit {
			p.Certificate.Chi2 += chi2 / float64(len(residual.Misfit))
		}
	}
	p.NetworkMean, p.NetworkStd = p.Mean, p.Std
	norm, count := p.Normalization, p.Draws
	p.Posterior = *r.Posterior.Scaled(norm.XMin, norm.XMax-norm.XMin)
	p.Draws = count
	p.Samples = r.Samples
	norm.NormalizeX(p.Samples, p.Samples)
	p.Origin.Method += ", weighted by the forward model"
	p.Origin.Solves += r.Certificate.Solves
	p.Origin.Identity = CertifiedIdentity(p.Origin.Identity, problem, count)
	return nil
}

// NotCertified returns the error for a posterior that was written without a
// granted certificate.
func NotCertified(c *Certificate, path string) error {
	text := ""
	for i, reason := range c.Reasons {
		if i > 0 {
			text += "; "
		}
		text += reason
	}
	return cli.Data(
		fmt.Errorf("the posterior in %s is not certified: %s; more draws of the network, or a "+
			"network trained longer, give a better start", path, text))
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
	return []format.Named{
		{Name: "network_mean", Array: format.Array64(p.NetworkMean, p.Rows, p.Cols)},
		{Name: "network_std", Array: format.Array64(p.NetworkStd, p.Rows, p.Cols)},
		{Name: certificateEntry, Array: &format.Array{Shape: []int{len(text)}, DType: format.Uint8,
			U8: text}},
	}, nil
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

package run

import (
	"fmt"

	"csdm/env"
	"csdm/infer"
	"csdm/internal/report"
	"csdm/problems"
)

// AnswerPage lays out the page of a user's measurement y (physical units): the
// map, the posterior with its verdict, and the certificate.
//
// A misfit outranks the certificate. A certificate states that the draws are
// the posterior of the model; if the model does not explain the measurement,
// that posterior is exact and useless.
func AnswerPage(problem problems.Problem, y []float64, p *infer.Posterior,
	env env.Env) *report.Report {
	spec := problem.Spec()
	c := &Case{Name: "answer", Y: y, Posterior: p}
	page := casePage(problem, c, 0)
	page.Title = "The measurement"
	exact := report.PixelEstimate{Name: "exact posterior", Mean: p.Mean, Std: p.Std,
		Note: fmt.Sprintf("%d draws by %s in %.1f s", p.Draws, p.Origin.Method, p.Origin.Seconds)}
	if p.Certificate != nil && !p.Certificate.Certified {
		exact.Name = "NOT certified"
	}
	if p.NetworkMean != nil {
		page.Network.Mean, page.Network.Std = p.NetworkMean, p.NetworkStd
		page.Network.Note = "its own draws"
		page.References = append(page.References, exact)
	} else if p.Certificate != nil {
		page.Network = exact
	}
	var sections []report.Section
	for _, of := range fieldPages(page, p.Normalization.Fields) {
		sections = append(sections, of.Section())
	}
	section := &sections[len(sections)-1]
	if p.Certificate != nil {
		certified := &CertifiedCase{Posterior: p, Quantities: p.Origin.Quantities}
		section.Blocks = append(section.Blocks, certified.blocks(c.Name)...)
	} else if t := infer.QuantityTable("answer-quantities", p.Origin.Quantities,
		p.Origin.Regions); t != nil {
		section.Blocks = append(section.Blocks, t)
	}
	r := &report.Report{Title: "Posterior of the " + spec.XName,
		Subtitle:  fmt.Sprintf("%s: %s, %d×%d", spec.Name, spec.Title, spec.Rows, spec.Cols),
		Sections:  sections,
		Reproduce: []string{p.Origin.Command},
		Provenance: append(env.Call.Rows(), report.KeyValue{Key: "noise",
			Value: problem.Measurement().String()}),
	}
	r.Headline.Statement = "The posterior is exact within the stated errors: its certificate is " +
		"granted."
	switch {
	case p.Explained != nil && !p.Explained.Explained:
		r.Headline.Statement = "The model does not explain the measurement, so the posterior " +
			"below must not be used."
	case p.Certificate == nil:
		r.Headline.Statement = "The posterior is the network's own: it has no certificate."
	case !p.Certificate.Certified:
		r.Headline.Statement = "The certificate is refused: the posterior below is not exact."
	}
	return r
}

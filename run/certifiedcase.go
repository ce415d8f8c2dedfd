package run

import (
	"context"
	"fmt"
	"math"

	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/plot"
	"csdm/internal/report"
)

// CertifiedCase is the certified posterior of a case, or a posterior whose
// certificate was refused.
type CertifiedCase struct {
	*infer.Posterior
	Quantities  []infer.Quantity   // of the certified posterior and the true field
	Comparisons []infer.Comparison // with each reference
}

// CaseCertificate is the certificate of a case with the distance of its
// posterior from the first reference.
type CaseCertificate struct {
	// index of the case, such as 000
	Case string `json:"case"`
	infer.Certificate
	// distance of the certified posterior from the first reference; absent: no
	// reference
	Comparison *infer.Comparison `json:"comparison,omitempty"`
}

// certify certifies the posterior of case number k, and keeps the result in the
// folder of the case. A refused certificate is no error.
//
// It reads the posterior from its file again, so that the network's draws stay
// as they were written and certification works on a copy.
func (f *Folder) certify(ctx context.Context, e *infer.Explainer, one *Case, k int) error {
	name := caseName(k, certifiedFile)
	err := f.keep(name, func(path string) error {
		p, err := infer.ReadPosterior(f.casePath(k, posteriorFile))
		if err != nil {
			return err
		}
		if p.Explained, err = e.Measurement(ctx, one.Y, f.env); err != nil {
			return err
		}
		if err := p.Certify(ctx, e, one.Y, f.Recipe.Seed, f.env); err != nil {
			return err
		}
		return p.WriteFile(path, false)
	})
	if err != nil {
		return err
	}
	p, err := infer.ReadPosterior(f.path(name))
	if err != nil {
		return err
	}
	c := &CertifiedCase{Posterior: p}
	like := Case{Truth: one.Truth, Posterior: p}
	c.Quantities = like.truthful(e.Problem, p.Normalization)
	for _, r := range one.References {
		c.Comparisons = append(c.Comparisons,
			infer.NewComparison("certified", &p.Posterior, r.Name, r.Posterior, 0))
	}
	one.Certified = c
	if !p.Certificate.Certified {
		f.env.Note(fmt.Sprintf("case %s: %s", one.Name, p.Certificate.Text()))
	}
	return nil
}

// summary returns the certificate of the case of that name.
func (c *CertifiedCase) summary(name string) CaseCertificate {
	s := CaseCertificate{Case: name, Certificate: *c.Certificate}
	if len(c.Comparisons) > 0 {
		s.Comparison = &c.Comparisons[0]
	}
	return s
}

// estimate is the posterior as an estimate of the page of its case.
func (c *CertifiedCase) estimate() report.PixelEstimate {
	e := report.PixelEstimate{Name: "certified", Mean: c.Mean, Std: c.Std, Note: c.Origin.Method}
	if !c.Certificate.Certified {
		e.Name = "NOT certified"
	}
	return e
}

// blocks returns the certificate as a part of the page of the case of that
// name. There is none if c is nil.
//
// A tail k̂ of −MaxFloat64 stands for weights without a tail, and is shown as
// none.
func (c *CertifiedCase) blocks(name string) []report.Block {
	if c == nil {
		return nil
	}
	v := c.Certificate
	granted := "granted"
	text := "The posterior is certified: it is the exact posterior of the prior and the noise " +
		"model, within the stated errors."
	if !v.Certified {
		granted, text = "REFUSED", plot.Literal(sentence(v.Text()))
	}
	tail := "none"
	if v.KHat > -math.MaxFloat64 {
		tail = report.Number(v.KHat)
	}
	rows := report.KeyValues{
		{Key: "certificate", Value: granted},
		{Key: "effective sample size", Value: fmt.Sprintf("%.0f", v.ESS)},
		{Key: "shape k̂ of the weights' tail", Value: tail},
		{Key: "χ² per value", Value: report.Number(v.Chi2)},
		{Key: "ln p(y)", Value: fmt.Sprintf("%.2f ± %.2g", v.LogEvidence, v.LogEvidenceError)},
		{Key: "forward solves", Value: fmt.Sprint(v.Solves)},
		{Key: "wall time", Value: fmt.Sprintf("%.1f s", v.Seconds)},
		{Key: "CPU time", Value: fmt.Sprintf("%.1f s", v.CPUSeconds)},
	}
	if n := v.Noise; n != nil {
		rows = append(rows, report.KeyValue{Key: "standard deviation of the noise",
			Value: fmt.Sprintf("%s, 90 %% interval %s to %s", report.Number(n.Mean),
				report.Number(n.Q05), report.Number(n.Q95))})
	}
	for _, m := range c.Comparisons {
		rows = append(rows, report.KeyValue{Key: "distance from " + m.Reference,
			Value: fmt.Sprintf("%s in the mean, %s in the standard deviation (RMSE)",
				report.Number(m.Mean), report.Number(m.Std))})
	}
	blocks := []report.Block{report.Paragraph(text), rows}
	if t := infer.QuantityTable("case-"+name+"-certified-quantities", c.Quantities,
		c.Origin.Regions); t != nil {
		blocks = append(blocks, t)
	}
	return blocks
}

// certifiedText states how many cases are certified; "" if none was to be.
func (o *Outcome) certifiedText() string {
	if len(o.Certificates) == 0 {
		return ""
	}
	all := len(o.Certificates)
	return fmt.Sprintf("Posteriors that the forward model certifies: %d of %d.",
		all-len(o.refused()), all)
}

// refused returns the certificates that were refused.
func (o *Outcome) refused() (out []CaseCertificate) {
	for _, c := range o.Certificates {
		if !c.Certified {
			out = append(out, c)
		}
	}
	return out
}

// Refusal returns an error with code 65 that names the cases without a granted
// certificate, or nil if there are none.
func (o *Outcome) Refusal() error {
	refused := o.refused()
	if refused == nil {
		return nil
	}
	text := ""
	for _, c := range refused {
		text += fmt.Sprintf("; case %s: %s", c.Case, c.Text())
	}
	return cli.Data(fmt.Errorf("%d of %d posteriors of %s are not certified%s", len(refused),
		len(o.Certificates), o.Report, text))
}

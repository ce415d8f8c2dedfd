package run

import (
	"strings"
	"testing"

	"csdm/bench"
	"csdm/certify"
	"csdm/env"
	"csdm/explain"
	"csdm/infer"
	"csdm/internal/report"
	"csdm/nn"
)

// answered returns a posterior of the problem quasistatic on 16×16 nodes.
func answered() *infer.Posterior {
	const n = 16 * 16
	p := &infer.Posterior{Rows: 16, Cols: 16, Samples: make([]float64, 2*n),
		Normalization: nn.Normalization{XMin: 10, XMax: 50},
		Posterior: bench.Posterior{Mean: make([]float64, n), Std: make([]float64, n),
			Draws: 2}}
	p.Origin.Method, p.Origin.Seconds, p.Origin.Command = "adaptive", 1.5, "csdm infer --y y.npy"
	return p
}

// granted returns a certificate that is granted or refused.
func granted(yes bool) *infer.Certificate {
	return &infer.Certificate{Certificate: certify.Certificate{Certified: yes, ESS: 17,
		Reasons: []string{"the size is 17"}}}
}

// TestAnswerPage checks the statement above a page and the names of its
// estimates for each outcome: a misfit outranks a certificate, and a refused
// certificate is never called exact.
func TestAnswerPage(t *testing.T) {
	problem := problemOf(t, "quasistatic")
	for _, c := range []struct {
		statement, network, reference string
		change                        func(p *infer.Posterior)
	}{
		{"certificate is granted", "exact posterior", "",
			func(p *infer.Posterior) { p.Certificate = granted(true) }},
		{"certificate is refused", "NOT certified", "",
			func(p *infer.Posterior) { p.Certificate = granted(false) }},
		{"must not be used", "exact posterior", "", func(p *infer.Posterior) {
			p.Certificate, p.Explained = granted(true), &explain.Verdict{Text: "it does not"}
		}},
		{"network's own", "score network", "", func(*infer.Posterior) {}},
		{"certificate is granted", "score network", "exact posterior", func(p *infer.Posterior) {
			p.Certificate = granted(true)
			p.NetworkMean, p.NetworkStd = make([]float64, 256), make([]float64, 256)
		}},
	} {
		p := answered()
		c.change(p)
		r := AnswerPage(problem, make([]float64, problem.Spec().YLen()), p, env.Quiet(1))
		if !strings.Contains(r.Headline.Statement, c.statement) {
			t.Errorf("%q lacks %q", r.Headline.Statement, c.statement)
		}
		if len(r.Reproduce) != 1 || r.Reproduce[0] != p.Origin.Command {
			t.Errorf("the page gives the commands %q", r.Reproduce)
		}
		var page strings.Builder
		if err := r.Write(&page); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{c.network, c.reference} {
			if !strings.Contains(page.String(), want) {
				t.Errorf("%s: the page lacks %q", c.statement, want)
			}
		}
		if exact := strings.Contains(page.String(), "exact posterior"); exact !=
			(c.network == "exact posterior" || c.reference != "") {
			t.Errorf("%s: the page calls a posterior exact: %v", c.statement, exact)
		}
	}
}

// TestTruthInWords checks the sentences and tables about true fields in
// physical units, here of width 40 kPa.
//
// A distance of 0.1 of the range is 4 kPa. A width that is applied twice or not
// at all gives 160 or 0.1.
func TestTruthInWords(t *testing.T) {
	o := &Outcome{TruthDistances: []TruthDistance{{Case: "000", Mean: 0.1, Prior: 0.2, Std: 0.05}},
		Coverage: []Coverage{{Name: "modulus", Within: 9, Of: 10, Error: 0.1}}}
	o.TruthDistance = overall(o.TruthDistances)
	text := truthStatement(o, 40, "kPa")
	for _, want := range []string{"Over one measurement,", "4.000 kPa", "2.000 kPa", "9 of 10"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	s := truthSection(o, 40, "kPa")
	distances, coverage := s.Blocks[1].(*report.Table), s.Blocks[2].(*report.Table)
	if row := distances.Rows[0]; len(distances.Rows) != 1 || row[1] != "4.000" ||
		row[2] != "8.000" || row[3] != "2.000" || distances.Units[1] != "kPa" {
		t.Errorf("distances %v in %v", distances.Rows, distances.Units)
	}
	if row := strings.Join(coverage.Rows[0], " "); row != "modulus 9 10 9.0 1.0" {
		t.Errorf("coverage %q", row)
	}
}

package run

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"csdm/certify"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/report"
)

// TestMetrics reads a training's metrics: losses per pixel, and a band of two
// standard errors about the last held-out loss by noise level.
func TestMetrics(t *testing.T) {
	const text = `{"step":10,"loss":40}
{"step":20,"loss":20,"held_out":{"Sigma":[0.1,1],"Loss":[8,16],"Error":[1,2],"Mean":12}}
{"step":30}
{"step":40,"loss":10,"held_out":{"Sigma":[0.1,1],"Loss":[4,8],"Error":[1,2],"Mean":6}}
`
	m, err := readMetrics(strings.NewReader(text), 4)
	if err != nil {
		t.Fatal(err)
	}
	equal := func(what string, got []float64, want ...float64) {
		t.Helper()
		if len(got) != len(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
			return
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
	}
	equal("steps", m.Step, 10, 20, 40)
	equal("losses", m.Loss, 10, 5, 2.5)
	equal("steps of held-out losses", m.HeldOutStep, 20, 40)
	equal("held-out losses", m.HeldOut, 3, 1.5)
	equal("loss by level", m.SigmaLoss, 1, 2)
	equal("lower", m.SigmaLo, 0.5, 1)
	equal("upper", m.SigmaHi, 1.5, 3)
	_, err = readMetrics(strings.NewReader("{\"step\":1}\nnot JSON\n"), 4)
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a damaged line: code %d, %v", cli.Code(err), err)
	}
}

// TestFieldsOfComparison checks the names that scripts read.
func TestFieldsOfComparison(t *testing.T) {
	c := &infer.FileComparison{Comparison: infer.Comparison{Method: "a", Reference: "b", Mean: 1,
		Std: 2}}
	text, err := json.Marshal(c)
	var fields map[string]any
	if err := errors.Join(err, json.Unmarshal(text, &fields)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"method": "a", "reference": "b", "rmse_mean": 1.0,
		"rmse_std": 2.0} {
		if fields[name] != want {
			t.Errorf("%s is %v, want %v", name, fields[name], want)
		}
	}
	if len(fields) != 14 {
		t.Errorf("%d fields", len(fields))
	}
}

// TestRefusedCertificate checks that the page of a case and the outcome show a
// certificate that was refused, with the reason.
func TestRefusedCertificate(t *testing.T) {
	c := &CertifiedCase{Posterior: &infer.Posterior{Certificate: &infer.Certificate{
		Certificate: certify.Certificate{ESS: 17, Reasons: []string{"the size is 17"}}}}}
	blocks := c.blocks("000")
	if text, ok := blocks[0].(report.Paragraph); !ok ||
		text != "NOT CERTIFIED: the size is 17." {
		t.Errorf("the page says %v", blocks[0])
	}
	if rows, ok := blocks[1].(report.KeyValues); !ok || rows[0].Value != "REFUSED" {
		t.Errorf("the table says %v", blocks[1])
	}
	if name := c.estimate().Name; name != "NOT certified" {
		t.Errorf("the figure says %s", name)
	}
	o := &Outcome{Certificates: []CaseCertificate{c.summary("000"),
		{Certificate: infer.Certificate{Certificate: certify.Certificate{Certified: true}}}}}
	if !strings.HasSuffix(o.certifiedText(), ": 1 of 2.") {
		t.Error(o.certifiedText())
	}
	err := o.Refusal()
	if cli.Code(err) != cli.ExitData || !strings.Contains(err.Error(), "1 of 2 posteriors") ||
		!strings.Contains(err.Error(), "the size is 17") {
		t.Errorf("code %d, %v", cli.Code(err), err)
	}
	if o.Certificates = o.Certificates[1:]; o.Refusal() != nil {
		t.Error("a certified case is refused")
	}
	if none := (*CertifiedCase)(nil); none.blocks("000") != nil {
		t.Error("a case without a certificate has a certificate on its page")
	}
}

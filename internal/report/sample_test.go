package report_test

import (
	"fmt"
	"math"

	"csdm/internal/report"
	"csdm/rng"
)

const n = 28

// disc is 1 within 0.12 of (cx, cy) and 0 elsewhere, on n×n nodes of the unit
// square.
func disc(cx, cy float64) []float64 {
	f := make([]float64, n*n)
	for k := range f {
		if math.Hypot(float64(k%n)/(n-1)-cx, float64(k/n)/(n-1)-cy) <= 0.12 {
			f[k] = 1
		}
	}
	return f
}

func draws(count int, seed uint64) [][]float64 {
	fields := make([][]float64, count)
	for d := range fields {
		r := rng.New(seed, rng.Test, uint64(d), 0)
		fields[d] = disc(0.42+0.03*r.Normal(), 0.6+0.045*r.Normal())
	}
	return fields
}

func moments(fields [][]float64) (mean, std []float64) {
	mean, std = make([]float64, n*n), make([]float64, n*n)
	for k := range mean {
		for _, f := range fields {
			mean[k] += f[k] / float64(len(fields))
		}
		std[k] = math.Sqrt(mean[k] * (1 - mean[k])) // the fields are 0 or 1
	}
	return mean, std
}

// posterior is a made-up result with everything that a run can have.
func posterior() *report.Posterior {
	r := rng.New(1, rng.Test, 0, 0)
	y := make([]float64, n*n)
	for k := range y {
		y[k] = -0.01*float64(k/n)/(n-1) + 5e-4*r.Normal()
	}
	p := &report.Posterior{
		Quantity: "shear modulus *μ*", Unit: "kPa", Measured: "displacement *u*_{y}",
		Rows: n, Cols: n, Width: 1, Height: 1, LengthUnit: "cm",
		Truth: disc(0.42, 0.6),
		Measurement: []report.Channel{{Name: "vertical displacement *u*_{y}", Unit: "cm",
			Values: y}},
		Network: report.PixelEstimate{Name: "score network"},
		References: []report.PixelEstimate{{Name: "exact (csdm)",
			Note: "quadrature over 97 × 97 centers"}, {Name: "exact (FEniCS)"}},
		Draws: draws(256, 2), DrawCount: 256,
	}
	p.Network.Mean, p.Network.Std = moments(p.Draws)
	p.References[0].Mean, p.References[0].Std = moments(draws(2000, 3))
	p.References[1].Mean, p.References[1].Std = moments(draws(2000, 4))
	return p
}

// comparisons are made-up distances of the network from two references.
func comparisons() []report.Comparison {
	return []report.Comparison{
		{"score network", "exact, csdm", report.Deviation{0.0213, 0.0121, 0.0031},
			report.Deviation{0.0187, 0.0093, 0.0029}},
		{"score network", "exact, FEniCS", report.Deviation{0.0221, 0.0121, 0.003},
			report.Deviation{0.0192, 0.0093, 0.003}},
		{"exact, csdm", "exact, FEniCS", report.Deviation{RMSE: 0.0008},
			report.Deviation{RMSE: 0.00062}},
	}
}

func training() *report.TrainingCurves {
	r := rng.New(4, rng.Test, 0, 0)
	t := &report.TrainingCurves{}
	for i := range 3000 {
		t.Step = append(t.Step, float64(i+1))
		t.Loss = append(t.Loss, (0.9*math.Exp(-float64(i)/200)+0.05)*math.Exp(0.3*r.Normal()))
	}
	for i := 250; i <= 3000; i += 250 {
		t.HeldOutStep = append(t.HeldOutStep, float64(i))
		t.HeldOut = append(t.HeldOut, 0.9*math.Exp(-float64(i)/200)+0.054)
	}
	for i := range 16 {
		sigma := 0.01 * math.Pow(1000, float64(i)/15)
		v := 0.02 + 0.2*math.Exp(-math.Pow(math.Log(sigma/0.15), 2)/4)
		t.Sigma, t.SigmaLoss = append(t.Sigma, sigma), append(t.SigmaLoss, v)
		t.SigmaLo, t.SigmaHi = append(t.SigmaLo, 0.93*v), append(t.SigmaHi, 1.07*v)
	}
	return t
}

// full is a whole report.
func full() *report.Report {
	p := posterior()
	phantoms := &report.Table{
		Caption: "Ten phantoms that the training never saw, each against quadrature. ESS is the " +
			"effective sample size (Σ*w*)^{2}/Σ*w*^{2} of importance weights on 20,000 prior " +
			"draws.",
		Columns: []string{"Phantom", "Center", "RMSE of mean", "RMSE of std", "ESS"},
		Units:   []string{"", "cm", "", "", ""},
	}
	for i := range 10 {
		phantoms.Rows = append(phantoms.Rows,
			[]string{fmt.Sprint(i + 1), fmt.Sprintf("(0.%d, 0.%d)", 31+i*3, 72-i*4),
				fmt.Sprintf("0.0%d", 19+i), fmt.Sprintf("0.0%d", 17+i), fmt.Sprint(340 + 41*i)})
	}
	section := p.Section()
	section.Blocks = append(
		[]report.Block{
			report.Paragraph(
				"A stiff disc of radius 0.12 cm lies somewhere in a soft square. The square is " +
					"pressed down by 1 %, and the vertical displacement is measured at every " +
					"node with Gaussian noise of 5 %. The network was trained on pairs of field " +
					"and measurement alone; it draws from *p*(*x* | *y*) by following the score " +
					"∇ log *p*_{σ}(*x* | *y*) from noise to field. The exact posterior comes " +
					"from the likelihood of the same measurement on a fine grid of centers.")},
		section.Blocks...)
	return &report.Report{
		Title:    "Posterior of a stiffness field from a noisy displacement",
		Subtitle: "quasistatic, 28 × 28 nodes, 5 % noise",
		Byline: []report.KeyValue{{"csdm", "0.1.0"}, {"made", "2026-01-31 12:00 UTC"},
			{"run", "runs/tiny"}},
		Headline: report.Headline{Statement: "The mean is 0.021 kPa from the exact mean.",
			Table: report.ComparisonTable(comparisons(), "kPa")},
		Sections: []report.Section{
			section,
			{Title: "Over many phantoms", Blocks: []report.Block{phantoms}},
			training().Section(),
			{Title: "Settings", Blocks: []report.Block{report.KeyValues{
				{"Network", "RefineNet, 16 features, 0.47 M weights, preconditioned"},
				{"Optimizer", "Adam, 1e-3, β₂ = 0.99, 2,800 steps of 32"},
				{"Noise levels *σ*", "128, geometric from 10 to 0.01"},
				{"Sampler", "DPM-Solver++(2M), 12 evaluations"},
				{"Measurement noise *σ*_{η}", "5 % of 0.01 cm"},
			}}},
		},
		Reproduce: []string{"csdm run --problem quasistatic --preset tiny --seed 1 -o runs/tiny"},
		Provenance: []report.KeyValue{{"Program", "csdm 0.1.0, go1.26, linux/amd64"}, {"Seed", "1"},
			{"Kernels", "avx2"},
			{"Model", "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
			{"Machine", "2 cores, 58 s"}},
	}
}

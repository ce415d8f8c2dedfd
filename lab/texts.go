package lab

// Rooms returns the rooms in the order of the page.
func Rooms() []Room {
	return []Room{scoreTexts(), inverseTexts(), levelsTexts(), annealTexts(), trainingTexts(),
		trustTexts(), measurementTexts()}
}

// The noise level and the noisy field of several rooms.
var (
	sigma = v("σ")
	noisy = tilde(v("x"))
)

func scoreTexts() Room {
	step := v("α")
	return Room{
		ID: "score", Title: "Score",
		Lead: "A distribution in the plane, smoothed by noise of standard deviation σ, and its " +
			"score. Drag a point to move a mode; drag elsewhere to draw more. Then send " +
			"particles through it.",
		Equations: []Equation{
			{"The score of the smoothed distribution", formula(bold("s"),
				in(bold("x"), o(","), sigma), o("="), o("∇"), `<mi>log</mi>`, sub(v("p"), sigma),
				in(bold("x")), o("="),
				frac(row(v("D"), in(bold("x"), o(","), sigma), o("−"), bold("x")),
					sup(sigma, num("2"))))},
			{"A step of Langevin dynamics (Eqs. 5, 18)", formula(bold("x"), o("←"), bold("x"),
				o("+"), step, bold("s"), in(bold("x"), o(","), sigma), o("+"),
				root(num("2"), step), bold("z"))},
		},
		Symbols: []Symbol{
			{inline(sub(v("p"), sigma)),
				"the distribution, convolved with a Gaussian of standard deviation σ"},
			{inline(bold("s")), "the score: it points to where the density rises"},
			{inline(v("D")), "the mean of the points that may have become x by noise"},
			{inline(step), "the size of a step; annealing scales it with σ²"},
			{inline(bold("z")), "independent standard normal numbers"},
		},
		Sources: []SourceLines{
			{"the exact score of weighted points", "langevin/points.go",
				"func (s *PointScorer) Score"},
			{"annealed Langevin dynamics (Algorithm 1)", "langevin/annealed.go",
				"func AnnealedLangevin"},
			{"few steps instead of many", "langevin/dpmpp2m.go", "func DPMSolverPP2M"},
		},
		Notice: []string{
			"At large σ all arrows point to one place. As σ falls, they part.",
			"Langevin at one level: a particle stays at the mode where it began. The shares of " +
				"the modes stay as at the start.",
			"Annealed Langevin needs 401 evaluations of the score. DPM-Solver++ needs as many as " +
				"its steps: from how many on is the distance as small as for exact draws?",
		},
		Question: "Why does Langevin dynamics at one small σ find both modes of 4 : 1 but not " +
			"their weights?",
		Answer: "Between the modes the density is almost 0, so that no particle crosses. The " +
			"score has no knowledge of the weights there: near a mode it is the score of that " +
			"mode alone.",
	}
}

func levelsTexts() Room {
	return Room{
		ID: "levels", Title: "Noise levels",
		Lead: "Training shows the network noisy fields. It returns the mean of the fields that " +
			"they may have been. Move σ, and compare with the exact mean.",
		Equations: []Equation{
			{"The noisy field (Eq. 13)", formula(noisy, o("="), v("x"), o("+"), sigma, v("z"))},
			{"The exact denoiser (Tweedie)", formula(sup(v("D"), o("*")), in(noisy, o(","), v("y"),
				o(","), sigma), o("="), sum(v("i")), sub(v("r"), v("i")), sub(v("x"), v("i")),
				o(","), `<mspace width="1em"/>`, sub(v("r"), v("i")), o("∝"), sub(v("w"), v("i")),
				`<mi>exp</mi>`, in(o("−"), sup(norm(noisy, o("−"), sub(v("x"), v("i"))), num("2")),
					o("/"), num("2"), sup(sigma, num("2"))))},
			{"The loss in terms of the denoiser (Eqs. 14, 15)", formula(frac(
				sup(norm(v("D"), o("−"), v("x")), num("2")),
				row(num("2"), sup(sigma, num("2")))))},
		},
		Symbols: []Symbol{
			{inline(noisy), "the field with noise; fields are scaled to 0 to 1"},
			{inline(v("D")), "the denoised field by the network quasistatic-28-n5"},
			{inline(sup(v("D"), o("*"))), "the denoised field by the exact score"},
			{inline(sub(v("w"), v("i"))), "the posterior weight of field i of the table, given y"},
			{inline(v("y")), "the measurement, with 5 % noise"},
		},
		Sources: []SourceLines{
			{"network output, denoiser and score", "nn/parameterization.go",
				"func (p *Preconditioned) At"},
			{"the loss of a sample", "nn/worker.go", "func (w *Worker[F]) loss"},
			{"noise is added", "nn/worker.go", "func (w *Worker[F]) setPixels"},
			{"the exact score", "langevin/points.go", "func (s *PointScorer) Score"},
		},
		Notice: []string{
			"At σ = 10 the noisy field shows nothing, and D is the posterior mean of y.",
			"At σ = 0.05 the noisy field shows all, and D is x itself.",
			"The irreducible error is what a perfect network would have. Where the network’s own " +
				"error is above it, more training would help.",
		},
		Question: "At which noise levels could this network gain most from more training, and " +
			"why not at the largest?",
		Answer: "Where the orange curve lies above the blue one. At large σ the network’s error " +
			"is below the error that nothing can reduce.",
	}
}

func annealTexts() Room {
	return Room{
		ID: "anneal", Title: "Annealing",
		Lead: "A draw begins as noise. At each level the network denoises it, given the " +
			"measurement, and the sampler steps to the next level. Play it, step by step, with " +
			"the network or with the exact score.",
		Equations: []Equation{
			{"Algorithm 1, a step at level i", formula(bold("x"), o("←"), bold("x"), o("+"),
				sub(v("α"), v("i")), bold("s"), in(bold("x"), o(","), v("y"), o(","), sub(v("σ"),
					v("i"))), o("+"), root(num("2"), sub(v("α"), v("i"))), bold("z"), o(","),
				`<mspace width="1em"/>`, sub(v("α"), v("i")), o("="), v("ε"), frac(sup(sub(v("σ"),
					v("i")), num("2")), sup(sub(v("σ"), v("L")), num("2"))))},
			{"A step of DPM-Solver++(2M)", formula(sub(bold("x"), row(v("i"), o("+"), num("1"))),
				o("="), frac(sub(v("σ"), row(v("i"), o("+"), num("1"))), sub(v("σ"), v("i"))),
				sub(bold("x"), v("i")), o("+"), in(num("1"), o("−"), frac(sub(v("σ"), row(v("i"),
					o("+"), num("1"))), sub(v("σ"), v("i")))), sub(bold("d"), v("i")))},
		},
		Symbols: []Symbol{
			{inline(sub(v("σ"), v("i"))),
				"noise levels, geometric from the largest to the smallest"},
			{inline(sub(v("α"), v("i"))), "step size of annealed Langevin at level i"},
			{inline(bold("s")), "the score of the posterior, by the network or exact"},
			{inline(sub(bold("d"), v("i"))), "the denoised state, extrapolated from two levels"},
		},
		Sources: []SourceLines{
			{"DPM-Solver++(2M)", "langevin/dpmpp2m.go", "func DPMSolverPP2M"},
			{"corrections at one level", "langevin/corrections.go", "func (c *Chain) correct"},
			{"Algorithm 1", "langevin/annealed.go", "func AnnealedLangevin"},
			{"the exact score", "langevin/points.go", "func (s *PointScorer) Score"},
		},
		Notice: []string{
			"The first denoised state is the posterior mean. The disc of the draw is decided late.",
			"Watch at which σ the centers of the chains part.",
			"Count the pixels between the two moduli at the end, by the network and by the exact " +
				"score. The difference is the network’s error, not the sampler’s.",
		},
		Question: "With few levels the draws are worse. Does the exact score help?",
		Answer: "It removes the network’s error; the error of coarse steps stays. That is how " +
			"the two can be separated.",
	}
}

func trustTexts() Room {
	return Room{
		ID: "trust", Title: "Trust",
		Lead: "Four posteriors judge the same measurements. Three are exact, one is spoiled. " +
			"Each measurement gives the rank of the true center among the draws. Which posterior " +
			"lies?",
		Equations: []Equation{
			{"If the posterior is right, the rank is uniform", formula(v("u"), o("="), frac(row(
				words("draws below the true value"), o("+"), v("U")), row(v("N"), o("+"),
				num("1"))), o("∼"), words("uniform"), in(num("0"), o(","), num("1")))},
		},
		Symbols: []Symbol{
			{inline(v("u")), "the rank of the true coordinate of the center, as a share"},
			{inline(v("U")), "uniform on 0 to 1: it fills the steps"},
			{inline(v("N")), "the number of draws of each posterior, 63"},
		},
		Sources: []SourceLines{
			{"the rank", "bench/sbc.go", "func Rank"},
			{"judging many ranks", "bench/sbc.go", "func NewRanks"},
			{"how a posterior is spoiled", "bench/calibration_spoil.go", "func Spoilings"},
			{"and done", "bench/calibration_spoil.go", "func (p Spoiling) Apply"},
		},
		Notice: []string{
			"Too narrow: ranks pile up at both ends. Too wide: in the middle. Shifted: at one end.",
			"The gray band holds all bars of a right posterior in about 95 of 100 rounds.",
			"The prior instead of the posterior passes the test of ranks. Coverage passes, too.",
		},
		Question: "Choose “the prior” as the fault. Why can neither picture show it?",
		Answer: "The prior is calibrated: its intervals hold the true value as often as they " +
			"state. They are wide. A check needs a test that looks at the measurement, as csdm " +
			"check does.",
	}
}

func inverseTexts() Room {
	theta := sub(bold("θ"), v("i"))
	return Room{
		ID: "inverse", Title: "Inverse problem",
		Lead: "A soft square with a stiff disc is pressed from above. The displacement is " +
			"measured with noise. Drag the disc and see how far the measurement fixes its " +
			"place.",
		Equations: []Equation{
			{"Equilibrium and elasticity (Eqs. 21, 22)", formula(o("∇"), o("·"), bold("σ"), o("="),
				num("0"), o(","), `<mspace width="1em"/>`, bold("σ"), o("="), num("2"), v("μ"),
				in(bold("ε"), o("+"), words("tr"), in(bold("ε")), bold("I")))},
			{"Measurement (Eq. 1)", formula(v("y"), o("="), v("F"), in(v("x")), o("+"), v("η"))},
			{"Bayes’ rule as a sum (Eq. 2)", formula(v("p"), in(theta, o("|"), v("y")), o("="),
				frac(row(`<mi>exp</mi>`, in(o("−"), sup(norm(v("y"), o("−"), v("F"), in(theta)),
					num("2")), o("/"), num("2"), sup(sub(v("σ"), v("η")), num("2")))),
					row(sum(v("j")), `<mi>exp</mi>`, in(o("−"), sup(norm(v("y"), o("−"), v("F"),
						in(sub(bold("θ"), v("j")))), num("2")), o("/"), num("2"),
						sup(sub(v("σ"), v("η")), num("2"))))))},
		},
		Symbols: []Symbol{
			{inline(v("x")), "the field: the shear modulus μ at each node, in kPa"},
			{inline(v("y")), "the measurement: the vertical displacement at each node, in cm"},
			{inline(v("F")), "the forward model: linear triangles on 28 × 28 nodes"},
			{inline(v("η")), "Gaussian noise of standard deviation σ_η, in percent of 0.01 cm"},
			{inline(bold("θ")),
				"the center of the disc, uniform on 0.2 to 0.8 cm; the rest is known"},
			{inline(bold("σ"), o(","), bold("ε")), "stress and strain"},
		},
		Sources: []SourceLines{
			{"one finite element", "fem/planestress.go", "func (PlaneStressP1) Stiffness"},
			{"the prior: from two numbers to a field", "priors/inclusion.go",
				"func (d Disc) Rasterize"},
			{"the posterior from a table, while you drag", "bench/table.go",
				"func (t *SolutionTable) Posterior"},
			{"its moments", "bench/table.go", "func (t *SolutionTable) sum"},
			{"the exact posterior, when you let go", "bench/quadrature.go", "func Quadrature"},
		},
		Notice: []string{
			"The mean is sharp inside and gray at the rim: the rim is where the data leave doubt.",
			"Half the noise halves the contours. The picture of the measurement hardly changes.",
			"Redraw the noise: the contours move, and hold the true center most of the time.",
		},
		Question: "The standard deviation is a ring. Why is it zero in the middle of the disc, " +
			"where the noise is as large as anywhere?",
		Answer: "All discs that agree with the measurement overlap there. Each pixel’s deviation " +
			"is that of a coin: is this node inside? In the middle the answer is yes for all of " +
			"them.",
	}
}

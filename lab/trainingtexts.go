package lab

func trainingTexts() Room {
	weights := v("w")
	return Room{
		ID: "training", Title: "Training",
		Lead: "A network of the preset lesson learns on 16 × 16 nodes while you watch. After " +
			"each stretch of steps its averaged weights are tested on pairs that it never saw, " +
			"and one draw, always of the same measurement and the same random numbers, is made " +
			"again.",
		Equations: []Equation{
			{"The loss of a pair (Eqs. 14, 15)", formula(frac(num("1"), num("2")), sup(norm(sigma,
				bold("s"), in(v("x"), o("+"), sigma, v("z"), o(","), v("y"), o(";"), weights),
				o("+"),
				v("z")), num("2")))},
			{"The averaged weights (Eq. 19)", formula(bar(weights), o("←"), v("m"), bar(weights),
				o("+"), in(num("1"), o("−"), v("m")), weights)},
		},
		Symbols: []Symbol{
			{inline(v("x"), o(","), v("y")),
				"a field of the prior and its measurement with new noise"},
			{inline(v("z")), "independent standard normal numbers, new in each step"},
			{inline(sigma), "the noise level, a new one for each pair"},
			{inline(bold("s")), "the score by the network with the weights w"},
			{inline(v("m")), "momentum of the average, smaller in the first steps"},
		},
		Sources: []SourceLines{
			{"a step", "nn/train/step.go", "func (t *stepper) step"},
			{"the gradient of a pair", "nn/train/step.go", "func (t *stepper) sampleGradient"},
			{"the loss", "nn/worker.go", "func (w *Worker[F]) loss"},
			{"the step of Muon", "nn/train/muon.go", "func (o muon) update"},
			{"the mean over neighbors", "dataset/stable.go", "func (s *Source) Stabilize"},
		},
		Notice: []string{
			"The draw first gets its gray level, then its blur, then its disc: large σ are " +
				"learned first.",
			"The dashed curve over σ is the loss of the exact score. Compare the gap at large " +
				"and at small σ.",
			"With the mean over neighbors as target the training loss falls below the held-out " +
				"loss. That is no overfitting: held-out pairs keep their own fields as targets.",
		},
		Question: "Why can no network, however large and however long trained, bring the loss to " +
			"0?",
		Answer: "The noisy field does not show which field it came from. The best answer is the " +
			"mean of all fields that fit, and the spread around it stays. The dashed curve is " +
			"this spread.",
	}
}

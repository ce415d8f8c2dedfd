package lab

func measurementTexts() Room {
	return Room{
		ID: "measurement", Title: "Your measurement",
		Lead: "Drop a measured map, or name a file on this machine. The lab shows how the map " +
			"lies over the specimen, reports whether the model explains it, and draws from its " +
			"posterior.",
		Equations: []Equation{
			{"The residual of a draw", formula(bold("r"), o("="), frac(row(v("y"), o("−"), v("F"),
				in(sub(v("x"), v("i")))), sub(sigma, v("η"))))},
			{"The certified posterior", formula(v("p"), in(v("x"), o("|"), v("y")), o("≈"),
				sum(v("i")), sub(v("w"), v("i")), v("δ"), in(v("x"), o("−"), sub(v("x"), v("i"))),
				o(","), `<mspace width="1em"/>`, sub(v("w"), v("i")), o("∝"), frac(row(v("p"),
					in(v("y"), o("|"), sub(v("x"), v("i"))), v("p"), in(sub(v("x"), v("i")))),
					row(v("q"), in(sub(v("x"), v("i"))))))},
		},
		Symbols: []Symbol{
			{inline(v("y")), "the measured map, on the nodes of the network's grid"},
			{inline(v("F")), "the forward model of the network's problem"},
			{inline(sub(v("x"), v("i"))), "draw i"},
			{inline(sub(sigma, v("η"))), "standard deviation of the measurement noise"},
			{inline(v("q")), "the distribution that the certified draws were proposed from"},
		},
		Sources: []SourceLines{
			{"how the map is read", "measured/take.go", "func (f *MapFile) Take"},
			{"the draws", "infer/posterior.go", "func Sample("},
			{"the verdict before any draw", "infer/explained.go",
				"func (e *Explainer) Measurement"},
			{"the verdict on the draws", "infer/explained.go", "func (e *Explainer) Posterior"},
			{"the certificate", "infer/certified.go", "func (p *Posterior) Certify"},
		},
		Notice: []string{
			"The picture of the map names left, right, top and bottom. No number separates a " +
				"mirrored map from a right one.",
			"Turn the map upside down. It is not explained any more, and the lab shows no " +
				"posterior.",
			"With a certificate the draws are weighted by the forward model: mean and deviation " +
				"are then exact within the stated errors.",
		},
		Question: "The map of a specimen with two inclusions is dropped into a model of one. " +
			"What must the verdict be, and what would the draws of a network alone show?",
		Answer: "Not explained: no field with one disc leaves a residual that looks like noise. " +
			"The network would draw discs, sharp and confident, as it always does.",
	}
}

package lab

// Rooms returns the rooms in the order of the page.
func Rooms() []Room {
	return []Room{inverseTexts()}
}

func inverseTexts() Room {
	theta := sub(bold("θ"), v("i"))
	return Room{
		ID: "inverse", Title: "Inverse problem",
		Lead: "A soft square with a stiff disc is pressed from above. The displacement is measured " +
			"with noise. Drag the disc and see what the measurement tells about its place.",
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
			{inline(bold("θ")), "the center of the disc, uniform on 0.2 to 0.8 cm; the rest is known"},
			{inline(bold("σ"), o(","), bold("ε")), "stress and strain"},
		},
		Sources: []Source{
			{"one finite element", "fem/planestress.go", "func (PlaneStressP1) Stiffness"},
			{"the prior: from two numbers to a field", "priors/inclusion.go",
				"func (d Disc) Rasterize"},
			{"the posterior from a table, while you drag", "bench/table.go",
				"func (t *Table) Posterior"},
			{"its moments", "bench/table.go", "func (t *Table) sum"},
			{"the exact posterior, when you let go", "bench/quadrature.go", "func Quadrature"},
		},
		Notice: []string{
			"The mean is sharp inside and gray at the rim: the rim is where the data leave doubt.",
			"Half the noise halves the contours. The picture of the measurement hardly changes.",
			"Redraw the noise: the contours move, and hold the true center most of the time.",
		},
		Question: "The standard deviation is a ring. Why is it zero in the middle of the disc, where " +
			"the noise is as large as anywhere?",
		Answer: "All discs that agree with the measurement overlap there. Each pixel’s deviation is " +
			"that of a coin: is this node inside? In the middle the answer is yes for all of them.",
	}
}

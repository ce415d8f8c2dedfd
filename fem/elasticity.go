package fem

import "fmt"

// strain is a strain–displacement matrix at one point: row e gives strain
// component e from the unknowns of the cell. The components are ε_xx, ε_yy,
// γ_xy = 2ε_xy and, out of the plane, ε_zz (ε_θθ in axisymmetry).
type strain [4][8]float64

// direct lists the rows whose sum is the dilatation.
var direct = [3]int{0, 1, 3}

// elasticity is a symmetric stress–strain matrix in the same components.
type elasticity [4][4]float64

// isotropic returns the stress–strain matrix for Lamé's λ and μ: σ = λ tr(ε) I
// + 2μ ε.
func isotropic(lambda, mu float64) elasticity {
	d := elasticity{2: {2: mu}}
	for _, e := range direct {
		for _, f := range direct {
			d[e][f] = lambda
		}
		d[e][e] += 2 * mu
	}
	return d
}

// lame returns Lamé's λ and μ of a material with Young's modulus 1.
func lame(nu float64) (lambda, mu float64) {
	return nu / ((1 + nu) * (1 - 2*nu)), 1 / (2 * (1 + nu))
}

// checkRatio panics unless nu is a Poisson's ratio of a compressible solid.
func checkRatio(nu float64) {
	if !(nu > -1 && nu < 0.5) {
		panic(fmt.Sprintf("fem: Poisson's ratio is %v; it must be in (−1, ½)", nu))
	}
}

// stiffness sets k to ∫ B̄ᵀ D B̄ dV, where B̄ is B with the dilatation replaced
// by its mean over the cell,
//
//	ε̄ = ε + ⅓(⟨tr ε⟩ − tr ε) I,  ⟨tr ε⟩ = ∫ tr ε dV / ∫ dV
//
// (Hughes 1980). On a plane triangle tr ε is constant, so B̄ = B.
func stiffness(k, xy []float64, s ShapeFunctions, d *elasticity, volume weight,
	strains func(b *strain, p *point, nodes int)) {
	order := 2 * s.Nodes()
	clear(k[:order*order])
	var p point
	var b strain
	rule := s.Rule(stiffnessDegree)

	var mean [8]float64
	total := 0.0
	for q, w := range rule.Weights {
		p.at(s, xy, rule.Points[q][0], rule.Points[q][1])
		w *= p.det * volume(p.x)
		strains(&b, &p, s.Nodes())
		total += w
		for i := range order {
			mean[i] += w * (b[0][i] + b[1][i] + b[3][i])
		}
	}
	for q, w := range rule.Weights {
		p.at(s, xy, rule.Points[q][0], rule.Points[q][1])
		w *= p.det * volume(p.x)
		strains(&b, &p, s.Nodes())
		for i := range order {
			shift := (mean[i]/total - b[0][i] - b[1][i] - b[3][i]) / 3
			for _, e := range direct {
				b[e][i] += shift
			}
		}
		for i := range order {
			var stress [4]float64 // stress of a unit displacement i
			for e := range stress {
				for f := range stress {
					stress[e] += d[e][f] * b[f][i]
				}
			}
			for j := range order {
				for e, s := range stress {
					k[j*order+i] += w * b[e][j] * s
				}
			}
		}
	}
}

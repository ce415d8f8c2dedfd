package lineargaussian

import (
	"fmt"
	"math"

	"csdm/priors"
	"csdm/problems"
	"csdm/rng"
)

// Name is the problem's name.
const Name = "linear-gaussian"

const (
	frequencies = 5                 // of cosine and sine
	functions   = 1 + 2*frequencies // along one axis
	variables   = functions * functions

	correlation = 0.25 // length scale of the prior
	smoothness  = 2.0  // of the Matérn field
	blur        = 0.06 // standard deviation of the kernel

	defaultGrid  = 56
	defaultNoise = 10 // percent
	limit        = 6  // of the range of x: beyond it lies 1e-9 of each value
)

// Problem is the linear problem with Gaussian prior and noise.
type Problem struct {
	spec    problems.Spec
	std     float64     // of the noise
	side    int         // nodes along an axis
	kernel  []float64   // (side, side), rows of the blur along one axis
	plain   [][]float64 // functions × side, on the nodes
	blurred [][]float64 // the same after the blur
	weights []float64   // of the variables: standard deviations of their terms
}

// New returns the problem for the given options: any grid of at least 8 nodes
// per side, and any positive noise.
func New(o problems.Options) (*Problem, error) {
	o, err := o.Resolve(Name, problems.Options{Grid: defaultGrid, NoisePercent: defaultNoise})
	if err != nil {
		return nil, err
	}
	n := o.Grid
	p := &Problem{std: o.NoisePercent / 100, side: n, spec: problems.Spec{
		Name: Name, Title: "Blurred random field with a closed-form posterior", Options: o,
		Rows: n, Cols: n, YChannels: 1, Width: 1, Height: 1, LengthUnit: "1",
		XName: "field", XUnit: "1", YName: "blurred field", YUnit: "1",
		XRange: problems.Range{Min: -limit, Max: limit}, ImagesPerSimulation: 1,
	}}
	p.kernel = make([]float64, n*n)
	for i := range n {
		row, sum := p.kernel[i*n:(i+1)*n], 0.0
		for j := range row {
			d := p.at(i) - p.at(j)
			row[j] = math.Exp(-d * d / (2 * blur * blur))
			sum += row[j]
		}
		for j := range row {
			row[j] /= sum
		}
	}
	for k := range functions {
		f, g := make([]float64, n), make([]float64, n)
		for i := range f {
			phase := math.Pi * float64((k+1)/2) * p.at(i)
			if f[i] = math.Cos(phase); k%2 == 0 && k > 0 {
				f[i] = math.Sin(phase)
			}
		}
		p.along(g, f, 1)
		p.plain, p.blurred = append(p.plain, f), append(p.blurred, g)
	}
	p.weights = weights()
	return p, nil
}

// at returns the coordinate of node i.
func (p *Problem) at(i int) float64 { return float64(i) / float64(p.side-1) }

// weights returns the weight of each variable. The four products of a pair of
// frequencies share one, so that the covariance depends on distances alone. The
// squares of the pairs' weights sum to the variance, 1.
func weights() []float64 {
	w, sum := make([]float64, variables), 0.0
	for v := range w {
		k, l := float64((v/functions+1)/2), float64((v%functions+1)/2)
		scaled := correlation * math.Pi * math.Hypot(k, l)
		w[v] = math.Pow(1+scaled*scaled, -(smoothness+1)/2)
		if cosine := v/functions%2 == 1 || v < functions; cosine && (v%functions%2 == 1 ||
			v%functions == 0) {
			sum += w[v] * w[v]
		}
	}
	for v := range w {
		w[v] /= math.Sqrt(sum)
	}
	return w
}

// along sets dst to the blur of src along an axis: src has side values, stride
// apart.
func (p *Problem) along(dst, src []float64, stride int) {
	for i := range p.side {
		sum := 0.0
		for j, w := range p.kernel[i*p.side : (i+1)*p.side] {
			sum += w * src[j*stride]
		}
		dst[i*stride] = sum
	}
}

// Spec implements problems.Problem.
func (p *Problem) Spec() *problems.Spec { return &p.spec }

// Measurement implements problems.Problem.
func (p *Problem) Measurement() priors.Measurement { return priors.Gaussian{Std: p.std} }

// NewGenerator implements problems.Problem. The result is a problems.Simulator
// and a problems.Forwarder.
func (p *Problem) NewGenerator() (problems.Generator, error) {
	return &generator{p, make([]float64, p.spec.XLen()), make([]float64, variables)}, nil
}

// Variables implements problems.Structured.
func (p *Problem) Variables() (out []problems.Variable) {
	for v := range variables {
		out = append(out, problems.Variable{Name: fmt.Sprintf("z %d, %d", v/functions,
			v%functions)})
	}
	return out
}

// Latent implements problems.Structured.
func (p *Problem) Latent(theta []float64, seed, i uint64) {
	s := rng.New(seed, rng.Prior, i, 0)
	for v := range theta {
		theta[v] = s.Normal()
	}
}

// Field implements problems.Structured.
func (p *Problem) Field(x, theta []float64) { p.sum(x, theta, p.plain) }

// sum sets x to the sum of products of functions with the coefficients theta.
func (p *Problem) sum(x, theta []float64, f [][]float64) {
	n := p.side
	clear(x)
	row := make([]float64, n) // of one function along rows
	for k := range functions {
		clear(row)
		for l := range functions {
			c := theta[k*functions+l] * p.weights[k*functions+l]
			for j := range row {
				row[j] += c * f[l][j]
			}
		}
		for i := range n {
			for j, v := range row {
				x[i*n+j] += f[k][i] * v
			}
		}
	}
}

// Probabilities implements problems.Structured.
func (p *Problem) Probabilities(u, theta []float64) {
	for v, z := range theta {
		u[v] = math.Erfc(-z/math.Sqrt2) / 2
	}
}

// Quantiles implements problems.Structured.
func (p *Problem) Quantiles(theta, u []float64) {
	for v, q := range u {
		theta[v] = -math.Sqrt2 * math.Erfcinv(2*q)
	}
}

// Possible reports whether the variables are finite. It implements
// problems.Structured.
func (p *Problem) Possible(theta []float64) bool {
	for _, z := range theta {
		if math.IsNaN(z) || math.IsInf(z, 0) {
			return false
		}
	}
	return true
}

type generator struct {
	p     *Problem
	rows  []float64 // x after the blur along rows
	theta []float64
}

// Pair implements problems.Generator.
func (g *generator) Pair(x, y []float64, seed, i uint64) error {
	g.p.Latent(g.theta, seed, i)
	return g.Simulate(x, y, g.theta)
}

// Simulate implements problems.Simulator.
func (g *generator) Simulate(x, y, theta []float64) error {
	g.p.Field(x, theta)
	return g.Forward(y, x)
}

// Forward implements problems.Forwarder: the blur along rows, then along
// columns. It returns an error for a field with a value that is not finite.
func (g *generator) Forward(y, x []float64) error {
	n := g.p.side
	for k, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: value %d of x is %v", Name, k, v)
		}
	}
	for i := range n {
		g.p.along(g.rows[i*n:(i+1)*n], x[i*n:(i+1)*n], 1)
	}
	for j := range n {
		g.p.along(y[j:], g.rows[j:], n)
	}
	return nil
}

package run

// Disk returns the bytes that the folder of the finished run has at most. A
// call writes whole files next to the old ones, so that the largest file needs
// its room twice.
//
// With x and y values of field and measurement, N pairs in single precision and
// n draws in double,
//
//	4·(x + y)·N + training + cases·(8·x·(3·n + 10) + 8·y + its page) + page.
func (p *Plan) Disk() (float64, error) {
	c := p.Recipe
	problem, err := c.NewProblem()
	if err != nil {
		return 0, err
	}
	spec := problem.Spec()
	x, y := float64(spec.XLen()), float64(spec.YLen())
	pairs := 4 * (x + y) * float64(c.Data.Pairs)
	// A posterior has its draws in two units, and some ten arrays of a field;
	// the file of unfinished draws has them once more.
	measurement := 8*x*(3*float64(c.Sampling.Draws)+10) + 8*y + caseBytes
	return pairs + trainingBytes(c, 4*float64(p.Parameters)) + measurement*float64(c.Cases) +
		pageBytes, nil
}

package run

// Bytes on disk.
const (
	// checkpointArrays is the number of arrays of the size of the weights in a
	// checkpoint: weights, their average and the optimizer's two moments.
	checkpointArrays = 4
	// pageBytes is the size of the report with its figures, of logs and of
	// other small files; caseBytes that of a measurement's part of it.
	pageBytes, caseBytes = 3 << 20, 2 << 20
)

// Disk returns the bytes that the folder of the finished run has at most. A
// call writes whole files next to the old ones, so that the largest file needs
// its room twice.
func (p *Plan) Disk() (float64, error) {
	c := p.Recipe
	problem, err := c.NewProblem()
	if err != nil {
		return 0, err
	}
	spec := problem.Spec()
	x, y := float64(spec.XLen()), float64(spec.YLen())
	pairs := 4 * (x + y) * float64(c.Data.Pairs)
	checkpoints := 3 // the last two, and the one that is being written
	if c.Training.KeepEvery > 0 {
		checkpoints += c.Training.Steps / c.Training.KeepEvery
	}
	weights := 4 * float64(p.Parameters)
	// A posterior has its draws in two units, and some ten arrays of a field;
	// the file of unfinished draws has them once more.
	measurement := 8*x*(3*float64(c.Sampling.Draws)+10) + 8*y + caseBytes
	return pairs + weights*float64(1+checkpoints*checkpointArrays) +
		measurement*float64(c.Cases) + pageBytes, nil
}

package nn

import (
	"math"
	"regexp"
	"slices"

	"csdm/internal/format"
)

// meanDigits is the largest rounding error of a mean measurement in a shrunk
// model, in standard deviations of its channel: half of a unit of a half.
const meanDigits = 0x1p-12

// Shrunk returns a copy of the model for a file of half the size. The weights
// are rounded to half precision, which changes each by at most 2⁻¹¹ of itself
// down to 6e-5, and by 3e-8 below. Mean measurements are rounded to decimals
// that change them by at most meanDigits standard deviations, because the file
// holds them as text; the test of novelty moves with them. The copy has no
// bands, because their guarantee is for the draws of m. Its command names no
// folders of the machine that trained it.
func (m *Model) Shrunk() *Model {
	out := *m
	out.Half, out.Sealed = true, false
	out.Meta.Bands = nil
	out.Meta.Training.Command = withoutFolders(m.Meta.Training.Command)
	out.Net = NewNet[float32](m.Net.arch)
	format.RoundHalf(out.Net.Flat(), m.Net.Flat())
	out.Net.Repack()
	if p, ok := m.Parameterization.(*Preconditioned); ok {
		short := *p
		short.YMean = slices.Clone(p.YMean)
		pixels := len(short.YMean) / len(short.YStd)
		for i, v := range short.YMean {
			decimals := math.Ceil(-math.Log10(2 * meanDigits * p.YStd[i/pixels]))
			scale := math.Pow(10, decimals)
			short.YMean[i] = math.Round(v*scale) / scale
		}
		if p.Linear != nil {
			short.Linear = p.Linear.rounded()
		}
		out.Parameterization = &short
		out.Novelty = m.Novelty.moved(m, &out)
	}
	return &out
}

// withoutFolders cuts absolute paths in a command to their last element. A
// shrunk model is made to be given away.
func withoutFolders(command string) string {
	return absolutePath.ReplaceAllString(command, "$1$2")
}

var absolutePath = regexp.MustCompile(`(^|[\s="'])/(?:[^\s"'/]+/)*([^\s"'/]+)`)

// moved returns the test for a model whose mean measurements differ from m's:
// it sees each measurement moved by their difference. n may be nil.
func (n *Novelty) moved(m, to *Model) *Novelty {
	if n == nil {
		return nil
	}
	out := *n
	size := m.Net.arch.YChannels * m.Meta.Rows * m.Meta.Cols
	before := m.Seen(make([]float64, size), n.Stride)
	after := to.Seen(make([]float64, size), n.Stride)
	out.Mean = slices.Clone(n.Mean)
	for i := range out.Mean {
		out.Mean[i] += float32(after[i] - before[i])
	}
	return &out
}

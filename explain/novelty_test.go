package explain

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"csdm/nn"
	"csdm/rng"
)

// A family of measurements: modes smooth functions of (row, column) with
// normal coefficients of standard deviation 10, 5, 10/3, …, and unit noise.
const modes = 5

var side = Shape{1, 16, 16}

func member(i int) []float64 {
	s := rng.New(11, rng.Reference, uint64(i), 0)
	y := make([]float64, side.Len())
	for m := range modes {
		a := 10 * s.Normal() / float64(m+1)
		for k := range y {
			y[k] += a * math.Cos(math.Pi*float64(m)*float64(k%16)/15) * float64(k/16+m) / 16
		}
	}
	for k := range y {
		y[k] += s.Normal()
	}
	return y
}

func members(from, to int) (rows [][]float64) {
	for i := from; i < to; i++ {
		rows = append(rows, member(i))
	}
	return rows
}

// bump adds a Gaussian of the given height, 2 values wide, at row 9 and column
// 5.
func bump(y []float64, height float64) []float64 {
	y = slices.Clone(y)
	for k := range y {
		r, c := float64(k/16-9), float64(k%16-5)
		y[k] += height * math.Exp(-(r*r+c*c)/8)
	}
	return y
}

func noveltyModel(t *testing.T, threads int) *nn.Model {
	t.Helper()
	n, err := NewNovelty(t.Context(), side, 1, members(0, 400), members(400, 800), threads)
	if err != nil {
		t.Fatal(err)
	}
	m := &nn.Model{Parameterization: nn.Paper{}, Novelty: n}
	m.Meta.Rows, m.Meta.Cols, m.Meta.Width, m.Meta.Height, m.Meta.LengthUnit = 16, 16, 15, 15, "mm"
	m.Meta.Normalization = nn.Normalization{XMax: 1, YMax: 1}
	return m
}

func trainingVerdict(m *nn.Model, y []float64) *Verdict {
	v := &Verdict{}
	v.Training(m, y)
	return v
}

// TestNoveltyComponents: the components of a family of known rank are found and
// orthonormal. Their span contains measurements without noise, and the part
// outside of it has unit size.
//
// With a known rank, one component too few leaves signal in the residual, and
// one too many takes noise away.
func TestNoveltyComponents(t *testing.T) {
	n := noveltyModel(t, 2).Novelty
	if len(n.Components) != modes {
		t.Errorf("%d components of a family of rank %d", len(n.Components), modes)
	}
	for i, a := range n.Components {
		for j, b := range n.Components[:i+1] {
			want, sum := 0.0, 0.0
			if i == j {
				want = 1
			}
			for k := range a {
				sum += float64(a[k]) * float64(b[k])
			}
			if math.Abs(sum-want) > 1e-5 {
				t.Errorf("components %d and %d have the product %v", i, j, sum)
			}
		}
	}
	smooth := make([]float64, side.Len()) // twice the largest mode, without noise
	for k := range smooth {
		smooth[k] = 20 * float64(k/16) / 16
	}
	r, _ := outside(n, smooth)
	if chi2, _ := misfit(r, side); chi2 > 0.05 {
		t.Errorf("a member of the family leaves χ² = %v per value", chi2)
	}
	if m := n.Calibration.Tests[0]; math.Abs(m.Median-1) > 0.05 || n.Calibration.Count != 400 ||
		n.Calibration.Rate != NoveltyRate {
		t.Errorf("right measurements leave %v per value; limits %+v", m.Median, n.Calibration)
	}
	if !reflect.DeepEqual(n, noveltyModel(t, 1).Novelty) {
		t.Error("another number of threads gives another test")
	}
}

// TestNoveltyRate: at most 2 % of fresh right measurements are refused. Nearly
// all measurements with a bump of a few standard deviations of the noise are
// refused, and the verdict names the place of the bump.
//
// The false alarms are counted on measurements that neither the components nor
// the limits have seen.
func TestNoveltyRate(t *testing.T) {
	m := noveltyModel(t, 2)
	refused, missed, there := 0, 0, 0
	const count = 1000
	for i := range count {
		y := member(1000 + i)
		if v := trainingVerdict(m, y); !v.Explained {
			refused++
		}
		v := trainingVerdict(m, bump(y, 4))
		if v.Explained {
			missed++
		}
		for _, t := range v.Tests {
			if t.Name == "patch" && slices.ContainsFunc([]string{"(4, ", "(5, ", "(6, "},
				func(at string) bool {
					return strings.HasPrefix(t.Place, at)
				}) {
				there++
			}
		}
	}
	t.Logf("of %d right measurements %d are refused; of %d with a bump %d are missed, %d are "+
		"found in place", count, refused, count, missed, there)
	if refused > count/50 || missed > count/100 || there < count*9/10 {
		t.Errorf("of %d right measurements %d are refused; of %d with a bump %d are missed, %d "+
			"are found in place", count, refused, count, missed, there)
	}
}

// TestNoveltyVerdict: the text names the test and its limits. A model without
// the test adds no text.
func TestNoveltyVerdict(t *testing.T) {
	m := noveltyModel(t, 2)
	right, wrong := trainingVerdict(m, member(900)), trainingVerdict(m, bump(member(900), 8))
	if !right.Explained || !strings.Contains(right.Text,
		"by the training pairs (right measurements: ") || right.FalseAlarms != NoveltyRate {
		t.Errorf("%+v", right)
	}
	if wrong.Explained || !strings.Contains(wrong.Text,
		"of the residual from the training pairs: ") || len(wrong.Residual().Values) != side.Len() {
		t.Errorf("%+v", wrong)
	}
	for _, test := range wrong.Tests {
		if test.By != ByTraining || !(test.Share > 0 && test.Share < NoveltyRate) {
			t.Errorf("%+v", test)
		}
	}
	m.Novelty = nil
	if v := trainingVerdict(m, member(900)); len(v.Tests)+len(v.Basis) > 0 {
		t.Errorf("without a test: %+v", v)
	}
}

// TestNoveltyThinned: a large measurement is read at a stride of rows and
// columns, and the test stays within its share of a model file.
//
// Places in the text must be in the full map, not in the thinned one.
func TestNoveltyThinned(t *testing.T) {
	large := Shape{2, 256, 200}
	stride := NoveltyStride(large)
	if s := large.thinned(stride); stride != 3 || s != (Shape{2, 86, 67}) ||
		NoveltyStride(side) != 1 {
		t.Fatalf("stride %d, %v", stride, s)
	}
	m := &nn.Model{Parameterization: nn.Paper{}}
	m.Meta.Rows, m.Meta.Cols = large.Rows, large.Cols
	y := make([]float64, large.Len())
	for k := range y {
		y[k] = float64(k)
	}
	seen := m.Seen(y, stride)
	if len(seen) != 2*86*67 || seen[1] != 3 || seen[67] != 600 || seen[86*67] != 51200 {
		t.Fatalf("%d values: %v", len(seen), seen[:3])
	}
	rows := make([][]float64, 30)
	for i := range rows {
		s := rng.New(1, rng.Noise, uint64(i), 0)
		for range seen {
			rows[i] = append(rows[i], s.Normal())
		}
	}
	n, err := NewNovelty(t.Context(), large, stride, rows[:20], rows[20:], 2)
	if err != nil || 4*(len(n.Components)+2)*len(n.Mean) > noveltyBytes {
		t.Errorf("%d components of %d values, %v", len(n.Components), len(n.Mean), err)
	}
}

package nn

import "testing"

// TestMeasuredPlaces checks the sizes of y and its sensors in a model file.
func TestMeasuredPlaces(t *testing.T) {
	m := model(Arch{NGF: 3, YChannels: 2, Extra: 1, Pool: AvgPool, Variant: Base})
	rows, cols := m.Meta.Rows, m.Meta.Cols
	for name, c := range map[string]struct {
		change func(*Metadata)
		valid  bool
	}{
		"as x":            {func(*Metadata) {}, true},
		"own grid":        {func(m *Metadata) { m.YRows, m.YCols = 2, cols }, true},
		"sensors":         {func(m *Metadata) { m.Sensors = []int{rows*cols - 1, 0} }, true},
		"no rows":         {func(m *Metadata) { m.YCols = 2 }, false},
		"one column":      {func(m *Metadata) { m.YRows, m.YCols = 2, 1 }, false},
		"finer":           {func(m *Metadata) { m.YRows, m.YCols = rows+1, cols }, false},
		"outside":         {func(m *Metadata) { m.Sensors = []int{rows * cols} }, false},
		"negative":        {func(m *Metadata) { m.Sensors = []int{-1} }, false},
		"two at one node": {func(m *Metadata) { m.Sensors = []int{4, 4} }, false},
		"both": {func(m *Metadata) { m.YRows, m.YCols, m.Sensors = 2, 2, []int{1, 2, 3, 4} },
			false},
	} {
		meta := m.Meta
		if c.change(&meta); (meta.Validate() == nil) != c.valid {
			t.Errorf("%s: %v", name, meta.Validate())
		}
	}
}

package report

import (
	"fmt"
	"math"

	"csdm/internal/plot"
)

// Film is the walk of one draw down the noise levels, in normalized units.
type Film struct {
	Rows, Cols int
	Frames     []Frame
}

// Frame is one noise level of a Film.
type Frame struct {
	Sigma           float64 // 0 for the draw
	State, Denoised []float64
}

// panels returns the panels of one frame. The state is divided by √(1 + σ²),
// which keeps its spread at about 1.
//
// A state x + σ·z has the variance Var x + σ², so that without the division the
// first frames would take the whole scale.
func (f *Film) panels(frame *Frame) (state, denoised plot.Panel) {
	scaled := make([]float64, len(frame.State))
	for k, v := range frame.State {
		scaled[k] = v / math.Hypot(1, frame.Sigma)
	}
	title := fmt.Sprintf("*σ* = %.2g", frame.Sigma)
	if frame.Sigma == 0 {
		title = "draw"
	}
	state = plot.Panel{Title: title, Values: scaled, Rows: f.Rows, Cols: f.Cols,
		Map: plot.FieldMap, Quantity: "state / √(1 + *σ*²)", Scale: "state", Lo: -1, Hi: 2}
	denoised = plot.Panel{Values: frame.Denoised, Rows: f.Rows, Cols: f.Cols,
		Map: plot.FieldMap, Quantity: "*x*, normalized", Scale: "x", Lo: -0.1, Hi: 1.1}
	return state, denoised
}

// filmRows are the titles of the rows of a strip.
var filmRows = []string{"state", "denoised"}

// most is the largest number of frames of a strip.
const most = 7

// spread returns at most n of the indices 0 … count−1, evenly, with both ends.
//
// Index i of n is ⌊i·(count − 1)/(n − 1)⌋: the first is 0 and the last count −
// 1.
func spread(count, n int) (indices []int) {
	n = min(n, count)
	for i := range n {
		indices = append(indices, i*(count-1)/max(1, n-1))
	}
	return indices
}

// Strip returns the film as one picture: at most seven noise levels side by
// side, the states above the denoised states.
func (f *Film) Strip(name string) *Figure {
	rows := make([][]plot.Panel, 2)
	for _, i := range spread(len(f.Frames), most) {
		state, denoised := f.panels(&f.Frames[i])
		rows[0], rows[1] = append(rows[0], state), append(rows[1], denoised)
	}
	p := plot.Panels{Panels: rows, RowTitles: filmRows, Width: pageWidth, MaxPanel: 24, Colors: 64,
		Alt: fmt.Sprintf("One draw on its way down %d noise levels: the state loses its noise, "+
			"and the denoised state becomes the draw.", len(f.Frames)-1)}
	return FromPlot(name, "One posterior draw on its way from noise to field. Above, the state of "+
		"the sampler at some of its noise levels. Below, the denoised state: the mean of all "+
		"fields that agree with the state and with the measurement.", p.Render())
}

// Animate returns the film as an animation.
func (f *Film) Animate() *plot.Figure {
	var frames []*plot.Figure
	for i := range f.Frames {
		state, denoised := f.panels(&f.Frames[i])
		denoised.Title = "denoised"
		p := plot.Panels{Panels: [][]plot.Panel{{state, denoised}}, Colors: 64}
		frames = append(frames, p.Render())
	}
	return plot.Film(frames, "A posterior draw on its way from noise to field: state and denoised "+
		"state at each noise level.")
}

// Lesson is one draw by the networks of some steps of a training, in normalized
// units.
type Lesson struct {
	Rows, Cols int
	Steps      []int
	Draws      [][]float64 // one per step
}

// Strip returns the draws side by side.
func (l *Lesson) Strip() *Figure {
	var row []plot.Panel
	for _, i := range spread(len(l.Steps), most) {
		row = append(row, plot.Panel{Title: fmt.Sprintf("step %d", l.Steps[i]),
			Values: l.Draws[i], Rows: l.Rows, Cols: l.Cols, Map: plot.FieldMap,
			Quantity: "*x*, normalized", Scale: "x", Lo: -0.1, Hi: 1.1})
	}
	p := plot.Panels{Panels: [][]plot.Panel{row}, Width: pageWidth, MaxPanel: 24, Colors: 64,
		Alt: fmt.Sprintf("The same draw by the networks of %d steps of the training: it sharpens.",
			len(row))}
	return FromPlot("training-draw", "One draw over the training: the same random numbers and "+
		"measurement, by the averaged weights of each kept checkpoint.", p.Render())
}

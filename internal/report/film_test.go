package report

import (
	"slices"
	"strings"
	"testing"
)

// TestStrips holds that a strip shows the first and the last frame, and at most
// seven.
func TestStrips(t *testing.T) {
	for _, c := range []struct {
		count int
		want  []int
	}{{1, []int{0}}, {3, []int{0, 1, 2}}, {13, []int{0, 2, 4, 6, 8, 10, 12}},
		{9, []int{0, 1, 2, 4, 5, 6, 8}}} {
		if got := spread(c.count, most); !slices.Equal(got, c.want) {
			t.Errorf("of %d frames %v are shown, want %v", c.count, got, c.want)
		}
	}
	film := &Film{Rows: 2, Cols: 3}
	lesson := &Lesson{Rows: 2, Cols: 3}
	for i := range 9 {
		x := make([]float64, 6)
		film.Frames = append(film.Frames, Frame{Sigma: float64(8 - i), State: x, Denoised: x})
		lesson.Steps, lesson.Draws = append(lesson.Steps, 10*i+10), append(lesson.Draws, x)
	}
	p := Posterior{Rows: 2, Cols: 3, Film: film, Name: "case-000",
		Network: PixelEstimate{Name: "n", Mean: make([]float64, 6), Std: make([]float64, 6)}}
	training := TrainingCurves{Step: []float64{1, 2}, Loss: []float64{2, 1}, Lesson: lesson}
	r := Report{Sections: []Section{p.Section(), training.Section()}}
	texts := map[string][]string{"case-000-film": {">8<", ">draw<", ">denoised<", ">4<"},
		"training-draw": {">step 10<", ">step 50<", ">step 90<"}}
	for _, f := range r.Figures() {
		svg := strings.ReplaceAll(string(f.SVG), "</tspan> = ", ">")
		for _, want := range texts[f.Name] {
			if !strings.Contains(svg, want) {
				t.Errorf("%s lacks %s", f.Name, want)
			}
		}
		delete(texts, f.Name)
	}
	if len(texts) > 0 {
		t.Errorf("the report lacks %v", texts)
	}
}

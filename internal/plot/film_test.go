package plot

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestFilm holds that a film is well-formed, shows each frame once and the last
// one without animation, and begins each at its own time.
func TestFilm(t *testing.T) {
	var frames []*Figure
	for i := range 4 {
		p := Panels{Panels: [][]Panel{{{Values: []float64{float64(i)}, Rows: 1, Cols: 1, Hi: 9}}}}
		frames = append(frames, p.Render())
	}
	film := Film(frames, "a <film>")
	text := string(film.SVG)
	d := xml.NewDecoder(strings.NewReader(text))
	groups := map[string]int{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "g" {
			for _, a := range e.Attr {
				groups[a.Value]++
			}
		}
	}
	for what, n := range map[string]int{"frame": 3, "frame last": 1,
		"animation-delay:-4.2s": 1, "animation-delay:-3.5s": 1, "animation-delay:-2.8s": 1,
		"animation-delay:-2.1s": 1} {
		if groups[what] != n {
			t.Errorf("%d groups have %q, want %d: %v", groups[what], what, n, groups)
		}
	}
	for _, want := range []string{"<title>a &lt;film&gt;</title>", "animation:frame 4.2s",
		"@keyframes frame{0%{visibility:visible}16.6667%{visibility:hidden}}",
		"@keyframes last{0%{visibility:visible}50.0000%{visibility:hidden}}",
		"prefers-reduced-motion", string(frames[2].SVG[:40])} {
		if !strings.Contains(text, want) {
			t.Errorf("the film lacks %s", want)
		}
	}
	if film.Width != frames[0].Width || string(film.PNG) != string(frames[3].PNG) {
		t.Error("the film has another size or picture than its last frame")
	}
}

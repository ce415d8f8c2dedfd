package plot

import (
	"bytes"
	"fmt"
	"strings"
)

// frameSeconds is how long a film shows each frame. The last one stays three
// times as long.
const frameSeconds = 0.7

// Film returns figures of one size as an animation: an SVG that shows one after
// the other, again and again. It holds no script. The PNG, and the SVG where
// animation is switched off or unknown (prefers-reduced-motion), show the last
// figure.
//
// With n frames of s seconds and three times s for the last, a round takes (n +
// 2)·s. All frames have one animation, shifted by i·s − (n + 2)·s: a negative
// delay starts an animation in the middle, so that all frames are at their
// places from the first moment on.
func Film(frames []*Figure, alt string) *Figure {
	last := *frames[len(frames)-1]
	w, h := num(last.Width*pxPerMM), num(last.Height*pxPerMM)
	all := float64(len(frames)+2) * frameSeconds
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" `+
		`viewBox="0 0 %[1]s %[2]s" role="img">`+"\n<title>%[3]s</title>\n<style>\n", w, h,
		escape(alt))
	fmt.Fprintf(&out, ".frame{visibility:hidden;animation:frame %.4gs steps(1) infinite}\n", all)
	out.WriteString(".last{visibility:visible;animation-name:last}\n")
	for name, share := range []float64{1, 3} {
		fmt.Fprintf(&out, "@keyframes %s{0%%{visibility:visible}%.4f%%{visibility:hidden}}\n",
			[]string{"frame", "last"}[name], 100*share*frameSeconds/all)
	}
	out.WriteString("@media(prefers-reduced-motion:reduce){.frame{animation:none}}\n</style>\n")
	for i, f := range frames {
		class := "frame"
		if i == len(frames)-1 {
			class = "frame last"
		}
		// A delay before now starts every frame at its place in the round.
		fmt.Fprintf(&out, `<g class="%s" style="animation-delay:%.4gs">`+"\n", class,
			float64(i)*frameSeconds-all)
		out.WriteString(strings.TrimSpace(string(f.SVG)))
		out.WriteString("\n</g>\n")
	}
	out.WriteString("</svg>\n")
	last.SVG, last.Alt = out.Bytes(), alt
	return &last
}

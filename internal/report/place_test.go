package report

import (
	"math"
	"strings"
	"testing"

	"csdm/internal/plot"
)

// TestContourLevelOfAGaussian checks that the contour of a Gaussian that holds
// a share s lies at the density (1 − s) of the peak. In two dimensions, with r
// the distance in standard deviations,
//
//	P(outside r) = ∫_r^∞ t·exp(−t²/2) dt = exp(−r²/2) = p(r)/p(0).
func TestContourLevelOfAGaussian(t *testing.T) {
	const n = 200
	density := make([]float64, n*n)
	sum := 0.0
	for k := range density {
		x, y := 10*(float64(k%n)+0.5)/n-5, 10*(float64(k/n)+0.5)/n-5
		density[k] = math.Exp(-(x*x + y*y) / 2)
		sum += density[k]
	}
	for k := range density {
		density[k] /= sum
	}
	peak := density[n*n/2+n/2]
	for _, share := range placeShares {
		got, want := contourLevel(density, share)/peak, 1-share
		if math.Abs(got-want) > 0.01*want {
			t.Errorf("the contour of %g lies at %g of the peak, want %g", share, got, want)
		}
	}
	if contourLevel(make([]float64, 4), 0.5) != 0 {
		t.Error("a density of 0 has a contour")
	}
}

// TestPlaceFigure checks that the figure names axes with units, the reference,
// and the true field, and leaves out unknown parts.
func TestPlaceFigure(t *testing.T) {
	nan := math.NaN()
	l := &Place{XName: "center from the left", YName: "center from the bottom", XUnit: "cm",
		YUnit: "cm", X: []float64{0.4, 0.5, nan}, Y: []float64{0.6, 0.7, nan}, TruthX: nan,
		TruthY: nan}
	f := l.figure("place", "network")
	for _, text := range []string{"center from the left (cm)", "center from the bottom (cm)"} {
		if !strings.Contains(string(f.SVG), text) {
			t.Errorf("the figure lacks %q", text)
		}
	}
	if svg := string(f.SVG); strings.Contains(svg, "true field") || strings.Contains(svg, "NaN") ||
		strings.Contains(f.Caption, "contours") || strings.Count(svg, "<circle") != 2 {
		t.Errorf("%s\n%s", f.Caption, svg)
	}
	l.TruthX, l.TruthY, l.Resolution = 0.45, 0.65, 0.0012
	l.Reference, l.Rows, l.Cols = "exact", 3, 3
	l.Density, l.Extent = []float64{0, 0.1, 0, 0.1, 0.6, 0.1, 0, 0.1, 0},
		plot.Extent{X0: 0.4, X1: 0.5, Y0: 0.6, Y1: 0.7}
	f = l.figure("place", "network")
	for _, text := range []string{"exact, 50 % and 90 %", "true field"} {
		if !strings.Contains(string(f.SVG), text) {
			t.Errorf("the figure lacks %q", text)
		}
	}
	if !strings.Contains(f.Caption, "within 0.0012 cm (RMS)") {
		t.Errorf("the caption is %q", f.Caption)
	}
}

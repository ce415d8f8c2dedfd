package infer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/internal/report"
	"csdm/langevin"
	"csdm/nn"
)

// FilmTypes are the file name extensions of WriteFilm.
const FilmTypes = ".svg or .npz"

// Film returns the walk of draw 0 of Sample.
//
// A walk has one frame per noise level. It is computed again, not kept: frames
// of all draws would need levels times the memory of the result.
func Film(ctx context.Context, model *nn.Model, y []float64, sampling langevin.Settings,
	seed uint64) (*report.Film, error) {
	d, settings, err := conditioned(model, y, sampling, seed, 1)
	if err != nil {
		return nil, err
	}
	return d.film(ctx, settings)
}

// film returns the walk of draw 0 of Make.
//
// langevin.Film makes the steps of langevin.Sample with the same random
// numbers, so that the last frame is draw 0 of the result.
func (d DrawRequest) film(ctx context.Context, s langevin.Settings) (*report.Film, error) {
	if n := len(d.Meta.Normalization.Fields); n > 0 {
		return nil, cli.Usage(fmt.Errorf("a film shows one field; this problem has %d", n))
	}
	frames, err := langevin.Film(ctx, d.NewScorer, d.Meta.XLen(), s, 0)
	if err != nil {
		return nil, err
	}
	f := &report.Film{Rows: d.Meta.Rows, Cols: d.Meta.Cols}
	for _, frame := range frames {
		f.Frames = append(f.Frames, report.Frame(frame))
	}
	return f, nil
}

// CheckFilm returns an error unless WriteFilm knows the type of a file.
func CheckFilm(path string) error {
	if ext := filepath.Ext(path); ext != ".svg" && ext != ".npz" {
		return cli.Usage(fmt.Errorf("--film %s ends in %q; it must end in %s", path, ext,
			FilmTypes))
	}
	return nil
}

// WriteFilm writes a film: an animation (.svg), or the arrays sigma (L), states
// and denoised (L, H, W) in normalized units (.npz). The last frame is the
// draw, where sigma is 0.
//
// Frame l holds the state x̃ at σ_l and its denoised field, the posterior mean
// E[x | x̃, y] = x̃ + σ_l² s(x̃, y, σ_l) (Tweedie's formula; Efron 2011).
func WriteFilm(path string, f *report.Film, overwrite bool) error {
	if filepath.Ext(path) == ".svg" {
		return atomicfile.WriteFile(path, overwrite, f.Animate().SVG)
	}
	if len(f.Frames) == 0 {
		return errors.New("infer: a film without frames")
	}
	var sigma, states, denoised []float64
	for _, frame := range f.Frames {
		sigma = append(sigma, frame.Sigma)
		states, denoised = append(states, frame.State...), append(denoised, frame.Denoised...)
	}
	n := len(sigma)
	return atomicfile.Write(path, overwrite, func(w io.Writer) error {
		return format.WriteNPZ(w,
			format.Named{Name: "sigma", Array: format.Array64(sigma, n)},
			format.Named{Name: "states", Array: format.Array64(states, n, f.Rows, f.Cols)},
			format.Named{Name: "denoised", Array: format.Array64(denoised, n, f.Rows, f.Cols)})
	})
}

package dataset

import (
	"context"
	"fmt"
	"io"

	"csdm/internal/atomicfile"
	"csdm/internal/format"
	"csdm/priors"
	"csdm/problems"
)

// ExportSettings select the part of a dataset to export.
type ExportSettings struct {
	Pairs     Span               // zero means all
	Noise     priors.Measurement // nil: y as stored; otherwise y is one draw by problems.Measure
	NoiseSeed uint64             // seed of the draw
	Overwrite bool               // replace an existing file
}

// Export writes pairs to an .npz file: x (N, H, W), or (N, K, H, W) with K
// fields, and y (N, C, H, W) on its own grid, float32, in physical units. It
// needs memory for one pair. It leaves out failed pairs; if there are any, the
// array index (N), int64, holds the indices of the written pairs. With Noise, y
// of pair i is the measurement problems.Measure(Noise, ·, y, NoiseSeed, i). If
// the file exists with other content, errors.Is(err, fs.ErrExist) holds for the
// error.
//
// Each array is written in one pass over the pairs, because an .npz file holds
// one array after the other; the pairs are read twice.
func Export(ctx context.Context, store *Store, path string, s ExportSettings) error {
	if s.Pairs == (Span{}) {
		s.Pairs = Span{0, store.Len()}
	}
	if s.Pairs.From < 0 || s.Pairs.To > store.Len() || s.Pairs.From >= s.Pairs.To {
		return fmt.Errorf("dataset: no pairs from %d up to %d; the dataset has %d", s.Pairs.From,
			s.Pairs.To, store.Len())
	}
	if store.Count(s.Pairs) == 0 {
		return &FailedError{Failed: []FailedPair{{s.Pairs.From, errLeftOut}}}
	}
	if store.manifest.Noisy && s.Noise != nil {
		return fmt.Errorf("dataset: %s holds measurements with their noise; more noise (%v) "+
			"cannot be added", store.dir, s.Noise)
	}
	content := func(w io.Writer) error {
		p := store.Spec()
		n := store.Count(s.Pairs)
		x, y := make([]float32, p.XLen()), make([]float32, p.YLen())
		noisy, own := make([]float64, p.YLen()), make([]float64, p.YChannels*p.YPlane())
		var index []int64
		for k := range n {
			index = append(index, int64(store.index(s.Pairs.From, k)))
		}
		fetch := func(i int64) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return store.Pair(int(i), x, y)
		}
		z := format.NewNPZWriter(w, false)

		xw, err := z.Create("x", format.Float32, p.XShape(n)...)
		if err != nil {
			return err
		}
		for _, i := range index {
			if err := fetch(i); err != nil {
				return err
			}
			if err := xw.Float32(x); err != nil {
				return err
			}
		}
		yw, err := z.Create("y", format.Float32, p.YShape(n)...)
		if err != nil {
			return err
		}
		for _, i := range index {
			if err := fetch(i); err != nil {
				return err
			}
			for k, v := range y {
				noisy[k] = float64(v)
			}
			if s.Noise != nil {
				problems.Measure(s.Noise, noisy, noisy, s.NoiseSeed, uint64(i))
			}
			p.FromNodes(own, noisy)
			if err := yw.Float64(own); err != nil {
				return err
			}
		}
		if n < s.Pairs.To-s.Pairs.From {
			if err := z.Write("index", &format.Array{DType: format.Int64, Shape: []int{n},
				I64: index}); err != nil {
				return err
			}
		}
		return z.Close()
	}
	if s.Overwrite {
		return atomicfile.Write(path, true, content)
	}
	return atomicfile.WriteSame(path, content)
}

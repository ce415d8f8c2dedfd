package dataset

import (
	"context"
	"fmt"

	"csdm/internal/parallel"
)

// fieldParts is into how many parts FieldMean cuts a span.
const fieldParts = 16

// FieldMean returns the mean of each value of x over the pairs of the span, which must not be empty, in physical units: of the prior what a
// finite set shows. It reads the fields once. They are added in order of index within a fixed number of parts, and the
// parts in order, so that the result is the same for any number of threads.
func (s *Store) FieldMean(ctx context.Context, span Span, threads int) ([]float64, error) {
	if span.From < 0 || span.To > s.manifest.Pairs || span.From >= span.To {
		panic(fmt.Sprintf("dataset: mean field of pairs %d to %d of %d", span.From, span.To, s.manifest.Pairs))
	}
	n, size := span.To-span.From, s.manifest.Problem.XLen()
	parts := make([][]float64, min(n, fieldParts))
	err := parallel.For(ctx, threads, len(parts), func(_, part int) error {
		sum, x := make([]float64, size), make([]float32, size)
		for i := span.From + part*n/len(parts); i < span.From+(part+1)*n/len(parts); i++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.Pair(i, x, nil); err != nil {
				return err
			}
			for k, v := range x {
				sum[k] += float64(v)
			}
		}
		parts[part] = sum
		return nil
	})
	if err != nil {
		return nil, err
	}
	mean := make([]float64, size)
	for _, sum := range parts {
		for k, v := range sum {
			mean[k] += v
		}
	}
	for k := range mean {
		mean[k] /= float64(n)
	}
	return mean, nil
}

package dataset

import (
	"context"
	"fmt"

	"csdm/internal/parallel"
)

// FieldMean returns the mean of each value of x over the pairs of the span, in
// physical units: an estimate of the prior mean from a finite set. The span
// must not be empty. Failed pairs are left out. FieldMean reads the fields
// once. The result does not depend on the number of threads.
//
// Its error is the prior's standard deviation over the root of the number of
// pairs.
func (s *Store) FieldMean(ctx context.Context, span Span, threads int) ([]float64, error) {
	count := s.Count(span)
	if span.From < 0 || span.To > s.manifest.Pairs || count < 1 {
		panic(fmt.Sprintf("dataset: mean field of pairs %d to %d of %d", span.From, span.To,
			s.manifest.Pairs))
	}
	size := s.manifest.Problem.XLen()
	return parallel.Mean(ctx, threads, count, size, func() func(sum []float64, i int) error {
		x := make([]float32, size)
		return func(sum []float64, i int) error {
			if err := s.Pair(s.index(span.From, i), x, nil); err != nil {
				return err
			}
			for k, v := range x {
				sum[k] += float64(v)
			}
			return nil
		}
	})
}

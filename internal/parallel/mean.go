package parallel

import "context"

// meanParts is into how many parts Mean cuts what it adds.
const meanParts = 16

// Mean returns the mean of n ≥ 1 vectors of size values. newAdd is called once
// for each part of them and returns what adds vector i to a sum. Vectors are
// added in order within a fixed number of parts, and the parts in order, so
// that the result is the same for any number of threads.
func Mean(ctx context.Context, threads, n, size int,
	newAdd func() func(sum []float64, i int) error) ([]float64, error) {
	parts := make([][]float64, min(n, meanParts))
	err := For(ctx, threads, len(parts), func(_, part int) error {
		add, sum := newAdd(), make([]float64, size)
		for i := part * n / len(parts); i < (part+1)*n/len(parts); i++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := add(sum, i); err != nil {
				return err
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

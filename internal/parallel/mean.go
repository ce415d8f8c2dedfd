package parallel

import "context"

// meanParts is the number of parts into which Mean divides the vectors.
const meanParts = 16

// Mean returns the mean of n ≥ 1 vectors of size values. It calls newAdd once
// per part; the result adds vector i to a sum. Vectors are added in order
// within a fixed number of parts, and then the parts in order, so the result
// does not depend on the number of threads.
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

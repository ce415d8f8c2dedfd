package dataset_test

import (
	"context"
	"reflect"
	"testing"

	"csdm/dataset"
)

// TestFieldMean compares with sums over the pairs of a span that begins and
// ends within blocks, and checks that the result is bit-identical for any
// number of threads. One span is shorter than the number of parts.
//
// Sums in another order would differ in their last bits.
func TestFieldMean(t *testing.T) {
	dir := t.TempDir()
	generate(t, dir, newStripes(), settings())
	store := open(t, dir)
	x, _ := all(t, store, store.Len())
	for _, span := range []dataset.Span{{From: 5, To: 88}, {From: 40, To: 43}} {
		var first []float64
		for _, threads := range []int{1, 3, 20} {
			got, err := store.FieldMean(context.Background(), span, threads)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got
			}
			if !reflect.DeepEqual(got, first) {
				t.Errorf("%v: %d threads give another mean", span, threads)
			}
		}
		for k, got := range first {
			want := 0.0
			for _, v := range x[span.From:span.To] {
				want += v[k] / float64(span.To-span.From)
			}
			if !close9(got, want) {
				t.Errorf("%v: mean of value %d is %v, want %v", span, k, got, want)
			}
		}
	}
}

package dataset

// KeepAtMost limits the bytes of pairs and of lists of neighbors that are kept
// in memory, until the returned function is called.
func KeepAtMost(bytes int) (restore func()) {
	pairs, lists := residentPairs, residentLists
	residentPairs, residentLists = int64(bytes), int64(bytes)
	return func() { residentPairs, residentLists = pairs, lists }
}

// Nearest returns the neighbors of training pair i, itself first, and its
// squared distances to all training pairs.
func Nearest(s *Source, i int) (neighbors []int32, distances []float32) {
	n := s.near
	distances = make([]float32, s.training)
	for j := range distances {
		for k := range n.size {
			d := n.sketch[int(n.place[j])*n.size+k] - n.sketch[int(n.place[i])*n.size+k]
			distances[j] += d * d
		}
	}
	return n.search(i, new(nearest), nil), distances
}

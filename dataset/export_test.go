package dataset

// KeepAtMost limits the bytes of pairs, and of lists of neighbours, that are kept in memory until the function it returns is called.
func KeepAtMost(bytes int) (restore func()) {
	pairs, lists := residentPairs, residentLists
	residentPairs, residentLists = bytes, bytes
	return func() { residentPairs, residentLists = pairs, lists }
}

package dataset

// KeepAtMost limits the bytes of pairs that are kept in memory until the function it returns is called.
func KeepAtMost(bytes int) (restore func()) {
	before := residentPairs
	residentPairs = bytes
	return func() { residentPairs = before }
}

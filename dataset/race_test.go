//go:build race

package dataset_test

// raceEnabled reports that sync.Pool drops values at random, as it does under
// the race detector.
const raceEnabled = true

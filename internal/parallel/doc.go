// Package parallel spreads independent items over workers.
//
// It knows nothing of what an item is. Results must not depend on which worker
// takes an item or on how many there are: callers index their output, and their
// random streams, by item.
package parallel

// Package parallel spreads independent items over workers.
//
// Results must not depend on the worker that takes an item or on the number of
// workers. So callers index their output, and their random streams, by item.
package parallel

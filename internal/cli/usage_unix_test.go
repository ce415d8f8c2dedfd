//go:build unix

package cli

import (
	"testing"
	"time"
)

// TestUsed checks that work takes CPU time and that sleep takes almost none.
func TestUsed(t *testing.T) {
	before, peak, ok := Used()
	if !ok || before <= 0 || peak < 1<<20 || peak > 1<<40 {
		t.Fatalf("%v, %d bytes, %v", before, peak, ok)
	}
	time.Sleep(200 * time.Millisecond)
	slept, _, _ := Used()
	sum := 0
	for start := slept; start-slept < 50*time.Millisecond; start, _, _ = Used() {
		for i := range 1_000_000 {
			sum += i
		}
	}
	if idle := slept - before; idle < 0 || idle > 100*time.Millisecond || sum == 0 {
		t.Errorf("a sleep of 200 ms took %v of CPU", idle)
	}
}

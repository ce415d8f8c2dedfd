package main

import (
	"encoding/json"
	"testing"

	"csdm/internal/cli"
	"csdm/peers"
)

// TestBenchPeers times tiny work. Each peer is timed or named as missing, and
// none that is installed fails.
func TestBenchPeers(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: installed peers take seconds to start")
	}
	out, _, err := csdm(t, "bench", "peers", "--ngf", "8", "--size", "16", "--draws", "2", "--set",
		"batch=2", "--set", "mesh=8", "--set", "runs=1", "--set", "rounds=1", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var r peers.Result
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	for _, row := range r.Rows {
		if !(row.Seconds > 0 && row.PeerSeconds > 0 && row.Ratio > 0) || row.Peer == "" {
			t.Errorf("%+v", row)
		}
	}
	for _, m := range r.Missing {
		t.Logf("%s: %s", m.Peer, m.Reason)
		if len(m.Reason) < 16 || m.Reason[:16] != "is not installed" {
			t.Errorf("%s: %s", m.Peer, m.Reason)
		}
	}
	if r.Work.Evaluations < 2 || len(r.Rows)+len(r.Missing) < 4 {
		t.Errorf("%+v", r)
	}
	if _, _, err := csdm(t, "bench", "peers", "--size", "3"); cli.Code(err) != cli.ExitUsage {
		t.Errorf("a size of 3: %v", err)
	}
}

package peers

import (
	"context"
	"slices"

	"csdm/langevin"
)

// The kinds of work, which are the keys of Own's result and of the seconds that
// scripts print.
const (
	LightTraining  = "training step, light"
	LightForward   = "forward pass, light"
	RefineTraining = "training step, RefineNet"
	RefineForward  = "forward pass, RefineNet"
	Draws          = "draws, light"
	FEM            = "finite-element solve"
)

// kinds lists the kinds of work in the order of Result.Rows.
var kinds = []string{LightTraining, LightForward, RefineTraining, RefineForward, Draws, FEM}

// Workload names the computations that are timed.
type Workload struct {
	NGF   int `json:"ngf"`   // channels of the networks at full resolution
	Batch int `json:"batch"` // samples of a step and a pass
	Size  int `json:"size"`  // pixels per side
	Draws int `json:"draws"` // posterior draws of one measurement
	// evaluations of the network for each draw
	Evaluations int `json:"evaluations"`
	Mesh        int `json:"mesh"` // nodes per side of the finite-element problem
	// runs behind the median of a round
	Runs int `json:"runs"`
	// number of threads of both sides
	Threads int `json:"threads"`

	// settings of the draws; the sampler is dpmpp2m
	Sampling langevin.Settings `json:"sampling"`

	ONNX []byte `json:"-"` // the light network
}

// Row is the time of one kind of work in csdm and in a peer.
type Row struct {
	// kind of the work
	Work string `json:"work"`
	// time of csdm in seconds, median over the rounds
	Seconds float64 `json:"seconds"`
	// name of the peer, with its version
	Peer string `json:"peer"`
	// time of the peer in seconds, median over the rounds
	PeerSeconds float64 `json:"peer_seconds"`
	Ratio       float64 `json:"ratio"` // csdm's time over the peer's
}

// Untimed is a peer that was not timed.
type Untimed struct {
	// name of the peer
	Peer string `json:"peer"`
	// why it was not timed
	Reason string `json:"reason"`
}

// Result holds the times of one sitting.
type Result struct {
	// the work that was timed
	Work Workload `json:"settings"`
	// rounds of csdm and all peers in turn
	Rounds int `json:"rounds"`
	// times of each work and peer
	Rows []Row `json:"rows"`
	// peers that were not timed
	Missing []Untimed `json:"missing"`
}

// Run times csdm and then each installed peer, once a round. own returns the
// seconds of each kind of work in csdm. note receives the name of the work
// being timed. A peer that fails is listed as missing. The error is own's or
// ctx's.
func Run(ctx context.Context, w Workload, rounds int, own func() (map[string]float64, error),
	note func(string)) (*Result, error) {
	r := &Result{Work: w, Rounds: rounds}
	programs := map[string]string{}
	for k := range scripts {
		s := &scripts[k]
		if programs[s.name] = s.find(ctx); programs[s.name] == "" {
			r.Missing = append(r.Missing, Untimed{s.name, "is not installed (" + s.install + ")"})
		}
	}
	times := map[string][]float64{}           // csdm's, by work
	peer := map[string]map[string][]float64{} // by script and work
	title, failed := map[string]string{}, map[string]bool{}
	for range rounds {
		note("csdm")
		seconds, err := own()
		if err != nil {
			return nil, err
		}
		for work, v := range seconds {
			times[work] = append(times[work], v)
		}
		for k := range scripts {
			s := &scripts[k]
			if programs[s.name] == "" || failed[s.name] {
				continue
			}
			note(s.name)
			t, err := s.run(ctx, programs[s.name], &w)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil {
				failed[s.name] = true
				r.Missing = append(r.Missing, Untimed{s.name, err.Error()})
				continue
			}
			if title[s.name] = t.Peer; peer[s.name] == nil {
				peer[s.name] = map[string][]float64{}
			}
			for work, v := range t.Seconds {
				peer[s.name][work] = append(peer[s.name][work], v)
			}
		}
	}
	for _, work := range kinds {
		for _, s := range scripts {
			if v := peer[s.name][work]; len(v) > 0 && !failed[s.name] {
				mine, theirs := median(times[work]), median(v)
				r.Rows = append(r.Rows, Row{Work: work, Seconds: mine, Peer: title[s.name],
					PeerSeconds: theirs, Ratio: mine / theirs})
			}
		}
	}
	return r, nil
}

// median returns the upper median.
func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

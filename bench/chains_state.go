package bench

import (
	"io"

	"csdm/internal/format"
)

// ChainsState is the state of Chains after a sweep, from which it resumes. z
// are the standardized variables: standard normal under the prior, except for
// its condition.
type ChainsState struct {
	Fingerprint string // identity of problem, measurement and settings

	Sweeps      int     // in total
	Steady      int     // rounds that count, the present one included
	Sweep       int     // of this round
	Temperature float64 // of this round
	Error       float64 // of the emulator in the round before
	Solves      int     // in total
	// forward solves of this round
	RoundSolves int
	RoundMoves  int // accepted solves of this round

	Z       []float64 // state of each chain
	Fits    []fit     // of the model at these states
	Train   points    // that the emulator was fitted to
	Fresh   points    // the last solves of this round
	Offsets []float64 // model minus emulator of this round's solves
	Around  []float64 // z that the moves were fitted to
	Kept    []float64 // rows of this round, sweep by sweep, chain by chain: z, logL, quantities
}

// Write writes the state as a .npz file.
func (s *ChainsState) Write(w io.Writer) error {
	chains := len(s.Fits)
	fits := make([]float64, 0, 3*chains)
	for _, f := range s.Fits {
		fits = append(fits, f.logL, f.misfit, float64(f.values))
	}
	rows := func(name string, v []float64) format.Named {
		return format.Named{Name: name, Array: format.Array64(v, len(v))}
	}
	single := func(name string, v []float32) format.Named {
		return format.Named{Name: name, Array: format.Array32(v, len(v))}
	}
	return format.WriteNPZ(w,
		format.Named{Name: "fingerprint", Array: &format.Array{Shape: []int{len(s.Fingerprint)},
			DType: format.Uint8, U8: []byte(s.Fingerprint)}},
		rows("numbers", []float64{float64(s.Sweeps), float64(s.Steady), float64(s.Sweep),
			s.Temperature, s.Error, float64(s.Solves), float64(s.RoundSolves),
			float64(s.RoundMoves)}),
		rows("z", s.Z), rows("fits", fits), rows("train_z", s.Train.Z),
		single("train_y", s.Train.Y), rows("fresh_z", s.Fresh.Z), single("fresh_y", s.Fresh.Y),
		rows("offsets", s.Offsets), rows("around", s.Around), rows("kept", s.Kept))
}

// ReadChainsState reads a file that Write wrote. Errors: of reading, and
// *StateError if the file holds something else.
func ReadChainsState(path string) (*ChainsState, error) {
	a, err := format.ReadNPZFile(path)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"fingerprint", "numbers", "z", "fits", "train_z", "train_y",
		"fresh_z", "fresh_y", "offsets", "around", "kept"} {
		if a[name] == nil {
			return nil, &StateError{"is of another kind; begin without it"}
		}
	}
	n := a["numbers"].Float64()
	fits := a["fits"].Float64()
	if len(n) != 8 || len(fits)%3 != 0 || a["fingerprint"].DType != format.Uint8 ||
		a["train_y"].DType != format.Float32 || a["fresh_y"].DType != format.Float32 {
		return nil, &StateError{"is incomplete; begin without it"}
	}
	s := &ChainsState{Fingerprint: string(a["fingerprint"].U8),
		Sweeps: int(n[0]), Steady: int(n[1]), Sweep: int(n[2]), Temperature: n[3], Error: n[4],
		Solves: int(n[5]), RoundSolves: int(n[6]), RoundMoves: int(n[7]),
		Z: a["z"].Float64(), Train: points{a["train_z"].Float64(), a["train_y"].F32},
		Fresh:   points{a["fresh_z"].Float64(), a["fresh_y"].F32},
		Offsets: a["offsets"].Float64(), Around: a["around"].Float64(), Kept: a["kept"].Float64()}
	for i := 0; i < len(fits); i += 3 {
		s.Fits = append(s.Fits, fit{fits[i], fits[i+1], int(fits[i+2])})
	}
	return s, nil
}

// fitsRun reports whether the state has the lengths of the run c.
func (s *ChainsState) fitsRun(c *chains) bool {
	d, m, k := c.dim(), len(c.y), c.s.Chains
	rows := len(s.Train.Z) / d
	fresh := len(s.Fresh.Z) / d
	return len(s.Z) == k*d && len(s.Fits) == k && rows > 1 && len(s.Train.Z) == rows*d &&
		len(s.Train.Y) == rows*m && len(s.Fresh.Z) == fresh*d && len(s.Fresh.Y) == fresh*m &&
		len(s.Around) > d && len(s.Around)%d == 0 && len(s.Kept) == s.Sweep*k*c.width()
}

package nn

import (
	"encoding/binary"
	"io"
	"math"
	"slices"

	"csdm/internal/identity"
)

// Identity covers everything that the model's output depends on: architecture,
// parameterization, normalization, grid, units and all weights. It leaves out
// the origin of the weights (Training): two trainings that end in the same
// weights make the same model. It also leaves out the recipe's settings for
// drawing (Sampling) and the data for judging measurements and output that can
// be added later (Calibration, Bands, Novelty, Typical.Outlier,
// Typical.Edge).
func (m *Model) Identity() identity.Identity {
	meta := m.Meta
	meta.Typical.Outlier, meta.Typical.Edge = Spread{}, Spread{}
	return identity.New("model", 2).Add("architecture", m.Net.arch).Add("parameterization",
		&m.Parameterization).
		Add("metadata", meta, "Training", "Calibration",
			"Bands").AddHash("weights", m.writeWeights).Identity()
}

// writeWeights writes the weights as little-endian float32.
func (m *Model) writeWeights(w io.Writer) error {
	var buffer [1 << 14]byte
	for part := range slices.Chunk(m.Net.Flat(), len(buffer)/4) {
		for i, v := range part {
			binary.LittleEndian.PutUint32(buffer[4*i:], math.Float32bits(v))
		}
		if _, err := w.Write(buffer[:4*len(part)]); err != nil {
			return err
		}
	}
	return nil
}

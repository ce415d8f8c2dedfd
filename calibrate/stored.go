package calibrate

import (
	"errors"
	"fmt"

	"csdm/dataset"
	"csdm/internal/cli"
	"csdm/problems"
)

// storedPairs is a problems.Generator whose pairs come from a dataset, for a
// problem without a forward model.
//
// A problem of files alone has pairs and no program that could make more.
type storedPairs struct {
	pairs  *heldOut // the checked pairs
	pool   *heldOut // the pairs for comparison
	images uint64
}

// Pair implements problems.Generator. The number i comes from
// checker.pair.
func (g *storedPairs) Pair(x, y []float64, _, i uint64) (err error) {
	from, k := g.pairs, i/g.images
	if k >= poolStart {
		from, k = g.pool, k-poolStart
	}
	_, err = from.pair(x, y, int(k), nil)
	return err
}

// useStore makes c check pairs of a dataset instead of new ones. Pairs before
// Settings.First serve for comparison; training may have seen these. If there
// are too few, the first pairs from there on serve instead.
//
// The pool may come from the training set, because it only stands for the
// prior.
func (c *checker) useStore(store *dataset.Store) error {
	if store == nil {
		if c.settings.First != 0 {
			return cli.Usage(errors.New("first is for --data: give both or none"))
		}
		return nil
	}
	if first := c.settings.First; first < 0 || first >= store.Len() {
		return cli.Usage(fmt.Errorf("first = %d: the dataset has the pairs 0 to %d", first,
			store.Len()-1))
	}
	if c.settings.At != nil || c.settings.Certify {
		return cli.Usage(errors.New("--at and --certify simulate measurements: leave out --data"))
	}
	h := &heldOut{problem: c.problem, spec: c.spec, seed: c.seed, store: store}
	if err := h.fits(c.model, c.settings.First); err != nil {
		return err
	}
	least, before := c.settings.Sampling.Draws, h.simulations(0, c.settings.First)
	h.kept = h.simulations(c.settings.First, store.Len())
	if len(before) < least {
		n := min(max(least, poolSize), max(least, len(h.kept)/2), len(h.kept))
		before, h.kept = h.kept[:n], h.kept[n:]
	}
	before = before[:min(len(before), max(least, poolSize))]
	if len(before) < least || len(h.kept) < c.settings.Measurements {
		return cli.Data(fmt.Errorf("%s has %d simulations for %d measurements, and %d for "+
			"comparison, of which %d draws need as many", store.Dir(), len(h.kept),
			c.settings.Measurements, len(before), least))
	}
	pool := *h
	pool.kept = before
	c.stored = &storedPairs{pairs: h, pool: &pool, images: uint64(c.spec.ImagesPerSimulation)}
	return nil
}

var _ problems.Generator = (*storedPairs)(nil)

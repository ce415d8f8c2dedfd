package run

import (
	"errors"
	"io/fs"

	"csdm/dataset"
	"csdm/recipe"
)

// adopt reports whether the pairs of a run folder were imported. If so, it sets
// the recipe's number of pairs to their number: nothing can make more of them.
//
// An incomplete dataset was never imported: an import writes all pairs or none.
func adopt(dir string, c *recipe.Recipe) (imported bool, err error) {
	store, err := dataset.Open(PairsFolder(dir))
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, new(*dataset.IncompleteError)) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if imported = store.Imported(); imported {
		c.Data.Pairs = store.Len()
	}
	return imported, store.Close()
}

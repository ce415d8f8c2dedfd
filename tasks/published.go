package tasks

import (
	"compress/bzip2"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"csdm/internal/cli"
)

// publishedCases is the number of observations that sbibm holds of a task.
const publishedCases = 10

// published returns an observation of the published benchmark and its reference
// draws of parameters, from a copy of sbi-benchmark/sbibm. Draws beyond count
// are left out.
//
// The files are read from a copy that the user has; nothing is downloaded.
func (t *Task) published(dir string, number, count int) (y, p []float64, err error) {
	folder := filepath.Join(dir, "sbibm", "tasks", t.folder, "files",
		fmt.Sprintf("num_observation_%d", number))
	if y, err = readNumbers(filepath.Join(folder, t.observation), t.Y, false); err != nil {
		return nil, nil, err
	}
	if len(y) != t.Y {
		return nil, nil, cli.Data(fmt.Errorf("%s holds %d observations instead of one",
			filepath.Join(folder, t.observation), len(y)/t.Y))
	}
	path := filepath.Join(folder, "reference_posterior_samples.csv.bz2")
	if p, err = readNumbers(path, t.X, true); err != nil {
		return nil, nil, err
	}
	if len(p) < count*t.X {
		return nil, nil, cli.Data(fmt.Errorf("%s holds %d draws; --set draws=%d asks for more",
			path, len(p)/t.X, count))
	}
	return y, p[:count*t.X], nil
}

// readNumbers reads a CSV file with a head and d columns of numbers, which may
// be packed with bzip2.
//
// v − v is 0 for finite numbers only.
func readNumbers(path string, d int, packed bool) (rows []float64, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w; --published takes the folder of a copy of "+
			"github.com/sbi-benchmark/sbibm", err)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var from io.Reader = f
	if packed {
		from = bzip2.NewReader(f)
	}
	r := csv.NewReader(from)
	r.FieldsPerRecord, r.ReuseRecord = d, true
	for line := 0; ; line++ {
		record, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, cli.Data(fmt.Errorf("%s: %w", path, err))
		}
		for _, text := range record {
			v, err := strconv.ParseFloat(text, 64)
			switch {
			case line == 0: // names of the columns
			case err != nil || v-v != 0:
				return nil, cli.Data(fmt.Errorf("%s: row %d: %q is no finite number", path, line,
					text))
			default:
				rows = append(rows, v)
			}
		}
	}
}

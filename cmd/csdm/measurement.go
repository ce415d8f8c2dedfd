package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"csdm/internal/atomicfile"
	"csdm/internal/plot"
	"csdm/measured"
)

// takingHelp is the part of a help text about reading a map.
const takingHelp = `--case picks one map of an array of several; without it such an array is
refused. An array of an .npz file is named after a colon. A map may also have the grid of the
measurement: --set map.unit= gives the unit of its values; map.pixel_size, or map.extent from
the first sample to the last, and map.origin, the position of its lower left sample, place it
in the rectangle of the problem; map.rows_down=true means that row 0 is at the top. Lengths are
written as 0.2mm, or as 10,5mm for X,Y with one unit for both. The map is averaged where it is
finer than the problem's grid and interpolated where it is coarser. A map that reaches beyond
the rectangle by more than one sample is refused unless map.crop=true is set. A map that leaves
a part of the rectangle uncovered is always refused. Standard error shows how each value was
read.`

// shownHelp is the part of a help text about the picture of the map.
const shownHelp = `The map over the specimen, with left, right, top and bottom named, is printed on
standard error and drawn next to the result as OUT-map.png. Check that it lies as it was
measured: no number can distinguish a mirrored map from a correct one.`

// mapFlags holds the flags for the file of a map and for its geometry.
type mapFlags struct {
	path   string
	ranges string // the ranges that the flag --case also takes, in words
	cases  string // range of maps, see overCases
	end    int    // end of the range; 0 until the file is open
	many   bool   // the range may have thousands: no picture of each map
	dry    bool   // only the plan is printed
	file   *measured.MapFile
	measured.Taking
}

// count returns the first map of a range, or 0, and the number of maps.
func (m *mapFlags) count() (from, n int) {
	from, _ = strconv.Atoi(strings.Split(m.cases, ":")[0]) // 0 without a range
	return from, max(1, m.end-from)
}

// add adds the flags; the one that names the file is called name and required.
func (m *mapFlags) add(cmd *cobra.Command, name, usage string) {
	m.addOptional(cmd, name, usage)
	required(cmd, name)
}

// addOptional is add for a map that need not be given.
func (m *mapFlags) addOptional(cmd *cobra.Command, name, usage string) {
	f := cmd.Flags()
	f.StringVar(&m.path, name, "", usage+": .npy, .npz[:name] or .csv")
	f.Func("case", "index of the map in an array of several, from 0"+m.ranges,
		func(text string) error {
			if strings.Contains(text, ":") && f.Lookup(casesFlag) != nil {
				return f.Set(casesFlag, text)
			}
			m.Case = text
			return nil
		})
	f.StringVar(&m.Unit, "unit", "",
		"unit of the map's values, such as mm, um, deg or kPa (default: the problem's)")
	f.StringVar(&m.Pixel, "pixel-size", "",
		"distance between the samples of the map, one length or X,Y")
	f.StringVar(&m.Extent, "extent", "",
		"distance from the first sample of the map to the last, X,Y (instead of a pixel size)")
	f.StringVar(&m.Origin, "origin", "",
		"position X,Y of the lower left sample in the problem's rectangle (default: its corner)")
	f.BoolVar(&m.RowsDown, "rows-down", false, "whether row 0 of the map is at the top")
	f.BoolVar(&m.Crop, "crop", false,
		"whether samples outside of the problem's rectangle are left out")
	demote(cmd, "map", "unit", "pixel-size", "extent", "origin", "rows-down", "crop")
}

// take reads the map, resamples it to the grid, and describes this on standard
// error.
func (a *app) take(m *mapFlags, grid measured.Grid) (*measured.Taken, error) {
	file, err := m.file, error(nil)
	if file == nil {
		if file, err = measured.Open(m.path, grid); err != nil {
			return nil, err
		}
	}
	if m.cases != "" {
		m.file = file // of all measurements of the range
	}
	if m.cases != "" {
		if _, m.end, err = measured.PickCases("--cases", m.cases, file.Count,
			grid.What); err != nil {
			return nil, fmt.Errorf("%s: %w", m.path, err)
		}
	}
	k, err := file.Pick(m.Case)
	if err != nil {
		return nil, err
	}
	taken, err := file.Take(k, m.Taking)
	if err != nil {
		return nil, err
	}
	for _, remark := range taken.Remarks {
		a.console.note(remark)
	}
	return taken, nil
}

// mapFile returns the name of the picture of a result's map.
func mapFile(out string) string { return strings.TrimSuffix(out, ".npz") + "-map.png" }

// showMap prints the map over the specimen on standard error and writes its
// picture next to the result, so that a mirrored or rotated map is visible
// before the computation. The picture of an earlier call is replaced, because
// that call gave no result or its result is replaced as well.
func (a *app) showMap(taken *measured.Taken, out string) error {
	path := mapFile(out)
	there, err := os.ReadFile(path)
	switch {
	case err == nil && !a.overwrite && (exists(out) || exists(out+".partial")):
		// drawn by the call that is resumed
	case err == nil && !a.overwrite && !plot.Drew(there): // a file of another program
		return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	case err == nil, errors.Is(err, fs.ErrNotExist):
		if err := a.replace(path, taken.Picture().RenderPNG()); err != nil {
			return err
		}
	default:
		return err
	}
	if !a.sketched { // all maps of a range lie the same way
		a.console.note(taken.Sketch())
		a.sketched = true
	}
	a.console.note(fmt.Sprintf("picture of the map over the specimen: %s", path))
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// replace writes a file, whole or not at all, and replaces an existing one.
func (a *app) replace(path string, content []byte) error {
	return atomicfile.Write(path, true, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

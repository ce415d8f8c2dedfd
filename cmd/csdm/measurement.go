package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"csdm/internal/atomicfile"
	"csdm/internal/plot"
	"csdm/measured"
)

// takingHelp is what the verbs that take a map say of it.
const takingHelp = `Of an array of several maps --case picks one; without it such an array is refused. Arrays of .npz files are named
behind a colon. A map as it was measured, on a grid of its own, is taken too: --unit names the unit of its values; --pixel-size (or --extent, from the first sample to the last)
and --origin, where its lower left sample lies, place it in the rectangle of the problem; --rows-down says that row 0 is at the top.
Lengths are written 0.2mm, or 10,5mm for X,Y; the unit behind the last holds for both. The map is averaged where it is finer than
the problem's grid and interpolated where it is coarser. A map that reaches beyond the rectangle by more than one sample is refused
unless --crop is given, one that leaves a part of it uncovered always. How each text was read is said on standard error.`

// shownHelp is what the verbs that show the map say of it.
const shownHelp = `The map over the specimen, with left, right, top and bottom named, is printed on standard error and drawn beside the result,
as OUT-map.png: look whether it lies as it was measured. No number can tell a mirrored map from a right one.`

// mapFlags name the file of a map and say how it was taken.
type mapFlags struct {
	path  string
	cases string // a range, see overCases
	end   int    // of the range; 0 until the file is open
	measured.Taking
}

// add adds the flags; the one that names the file is called name.
func (m *mapFlags) add(cmd *cobra.Command, name, usage string) {
	f := cmd.Flags()
	f.StringVar(&m.path, name, "", usage+": .npy, .npz[:name] or .csv")
	f.StringVar(&m.Case, "case", "", "which map of an array of several, counted from 0")
	f.StringVar(&m.Unit, "unit", "",
		"unit of the map's values, such as mm, um, deg or kPa (default: the problem's)")
	f.StringVar(&m.Pixel, "pixel-size", "",
		"distance between the samples of the map, one length or X,Y")
	f.StringVar(&m.Extent, "extent", "",
		"distance from the first sample of the map to the last, X,Y, instead of --pixel-size")
	f.StringVar(&m.Origin, "origin", "",
		"where the lower left sample lies in the problem's rectangle, X,Y (default: its corner)")
	f.BoolVar(&m.RowsDown, "rows-down", false, "row 0 of the map is at the top")
	f.BoolVar(&m.Crop, "crop", false,
		"leave out samples of the map that lie outside of the problem's rectangle")
	required(cmd, name)
}

// take reads the map, brings it to the grid and says on standard error how.
func (a *app) take(m *mapFlags, grid measured.Grid) (*measured.Taken, error) {
	file, err := measured.Open(m.path, grid)
	if err != nil {
		return nil, err
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

// mapFile names the picture of the map that goes with a result.
func mapFile(out string) string { return strings.TrimSuffix(out, ".npz") + "-map.png" }

// showMap prints the map over the specimen on standard error and writes its
// picture beside the result, so that a map that lies the wrong way is seen
// before anything is computed. The picture of an earlier call is replaced: that
// call gave no result, or the result is to be replaced, too.
func (a *app) showMap(taken *measured.Taken, out string) error {
	path := mapFile(out)
	there, err := os.ReadFile(path)
	switch {
	case err == nil && !a.overwrite && (exists(out) || exists(out+".partial")):
		// drawn by the call that is resumed
	case err == nil && !a.overwrite && !plot.Drew(there): // somebody else's
		return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	case err == nil, errors.Is(err, fs.ErrNotExist):
		if err := a.replace(path, taken.Picture().RenderPNG()); err != nil {
			return err
		}
	default:
		return err
	}
	if !a.sketched { // the maps of a range lie alike
		a.console.note(taken.Sketch())
		a.sketched = true
	}
	a.console.note(fmt.Sprintf("the map over the specimen, as a picture: %s", path))
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// replace writes a file, whole or not at all, whether it is there or not.
func (a *app) replace(path string, content []byte) error {
	return atomicfile.Write(path, true, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/measured"
	"csdm/problems/specimen"
)

// The words of --edges.
var edgeChoices = map[string][]string{
	"measured": {"bottom", "top", "left", "right"},
	"plates":   {"bottom", "top"},
}

func (a *app) specimenCommand() *cobra.Command {
	var (
		y          mapFlags
		shape      specimen.Setup
		edges, out string
		size       string
		grid       []int
		show       printer[*specimenResult]
	)
	cmd := &cobra.Command{
		Use:   "specimen",
		Short: "Propose a problem file for a specimen from its measured displacement map",
		Long: `specimen reads a displacement map and writes a file that describes the specimen: its
size, the physics, the displacement of its edges, and the errors of the map. Every verb takes the
file as --problem, and csdm infer takes it to a posterior.

The edges are smoothed from the map. The noise and its correlation are estimated from the
differences of neighbors. Comments in the file state how sure each estimate is. What the map does
not show is an assumption that only you can check: the kind of inclusion, its range of place, size
and stiffness, and how much the stiffness of the background varies. Read the file before you use it.

The specimen is the rectangle from the first sample of the map to the last, unless --size gives
another one; map.origin then places the map in it. csdm infer needs the same settings of the map.

` + shownHelp,
		Example: "  csdm specimen --y map.npy --set map.extent=26.3,34.6mm -o lab.toml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if filepath.Ext(out) != ".toml" {
				return cli.Usage(fmt.Errorf("--out is %s; it must end in .toml", out))
			}
			measuredEdges, ok := edgeChoices[edges]
			if !ok {
				return cli.Usage(fmt.Errorf("--edges is %q; it must be measured or plates", edges))
			}
			shape.Measured = measuredEdges
			shape.Name = strings.TrimSuffix(filepath.Base(out), ".toml")
			taken, err := a.takeWhole(&y, &shape, size, grid)
			if err != nil {
				return err
			}
			proposal, err := specimen.Propose(taken.Values, shape)
			if err != nil {
				return cli.Data(fmt.Errorf("%s: %w", y.path, err))
			}
			text := proposal.Text()
			write := atomicfile.WriteSame
			if a.overwrite {
				write = func(path string, f func(io.Writer) error) error {
					return atomicfile.Write(path, true, f)
				}
			}
			if err := write(out, func(w io.Writer) error {
				_, err := io.WriteString(w, text)
				return err
			}); err != nil {
				return err
			}
			if err := a.showMap(taken, strings.TrimSuffix(out, ".toml")); err != nil {
				return err
			}
			n := proposal.Noise
			v := &specimenResult{Out: out, Map: mapFile(strings.TrimSuffix(out, ".toml")),
				NoiseStd: n.Std.Value, NoiseStdError: n.Std.Error, NoiseCorrelation: n.Length,
				NoiseBottomHalf: n.Bottom, NoiseTopHalf: n.Top,
				Jitter:            proposal.Definition.Edges.Jitter,
				MeasuredComponent: shape.Components}
			return show.print(v, func(w io.Writer) {
				fmt.Fprintf(w, "%s: a proposal; read it, and then run\n  csdm infer --problem %s "+
					"--y %s%s -o answer\n", out, out, y.path, y.settings())
				fmt.Fprintf(w, "noise %v %s, edges ± %.2g %[2]s\n", proposal.Noise.Std,
					shape.Grid.Unit, proposal.Definition.Edges.Jitter)
			})
		},
	}
	y.add(cmd, "y", "displacement map")
	setFlag(cmd, nil, "map.unit=mm")
	f := cmd.Flags()
	f.StringVar(&edges, "edges", "measured",
		"edges that move as the map: measured (all four) or plates (bottom and top)")
	f.StringVar(&size, "size", "", "width and height of the specimen, such as 26.3,34.6mm "+
		"(default: the map's)")
	f.IntSliceVar(&grid, "grid", []int{28}, "nodes along each side, or rows,columns")
	f.StringVar(&shape.Physics.Kind, "physics", "plane-stress",
		"plane-stress, plane-strain or axisymmetric (the map's left end is the axis)")
	number(cmd, &shape.Physics.Nu, "nu", 0, "Poisson's ratio, for plane strain and axisymmetry")
	f.StringSliceVar(&shape.Components, "components", []string{"uy"},
		"components of the displacement that the channels of the map hold: ux, uy or both")
	output(cmd, &out, "problem file, .toml")
	show.of(a, cmd, "")
	return cmd
}

// takeWhole reads a map whose size is the specimen's, unless size gives
// another, and sets the grid of shape. nodes holds its rows and columns, or one
// number for both.
func (a *app) takeWhole(y *mapFlags, shape *specimen.Setup, size string, nodes []int) (
	*measured.Taken, error) {
	if len(nodes) != 1 && len(nodes) != 2 {
		return nil, cli.Usage(fmt.Errorf("--grid has %d numbers; it must be nodes along each "+
			"side, or rows,columns", len(nodes)))
	}
	rows, cols := nodes[0], nodes[len(nodes)-1]
	unit := strings.TrimLeft(y.Extent+y.Pixel, "0123456789., ") // as the user writes lengths
	if _, err := measured.UnitFactor("mm", unit); unit == "" || err != nil {
		unit = "mm"
	}
	grid := measured.Grid{What: "measurement", Name: "displacement",
		Channels: len(shape.Components), Names: shape.Components, Unit: unit,
		Target: measured.Target{Rows: rows, Cols: cols, Unit: unit}}
	if len(shape.Components) == 0 {
		return nil, cli.Usage(errors.New("--components is empty; it must be ux, uy or both"))
	}
	file, err := measured.Open(y.path, grid)
	if err != nil {
		return nil, err
	}
	width, height, err := file.Size(y.Taking)
	if err != nil {
		return nil, err
	}
	if size != "" {
		l, err := measured.ParseLengths(size, unit)
		if err != nil {
			return nil, cli.Usage(fmt.Errorf("--size %w", err))
		}
		width, height = l.X, l.Y
	}
	grid.Width, grid.Height = width, height
	shape.Grid = specimen.Grid{Rows: rows, Cols: cols, Width: width, Height: height, Unit: unit}
	if err := shape.Grid.Check(); err != nil {
		return nil, cli.Usage(err)
	}
	return a.take(y, grid)
}

// settings returns the settings of the map as arguments for another verb.
func (m *mapFlags) settings() string {
	var all []string
	for name, value := range map[string]string{"unit": m.Unit, "pixel_size": m.Pixel,
		"extent": m.Extent, "origin": m.Origin} {
		if value != "" {
			all = append(all, fmt.Sprintf(" --set map.%s=%s", name, value))
		}
	}
	for name, on := range map[string]bool{"rows_down": m.RowsDown, "crop": m.Crop} {
		if on {
			all = append(all, fmt.Sprintf(" --set map.%s=true", name))
		}
	}
	if m.Case != "" {
		all = append(all, " --case "+m.Case)
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

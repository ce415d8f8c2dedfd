package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/mesh"
)

// meshCommand checks a Gmsh mesh, and writes it for ParaView.
func (a *app) meshCommand() *cobra.Command {
	var out string
	var show printer[*meshResult]
	cmd := &cobra.Command{
		Use:   "mesh MESH.msh",
		Short: "Check a plane Gmsh mesh, and write it as VTK for ParaView",
		Long: `mesh reads a plane mesh of linear triangles and quadrilaterals (Gmsh, ASCII, version
2 to 2.2 or 4.1), checks it, and lists its size and its physical groups. With -o it writes the
mesh as a VTK unstructured grid (.vtu).`,
		Example: "  csdm mesh mesh/testdata/meshio41.msh -o mesh.vtu",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			m, err := readMesh(args[0])
			if err != nil {
				return err
			}
			if out != "" {
				err := a.write(out, func(w io.Writer) error { return mesh.WriteVTU(w, m) })
				if err != nil {
					return err
				}
			}
			groups := make([]string, 0, len(m.Names))
			for _, name := range m.Names {
				groups = append(groups, name)
			}
			slices.Sort(groups)
			v := &meshResult{Points: m.Points(), Triangles: len(m.Triangles), Quads: len(m.Quads),
				Width: slices.Max(m.X) - slices.Min(m.X), Height: slices.Max(m.Y) - slices.Min(m.Y),
				Groups: groups}
			return show.print(v, func(w io.Writer) {
				t := cli.NewTable(w)
				t.Row("points", v.Points)
				t.Row("triangles", v.Triangles)
				t.Row("quads", v.Quads)
				t.Row("width", v.Width)
				t.Row("height", v.Height)
				for _, name := range groups {
					t.Row("physical group", name)
				}
				t.Flush()
			})
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "VTK unstructured grid, .vtu (default: none)")
	outputs(cmd, "out")
	show.of(a, cmd, "")
	return cmd
}

// readMesh reads and checks a Gmsh file. A malformed file is an error of the
// data, with its line.
func readMesh(path string) (*mesh.Mesh, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := mesh.ReadGmsh(bufio.NewReader(f))
	if err != nil {
		if _, io := errors.AsType[*os.PathError](err); !io {
			err = cli.Data(err)
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

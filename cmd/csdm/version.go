package main

import (
	"debug/buildinfo"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/internal/licenses"
)

func (a *app) versionCommand() *cobra.Command {
	var show printer[cli.Provenance]
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print version, commit, toolchain and kernel",
		Example: "  csdm version --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			p := provenance()
			return show.print(p, func(w io.Writer) { fmt.Fprintln(w, "csdm", p.VersionLine()) })
		},
	}
	show.of(a, cmd, "")
	return cmd
}

func (a *app) licensesCommand() *cobra.Command {
	var sbom bool
	cmd := &cobra.Command{
		Use:   "licenses [BINARY]",
		Short: "Print the licenses of csdm and of all that it contains",
		Long: `licenses prints the license texts of csdm, of Go's library and of all modules.

--sbom prints the bill of materials in the CycloneDX format: each module with its version, checksum
and license. BINARY is another binary of csdm, such as one for another processor.`,
		Example: "  csdm licenses --sbom",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if !sbom {
				_, err := io.WriteString(a.stdout, licenses.Text)
				return err
			}
			info, _ := debug.ReadBuildInfo()
			if len(args) > 0 {
				var err error
				if info, err = buildinfo.ReadFile(args[0]); err != nil {
					return cli.Data(err)
				}
			}
			return licenses.WriteSBOM(a.stdout, info, provenance().Version)
		},
	}
	cmd.Flags().BoolVar(&sbom, "sbom", false, "print the bill of materials")
	a.prints(cmd, outputForm{when: "text, with or without --json; with --sbom CycloneDX in JSON"})
	return cmd
}

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/nn"
)

func (a *app) netCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "net",
		Short: "Evaluate a score network directly",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.netEvalCommand())
	return cmd
}

func (a *app) netEvalCommand() *cobra.Command {
	var weights, casePath, out, gradsOut string
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Score at x + σz, loss (Eq. 15) and its gradients for given weights and a given batch",
		Long: `eval reads weights (safetensors, names of the NCSNv2 state dict) and a batch (npz: x, z (N,1,H,W),
y (N,C,H,W), sigma (N)), and writes score (N,1,H,W) and loss. Weights without metadata, and those trained in the
paper's form, are evaluated in that form; a preconditioned model in its own.`,
		Example: "  csdm net eval --weights nn/testdata/scorenet_ngf8_28.safetensors --case nn/testdata/scorenet_ngf8_28.npz -o out.npz",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			model, err := nn.ReadModelFile(weights)
			if err != nil {
				return err
			}
			c, err := nn.ReadCase(casePath)
			if err != nil {
				return err
			}
			e, err := model.Net.Evaluate(model.Parameterization, c)
			if err != nil {
				return cli.Data(err)
			}
			err = a.writeNPZ(out,
				format.Named{Name: "score", Array: format.Array64(e.Score, c.N, 1, c.Rows, c.Cols)},
				format.Named{Name: "loss", Array: format.Scalar(e.Loss)})
			if err != nil {
				return err
			}
			if gradsOut != "" {
				t := &format.Tensors{Arrays: model.Net.Tensors(e.Grads)}
				if err := a.write(gradsOut, func(w io.Writer) error { return format.WriteTensors(w, t) }); err != nil {
					return err
				}
			}
			return a.result(map[string]any{"loss": e.Loss, "out": out}, func(w io.Writer) {
				fmt.Fprintf(w, "loss %.10g; score written to %s\n", e.Loss, out)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&weights, "weights", "", "weights or model, .safetensors")
	f.StringVar(&casePath, "case", "", "batch, .npz")
	f.StringVarP(&out, "out", "o", "", "result, .npz")
	f.StringVar(&gradsOut, "grads-out", "", "gradients of the loss, .safetensors")
	required(cmd, "weights", "case", "out")
	return cmd
}

// requiredFlags is the annotation under which a command keeps the names of the flags that it cannot do without.
const requiredFlags = "csdm_required"

// required marks flags that a verb cannot do without. (The command library's own check has no exit code.)
func required(cmd *cobra.Command, names ...string) {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[requiredFlags] = strings.TrimSpace(cmd.Annotations[requiredFlags] + " " + strings.Join(names, " "))
}

// checkRequired returns an error that names the required flags that are not set.
func checkRequired(cmd *cobra.Command) error {
	var missing []string
	for _, name := range strings.Fields(cmd.Annotations[requiredFlags]) {
		if !cmd.Flags().Changed(name) {
			missing = append(missing, "--"+name)
		}
	}
	if missing == nil {
		return nil
	}
	return cli.Usage(fmt.Errorf("%s is missing (see %s --help)", strings.Join(missing, ", "), cmd.CommandPath()))
}

// write writes an output file, whole or not at all, and refuses to replace one unless --overwrite is set.
func (a *app) write(path string, content func(io.Writer) error) error {
	return atomicfile.Write(path, a.overwrite, content)
}

func (a *app) writeNPZ(path string, arrays ...format.Named) error {
	return a.write(path, func(w io.Writer) error { return format.WriteNPZ(w, arrays...) })
}

func (a *app) writeNPY(path string, values []float64, shape ...int) error {
	return a.write(path, func(w io.Writer) error { return format.WriteNPY(w, format.Array64(values, shape...)) })
}

package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/nn"
)

func (a *app) netCommand() *cobra.Command {
	cmd := parent("net", "Evaluate a score network directly, or convert its file",
		a.netEvalCommand(), a.netShrinkCommand(), a.netONNXCommand(), a.netWrapCommand())
	cmd.Aliases = []string{"model"}
	return cmd
}

func (a *app) netEvalCommand() *cobra.Command {
	var weights, casePath, out, gradsOut string
	var show printer[*netEvalResult]
	cmd := &cobra.Command{
		Use: "eval",
		Short: "Score at x + σz, loss (Eq. 15) and its gradients for given weights and a given " +
			"batch",
		Long: `eval reads weights (safetensors, names of the NCSNv2 state dict) and a batch (npz: x,
z (N,1,H,W), y (N,C,H,W), sigma (N)), and writes score (N,1,H,W) and loss. Weights without
metadata, and weights trained in the paper's form, are evaluated in that form; a preconditioned
model is evaluated in its own form.`,
		Example: "  csdm net eval --weights nn/testdata/scorenet_ngf8_28.safetensors --batch " +
			"nn/testdata/scorenet_ngf8_28.npz -o out.npz",
		Args: cobra.NoArgs,
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
				if err := a.write(gradsOut, func(w io.Writer) error {
					return format.WriteTensors(w, t)
				}); err != nil {
					return err
				}
			}
			return show.print(&netEvalResult{e.Loss, out}, func(w io.Writer) {
				fmt.Fprintf(w, "loss %.10g; score written to %s\n", e.Loss, out)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&weights, "weights", "", "weights or model, .safetensors")
	f.StringVar(&casePath, "batch", "", "batch with the arrays x, y, z and sigma, .npz")
	former(cmd, map[string]string{"case": "batch"})
	output(cmd, &out, "result, .npz")
	f.StringVar(&gradsOut, "grads-out", "", "gradients of the loss, .safetensors")
	outputs(cmd, "grads-out")
	required(cmd, "weights", "batch")
	show.of(a, cmd, "")
	return cmd
}

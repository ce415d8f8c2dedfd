package main

import (
	"bytes"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/nn"
	"csdm/run"
)

// openKnown opens a model that has metadata. An error for another model ends
// with why.
func openKnown(path, why string) (*nn.Model, error) {
	m, err := run.OpenModel(path)
	if err == nil && !m.Meta.Known() {
		err = cli.Data(fmt.Errorf("%s: %s", path, why))
	}
	return m, err
}

func (a *app) netShrinkCommand() *cobra.Command {
	var model, out string
	var show printer[*netFileResult]
	cmd := &cobra.Command{
		Use:   "shrink",
		Short: "Store the weights of a model in half precision, in half the bytes",
		Long: `shrink rounds each weight of a model to half precision (float16), and the mean
measurement to few decimals. The file takes half the bytes and is used as any other. It also
holds command, time and machine of the training, if the model is still in its run folder.
Scores change by about one thousandth, and posterior means and standard deviations by less than
the error of a thousand draws. The page on files has measured changes.`,
		Example: "  csdm net shrink --model finished/model.safetensors -o small.safetensors",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			m, err := openKnown(model, "only a model of a built-in problem can be shrunk")
			if err != nil {
				return err
			}
			small := m.Shrunk()
			var file bytes.Buffer
			if err := small.Write(&file); err != nil {
				return err
			}
			if err := atomicfile.WriteFile(out, a.overwrite, file.Bytes()); err != nil {
				return err
			}
			return show.print(&netFileResult{out, len(small.Net.Flat())}, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %d weights in half precision\n", out, len(small.Net.Flat()))
			})
		},
	}
	cmd.Flags().StringVar(&model, "model", "", "model file, or builtin:NAME")
	output(cmd, &out, "model file in half precision, .safetensors")
	required(cmd, "model")
	show.of(a, cmd, "")
	return cmd
}

func (a *app) netONNXCommand() *cobra.Command {
	var model, out string
	var show printer[*onnxResult]
	cmd := &cobra.Command{
		Use:   "onnx",
		Short: "Write the network of a model in the ONNX format, for ONNX Runtime",
		Long: `onnx writes the score of a model as an ONNX graph (opset 18): inputs x (N,1,H,W), y
(N,C,H,W) and sigma (N), output score (N,1,H,W), all in float32. x is the noisy field and y the
measurement, both normalized. The standardization of y and the scaling by the noise level are part
of the graph. Its metadata have x_min, x_max, y_min and y_max of the normalization.`,
		Example: "  csdm net onnx --model builtin:quasistatic-28-n5 -o score.onnx",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			m, err := openKnown(model, "the size of the images is unknown: it has no metadata; "+
				"csdm net wrap adds them")
			if err != nil {
				return err
			}
			text, err := m.ONNX(provenance().Version, m.Meta.Rows, m.Meta.Cols)
			if err != nil {
				return cli.Data(fmt.Errorf("%s: %w", model, err))
			}
			if err := a.write(out, func(w io.Writer) error {
				_, err := w.Write(text)
				return err
			}); err != nil {
				return err
			}
			v := &onnxResult{out, len(text), m.Meta.Rows, m.Meta.Cols, m.Net.Arch().YChannels}
			return show.print(v, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %d bytes, fields of %d×%d\n", out, len(text), m.Meta.Rows,
					m.Meta.Cols)
			})
		},
	}
	cmd.Flags().StringVar(&model, "model", "", "model file, or builtin:NAME")
	output(cmd, &out, "network, .onnx")
	required(cmd, "model")
	show.of(a, cmd, "")
	return cmd
}

func (a *app) netWrapCommand() *cobra.Command {
	var like, weights, out string
	var show printer[*netFileResult]
	cmd := &cobra.Command{
		Use:   "wrap",
		Short: "Make a model file of weights that were trained in PyTorch",
		Long: `wrap puts weights of another program in the place of a model's own: tensors of a
PyTorch state dict (safetensors) under the names that csdm's model files use. Problem, grid, units,
normalization, parameterization and sampling settings come from the model --like. The levels of
bands and the limits of residuals are left out, because they depend on the weights: csdm check
--conformal and csdm bench limits make them again.`,
		Example: "  csdm net wrap --like start/model.safetensors --weights trained.safetensors " +
			"-o model.safetensors",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			m, err := openKnown(like, "it has no metadata, so that no model can be like it")
			if err != nil {
				return err
			}
			t, err := format.ReadTensorsFile(weights)
			if err != nil {
				return err
			}
			w, err := m.Wrap(t)
			if err != nil {
				return cli.Data(fmt.Errorf("%s: %w", weights, err))
			}
			if err := w.WriteFile(out, a.overwrite); err != nil {
				return err
			}
			return show.print(&netFileResult{out, len(w.Net.Flat())}, func(o io.Writer) {
				fmt.Fprintf(o, "%s: %d weights of %s, everything else of %s\n", out,
					len(w.Net.Flat()), weights, like)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&like, "like", "", "model file, or builtin:NAME, of the same architecture")
	f.StringVar(&weights, "weights", "", "weights that another program trained, .safetensors")
	output(cmd, &out, "model file, .safetensors")
	required(cmd, "like", "weights")
	show.of(a, cmd, "")
	return cmd
}

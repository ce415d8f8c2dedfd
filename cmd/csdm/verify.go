package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"csdm/dataset"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/format"
	"csdm/models"
	"csdm/nn"
	"csdm/nn/train"
	"csdm/recipe"
	"csdm/run"
)

// verifyCommand checks a file or folder. All parts are checked even if the
// first is damaged, so that one call names everything that must be made again.
func (a *app) verifyCommand() *cobra.Command {
	var show printer[*verifyResult]
	cmd := &cobra.Command{
		Use:   "verify PATH",
		Short: "Check that a file or folder of any kind is complete and undamaged",
		Long: `verify reads all of a model (.safetensors or builtin:NAME), checkpoint, result or
other arrays (.npz, .npy, .csv), dataset folder, run folder, or a folder with such files
(tables, .csv, only by their own name), compares it with its checksums, and prints the result.
The exit code is 65 if something is damaged or incomplete, and 66 if the path does not exist.
Files of other programs and of earlier versions may have no checksum. verify reports them and
checks only that they can be read.`,
		Example: "  csdm verify builtin:quasistatic-28-n5",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := a.env()
			if err != nil {
				return err
			}
			v := &verification{ctx: cmd.Context(), threads: env.Threads}
			kind, err := v.path(args[0])
			if err != nil {
				return err
			}
			ok := len(v.Damaged) == 0
			out := &verifyResult{args[0], kind, ok, v.Verified, v.Unsealed, v.Damaged}
			err = show.print(out, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %s\n", args[0], kind)
				for _, line := range v.Verified {
					fmt.Fprintln(w, "verified:", line)
				}
				for _, line := range v.Unsealed {
					fmt.Fprintln(w, "readable, but without a checksum:", line)
				}
				for _, line := range v.Damaged {
					fmt.Fprintln(w, "damaged:", line)
				}
			})
			if err == nil && !ok {
				err = cli.Data(fmt.Errorf("%s is damaged or incomplete", args[0]))
			}
			return err
		},
	}
	show.of(a, cmd, "")
	return cmd
}

// verification collects the results for the parts of a path.
type verification struct {
	ctx     context.Context
	threads int

	Verified []string // parts that agree with their checksum
	Unsealed []string // readable parts without a checksum
	Damaged  []string // damaged or missing parts, with the reason
}

// found enters the result for a part. It returns only errors of the machine.
func (v *verification) found(part string, sealed bool, err error) error {
	switch code := cli.Code(withCode(v.ctx, err, false)); {
	case err == nil && sealed:
		v.Verified = append(v.Verified, part)
	case err == nil:
		v.Unsealed = append(v.Unsealed, part)
	case code == cli.ExitIO || v.ctx.Err() != nil:
		return err
	default:
		v.Damaged = append(v.Damaged, strings.TrimPrefix(part+": ", ": ")+err.Error())
	}
	return nil
}

// path verifies the file or folder at a path and returns its kind.
func (v *verification) path(path string) (kind string, err error) {
	if strings.HasPrefix(path, models.Prefix) {
		m, err := run.OpenModel(path)
		if err != nil {
			return "", err
		}
		return "model", v.found(path, m.Sealed, nil)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case !info.IsDir():
		return v.file(path)
	case exists(filepath.Join(path, "dataset.json")):
		return "dataset", v.dataset(path)
	}
	kind = "folder"
	config, err := run.ReadConfig(path)
	if config != nil || err != nil {
		kind = "run folder"
		if err := errors.Join(v.found(filepath.Join(path, "config.toml"), false, err),
			v.runFolder(path)); err != nil {
			return kind, err
		}
	}
	return kind, v.folder(path)
}

// folder verifies all files below a folder whose kind csdm knows.
func (v *verification) folder(path string) error {
	files := 0
	err := filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && exists(filepath.Join(file, "dataset.json")):
			files++
			if err := v.dataset(file); err != nil {
				return err
			}
			return fs.SkipDir
		case strings.HasPrefix(d.Name(), ".") && file != path:
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.Type().IsRegular() && slices.Contains([]string{".safetensors", ".npz", ".npy",
			".json", ".jsonl"}, filepath.Ext(file)):
			files++
			_, err := v.file(file)
			return err
		}
		return nil
	})
	if err == nil && files == 0 {
		return v.found(path, false, cli.Data(errors.New("it has no file that csdm writes")))
	}
	return err
}

// runFolder compares the results of a run folder with the hashes in its
// manifest.
func (v *verification) runFolder(path string) error {
	manifest, err := run.ReadManifest(path)
	if err != nil {
		return v.found("", false, err)
	}
	for _, name := range slices.Sorted(maps.Keys(manifest.Results)) {
		sum, err := cli.SHA256File(filepath.Join(path, name))
		if err == nil && sum != manifest.Results[name] {
			err = cli.Data(errors.New("its SHA-256 differs from run.json"))
		}
		if err := v.found(filepath.Join(path, name)+" as run.json has it", true, err); err != nil {
			return err
		}
	}
	return nil
}

// dataset verifies all blocks of a dataset by their checksums. Missing pairs
// and corrupt ones are listed by their ranges.
func (v *verification) dataset(path string) error {
	report, err := dataset.Verify(v.ctx, path, v.threads)
	if err != nil {
		return v.found("", false, err)
	}
	for _, span := range report.Missing {
		v.Damaged = append(v.Damaged,
			fmt.Sprintf("%s: it lacks pairs %v; run the command that made it again", path, span))
	}
	for _, c := range report.Corrupt {
		v.Damaged = append(v.Damaged, fmt.Sprintf("pairs %v: %v", c.Pairs, c.Err))
	}
	if report.OK() {
		part := fmt.Sprintf("%s: %d pairs, %.1f MB", path, report.Manifest.Pairs,
			float64(report.Bytes)/1e6)
		if n := len(report.Failed); n > 0 {
			part += fmt.Sprintf(", %d of them failed and left out", n)
		}
		return v.found(part, true, nil)
	}
	return nil
}

// file verifies a file by its kind, which follows from its name.
func (v *verification) file(path string) (kind string, err error) {
	var sealed bool
	switch filepath.Ext(path) {
	case ".safetensors":
		kind, sealed, err = verifyTensors(path)
	case ".npz":
		kind, sealed, err = verifyNPZ(path)
	case ".json":
		kind = "JSON"
		sealed, err = verifyJSON(path)
	case ".jsonl":
		kind, err = "log", verifyLines(path)
	case ".partial":
		kind = "unfinished work, which only the command that resumes it can check"
		_, err = cli.SHA256File(path) // checks that it can be read
	case ".toml":
		kind = "settings"
		_, err = recipe.Read(path)
	default:
		kind = "array"
		_, err = format.ReadArrayFile(path)
	}
	return kind, v.found(path, sealed, err)
}

// verifyTensors reads a .safetensors file, and as a checkpoint or a model if it
// is one: a file whose tensors are whole may still lack one that a model needs.
func verifyTensors(path string) (kind string, sealed bool, err error) {
	t, err := format.ReadTensorsFile(path)
	if err != nil {
		return "tensors", false, err
	}
	if train.IsCheckpoint(path) || t.Arrays["adam.m"] != nil {
		_, err := train.ReadCheckpoint(path)
		return "checkpoint", true, err
	}
	if t.Metadata["format"] == "" {
		return "tensors", t.Sealed, nil
	}
	_, err = nn.ReadModelFile(path)
	return "model", t.Sealed, err
}

// verifyNPZ reads all arrays, each of which has a checksum in the file.
func verifyNPZ(path string) (kind string, sealed bool, err error) {
	arrays, err := format.ReadNPZFile(path)
	if err != nil || arrays[infer.OriginEntry] == nil {
		return "arrays", true, err
	}
	if err := json.Unmarshal(arrays[infer.OriginEntry].U8, &infer.Origin{}); err != nil {
		return "result", true, cli.Data(fmt.Errorf("%s: %w", infer.OriginEntry, err))
	}
	return "result", true, nil
}

// verifyJSON checks the checksum in a JSON file, if it has one, and its syntax.
func verifyJSON(path string) (sealed bool, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	data, sealed, err = format.UnsealJSON(data)
	if err == nil && !json.Valid(data) {
		err = cli.Data(errors.New("it is not JSON"))
	}
	return sealed, err
}

// verifyLines checks that each line of a log is JSON. A line that was cut by a
// crash is damage.
func verifyLines(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	for n := 1; lines.Scan(); n++ {
		if !json.Valid(lines.Bytes()) {
			return cli.Data(fmt.Errorf("line %d is not JSON", n))
		}
	}
	return lines.Err()
}

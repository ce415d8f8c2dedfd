package lab

import (
	"context"
	"encoding/base64"
	"path/filepath"
	"strconv"
	"strings"

	"csdm/infer"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/measured"
	"csdm/models"
	"csdm/nn"
	"csdm/problems"
	"csdm/recipe"
)

// measurement is the room of a measured map: what csdm sample makes of it.
type measurement struct{ *Server }

func (s *Server) addMeasurement() error {
	s.rooms["measurement"] = measurement{s}.answer
	return nil
}

// measurementInput is the state of the room.
type measurementInput struct {
	Model string `json:"model"` // embedded network
	Path  string `json:"path"`  // of the file on this machine, or the name of a dropped file
	Data  []byte `json:"data"`  // of a dropped file; empty: the file at the path

	Case     string `json:"case"`
	Unit     string `json:"unit"`
	Extent   string `json:"extent"`
	RowsDown bool   `json:"rows_down"`

	Draws   int    `json:"draws"`
	Seed    uint64 `json:"seed"`
	Certify bool   `json:"certify"`
	Anyway  bool   `json:"anyway"` // draws although the measurement is not explained
}

// take reads the map. A dropped file is in a temporary folder while it is read.
//
// A file that is dropped on a page has no path on the server. It is written to
// a temporary folder, which is removed before the answer; messages name the
// file as the user knows it.
func (in *measurementInput) take(grid measured.Grid) (_ *measured.Taken, err error) {
	path := in.Path
	if len(in.Data) > 0 {
		folder, err := disk.MkdirTemp("csdm-lab-")
		if err != nil {
			return nil, err
		}
		defer disk.RemoveAll(folder)
		path = filepath.Join(folder, "map"+filepath.Ext(filepath.Base(in.Path)))
		f, err := disk.Create(path)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(in.Data); err != nil {
			f.Close()
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	taken, err := measured.Take(path, grid, measured.Taking{Case: in.Case, Unit: in.Unit,
		Extent: in.Extent, RowsDown: in.RowsDown})
	// The folder of a dropped file means nothing to its owner.
	if err != nil {
		return nil, refused("%s", strings.ReplaceAll(err.Error(), path, in.Path))
	}
	for i, remark := range taken.Remarks {
		taken.Remarks[i] = strings.ReplaceAll(remark, path, in.Path)
	}
	return taken, nil
}

// command returns the command that computes the same.
func (in *measurementInput) command() string {
	words := []string{"csdm", "sample", "--model",
		models.Prefix + strings.TrimPrefix(in.Model, models.Prefix), "--y", in.Path,
		"--draws", strconv.Itoa(in.Draws), "--seed", strconv.FormatUint(in.Seed, 10)}
	if in.Case != "" {
		words = append(words, "--case", in.Case)
	}
	for _, set := range [][2]string{{"unit", in.Unit}, {"extent", in.Extent}} {
		if set[1] != "" {
			words = append(words, "--set", "map."+set[0]+"="+set[1])
		}
	}
	if in.RowsDown {
		words = append(words, "--set", "map.rows_down=true")
	}
	if in.Certify {
		words = append(words, "--certify")
	}
	if in.Anyway {
		words = append(words, "--allow-extrapolation")
	}
	return cli.Line(append(words, "-o", "posterior.npz"))
}

// answer emits the map as it was read, the verdict, the draws, and the
// posterior with its certificate if that is wanted. It takes the steps of csdm
// sample.
func (m measurement) answer(ctx context.Context, input []byte, emit func(any) error) error {
	in := &measurementInput{}
	if err := read(input, in); err != nil {
		return err
	}
	if err := between("the number of draws", float64(in.Draws), 2, 512); err != nil {
		return err
	}
	if in.Path == "" {
		return refused("no file is chosen: drop one, or give the path of a file on this machine")
	}
	model, err := infer.BuiltinModel(strings.TrimPrefix(in.Model, models.Prefix))
	if err != nil {
		return inputError{err}
	}
	problem, err := measured.ProblemOf(model, "")
	if err != nil {
		return err
	}
	taken, err := in.take(measured.ModelGrid(model, problem))
	if err != nil {
		return err
	}
	if err := emit(map[string]any{"rows": model.Meta.Rows, "cols": model.Meta.Cols,
		"unit": model.Meta.XUnit, "remarks": taken.Remarks, "command": in.command(),
		"picture": base64.StdEncoding.EncodeToString(taken.Picture().RenderPNG()),
	}); err != nil {
		return err
	}
	return m.infer(ctx, in, answering{model, problem, taken.Values}, emit)
}

// answering is a measurement with what answers it.
type answering struct {
	model   *nn.Model
	problem problems.Problem
	y       []float64
}

// infer judges the measurement, and emits its posterior if it is explained.
//
// The order is as in csdm sample: is the map like the ones of the training,
// does the model explain it, and only then the draws. A refused measurement
// gives no posterior unless the user insists (Anyway).
func (m measurement) infer(ctx context.Context, in *measurementInput, a answering,
	emit func(any) error) error {
	likeness, err := measured.Judge(a.model, a.problem, a.y)
	if err != nil {
		return err
	}
	explainer := infer.NewExplainer(a.problem, a.model)
	explained, err := explainer.Measurement(ctx, a.y, m.env)
	if err != nil {
		return err
	}
	judged := likeness.In && (explained == nil || explained.Explained)
	if err := emit(map[string]any{"likeness": likeness, "explained": explained,
		"refused": !judged && !in.Anyway}); err != nil || !judged && !in.Anyway {
		return err
	}
	sampling := recipe.Sampling(a.model, in.Draws)
	p, err := infer.Sample(ctx, a.model, a.y, sampling, infer.Job{Seed: in.Seed}, m.env)
	if err != nil {
		return err
	}
	support, err := p.JudgeSupport(ctx, a.model, sampling)
	if err != nil {
		return err
	}
	if in.Certify {
		p.Explained = explained
	} else if err := explainer.Posterior(ctx, explained, p, a.y, m.env); err != nil {
		return err
	}
	if err := m.emit(p, in, emit); err != nil {
		return err
	}
	if in.Certify {
		if err := p.Certify(ctx, explainer, a.y, in.Seed, m.env); err != nil {
			return err
		}
		if err := m.emit(p, in, emit); err != nil {
			return err
		}
	}
	return emit(map[string]any{"support": support, "seconds": p.Origin.Seconds})
}

// shownDraws is the number of draws that the page shows.
const shownDraws = 8

// emit emits a posterior in physical units.
func (measurement) emit(p *infer.Posterior, in *measurementInput, emit func(any) error) error {
	physical := func(v []float64) floats {
		out := make(floats, len(v))
		p.Normalization.PhysicalX(out, v, len(out))
		return out
	}
	std := make(floats, len(p.Std))
	for k, v := range p.Std {
		std[k] = v * (p.Normalization.XMax - p.Normalization.XMin)
	}
	size := p.Rows * p.Cols
	n := min(shownDraws, p.Draws)
	v := p.Explained
	return emit(map[string]any{"mean": physical(p.Mean), "std": std, "draws": n,
		"samples": physical(p.Samples[:n*size]), "explained": v, "certificate": p.Certificate,
		"refused": v != nil && !v.Explained && !in.Anyway})
}

package run

import (
	"context"
	"fmt"

	"csdm/infer"
	"csdm/internal/report"
	"csdm/nn"
	"csdm/nn/train"
)

// mostFilm is the largest number of score evaluations of a draw that a report
// makes again for a picture.
const mostFilm = 100

// lesson returns the first draw of the first case by the averaged weights of
// each kept checkpoint. The result is nil if the folder keeps fewer than two,
// or if a draw takes too long.
//
// Seed and measurement are the same at each step: the noise that the sampler
// starts from is the same, and what changes between the pictures is the
// network.
func (f *Folder) lesson(ctx context.Context, model *nn.Model, cases []*Case) (*report.Lesson,
	error) {
	every := f.Recipe.Training.KeepEvery
	if every == 0 || len(cases) == 0 || f.Recipe.Sampling.Evaluations() > mostFilm {
		return nil, nil
	}
	l := &report.Lesson{Rows: model.Meta.Rows, Cols: model.Meta.Cols}
	then := *model
	then.Net = model.Net.Clone()
	for step := every; step <= f.Recipe.Training.Steps; step += every {
		c, err := train.ReadCheckpoint(train.CheckpointPath(f.Dir, step))
		if err != nil || len(c.EMA) != len(then.Net.Flat()) {
			f.env.Note(fmt.Sprintf("the report leaves out the draw of step %d: its checkpoint "+
				"cannot be read", step))
			continue
		}
		copy(then.Net.Flat(), c.EMA)
		then.Net.Repack()
		film, err := infer.Film(ctx, &then, cases[0].Y, f.Recipe.Sampling, f.Recipe.Seed)
		if err != nil {
			return nil, err
		}
		l.Steps = append(l.Steps, step)
		l.Draws = append(l.Draws, film.Frames[len(film.Frames)-1].State)
	}
	if len(l.Steps) < 2 {
		return nil, nil
	}
	return l, nil
}

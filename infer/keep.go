package infer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"csdm/env"
	"csdm/internal/atomicfile"
	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/format"
	"csdm/internal/identity"
	"csdm/problems"
	"csdm/recipe"
)

// KeptPart is a part of a long study, with the file that keeps it. A later call
// of the study reads the file instead of computing the part.
//
// A study of hours is a list of parts, each with a file and an identity. A
// stopped study calls the same parts again: those in their files cost one read.
// The order of the parts is free, and two processes may even share a folder.
type KeptPart struct {
	Path      string
	Identity  identity.Identity // all inputs of the part
	Overwrite bool              // compute a part of another identity again
}

// There reports whether the part is in its file as a result. A file of another
// identity is an error that names the differences; with Overwrite it counts as
// missing.
//
// There reads the whole file, because half a result must not count as one.
func (p KeptPart) There() (bool, error) {
	done, err := Finished(p.Path, p.Identity)
	if err != nil && p.Overwrite {
		return false, nil
	}
	return done, err
}

// Result returns the part's summary. If its file is missing, compute computes
// the arrays, and made is true.
//
// The folder of the file is made first, so that a missing folder is found
// before the hours of work. The returned summary always comes from the file,
// whether the part was computed now or earlier: both paths give the same bytes.
func (p KeptPart) Result(compute func() ([]format.Named, Origin, error)) (s *Summary, made bool,
	err error) {
	there, err := p.There()
	if err != nil {
		return nil, false, err
	}
	if !there {
		if err := disk.MkdirAll(filepath.Dir(p.Path)); err != nil {
			return nil, true, err
		}
		arrays, origin, err := compute()
		if err != nil {
			return nil, true, err
		}
		origin.Identity = p.Identity
		if err := WriteResult(p.Path, p.Overwrite, arrays, origin); err != nil {
			return nil, true, err
		}
	}
	s, err = ReadSummary(p.Path, "", "")
	return s, !there, err
}

// Reference returns the reference posterior of a measurement (see
// ReferencePosterior) as the part, whose identity it sets. Of the job it uses
// Seed and ESS. Unfinished work is in Path.partial.
//
// The file of unfinished work is removed only when the result is in its file. A
// result whose weights do not support its errors is an error here, because a
// study would otherwise compare with it.
func (p KeptPart) Reference(ctx context.Context, problem problems.Problem, y []float64,
	r recipe.Reference, job Job, env env.Env) (s *Summary, made bool, err error) {
	p.Identity = job.identity(problem, y, r)
	job.Partial, job.Overwrite = p.Path+".partial", p.Overwrite
	s, made, err = p.Result(func() ([]format.Named, Origin, error) {
		t, err := ReferencePosterior(ctx, problem, y, r, job, env)
		if err != nil {
			return nil, Origin{}, err
		}
		arrays := SummaryArrays(t.Normalized(), t.Rows, t.Cols,
			t.normalization())
		return slices.Concat(arrays, DiagnosticArrays(&t.Diagnostics), pointArrays(t.Points)),
			t.Origin, nil
	})
	if err != nil {
		return nil, made, err
	}
	if err := RemoveReferencePartial(job.Partial); err != nil {
		return nil, made, err
	}
	return s, made, s.IsReference(p.Path)
}

// PartValue returns the part's value, which its file holds as JSON with a
// checksum. If the file is missing, compute computes the value, and made is
// true. what names the value in errors.
//
// The checksum finds a file that was truncated or edited. Such a file is an
// error, not a missing part: it may be the only trace of a full disk.
func PartValue[T any](p KeptPart, what string, compute func() (*T, error)) (value *T, made bool,
	err error) {
	type stored struct {
		Identity identity.Identity `json:"identity"`
		Value    *T                `json:"point"`
	}
	switch data, err := os.ReadFile(p.Path); {
	case err == nil:
		var s stored
		data, _, err := format.UnsealJSON(data)
		if err == nil {
			err = json.Unmarshal(data, &s)
		}
		if err != nil || s.Value == nil {
			return nil, false, cli.Data(fmt.Errorf("%s is not %s; move it away, and the next "+
				"call computes it again", p.Path, what))
		}
		err = SameResult(p.Path, s.Identity, p.Identity)
		if err == nil || !p.Overwrite {
			return s.Value, false, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, false, err
	}
	if value, err = compute(); err != nil {
		return nil, true, err
	}
	data, err := json.MarshalIndent(stored{p.Identity, value}, "", "  ")
	if err != nil {
		return nil, true, err
	}
	if err := disk.MkdirAll(filepath.Dir(p.Path)); err != nil {
		return nil, true, err
	}
	return value, true, atomicfile.WriteFile(p.Path, p.Overwrite,
		format.SealJSON(append(data, '\n')))
}

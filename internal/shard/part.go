package shard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"csdm/internal/cli"
	"csdm/internal/disk"
	"csdm/internal/filelock"
	"csdm/internal/format"
	"csdm/internal/identity"
	"csdm/internal/recordfile"
)

// Part is the file of some items in a folder.
type Part struct {
	Path string
	ItemRange
}

// unfinished is the end of the name of a part that is being made.
const unfinished = ".partial"

var partName = regexp.MustCompile(`^([a-z]+)-([0-9]{5,15})-([0-9]{5,15})\.part(ial)?$`)

// path returns the path of the part with items from up to to.
func (p *Plan) path(dir string, from, to int) string {
	return filepath.Join(dir, fmt.Sprintf("%s-%05d-%05d.part", p.Items, from, to-1))
}

// identity returns the identity in the file of the part with items from up to
// to.
func (p *Plan) identity(from, to int) identity.Identity {
	return identity.New("part", 1).AddIdentity("of", p.Identity).Add("from", from).
		Add("to", to).Identity()
}

// size returns the number of bytes of the file of a part with items from up to
// to.
func (p *Plan) size(from, to int) int64 {
	return recordfile.Size(p.identity(from, to), to-from, p.Values)
}

// stored returns the number of finished items of a part that is being made.
func (p *Plan) stored(part Part) int { return recordfile.Count(part.Path, p.Values) }

// OpenPart is a part that is being made.
type OpenPart struct {
	From, To int // items
	// Values holds the items that are finished, one after the other, and has
	// memory for all.
	Values []float64

	plan    *Plan
	dir     string
	shard   Shard
	store   *recordfile.Records // nil: the part was finished before
	found   int                 // items that were finished before
	release func() error        // nil: the shard has no items
}

// Made describes the part that a call for a shard made or found.
type Made struct {
	// folder of the parts
	Dir string `json:"dir"`
	// kind of the items, such as draws
	Items string `json:"items"`
	ItemRange
	Found int `json:"found"` // items that were finished before
	// items that this call made
	Made int `json:"made"`
}

// Made describes the part as it is now.
func (w *OpenPart) Made() *Made {
	return &Made{w.dir, w.plan.Items, ItemRange{w.From, w.To}, w.found, w.Len() - w.found}
}

// Finished reports whether the part has all items.
func (w *OpenPart) Finished() bool { return w.Len() == w.To-w.From }

// Start begins the part of shard s in dir, or resumes it. If another process
// makes this shard, Start waits for it to end. The caller calls End.
func (p *Plan) Start(ctx context.Context, dir string, s Shard,
	note func(line string)) (w *OpenPart, err error) {
	if err := p.Begin(dir); err != nil {
		return nil, err
	}
	w = &OpenPart{plan: p, dir: dir, shard: s}
	w.From, w.To = s.Range(p.Count)
	if idle := s.Idle(p.Count, p.Items); idle != "" {
		note(idle)
	}
	if w.From == w.To {
		return w, nil
	}
	if w.release, err = filelock.Hold(ctx, filepath.Join(dir, s.LockName()), note); err != nil {
		return nil, err
	}
	path := p.path(dir, w.From, w.To)
	if _, err := os.Stat(path); err == nil {
		w.found = w.Len()
		w.Values, err = p.read(Part{path, ItemRange{w.From, w.To}})
		return w, errors.Join(err, w.unlock(err))
	}
	w.Values = make([]float64, (w.To-w.From)*p.Values)
	w.store, err = recordfile.Open(strings.TrimSuffix(path, ".part")+unfinished, w.Values, p.Values,
		p.identity(w.From, w.To), false, note)
	w.found = w.Len()
	return w, errors.Join(err, w.unlock(err))
}

// Do makes the part of the call: do computes and appends the items that it
// lacks, from OpenPart.From + OpenPart.Len() on, and is not called if it lacks
// none. A part that do leaves unfinished with an error is resumed by the same
// call.
func (c Assignment) Do(ctx context.Context, note func(line string),
	do func(work *OpenPart) error) (made *Made, err error) {
	work, err := c.Plan.Start(ctx, c.Dir, c.Shard, note)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, work.End(err)) }()
	if !work.Finished() {
		err = do(work)
	}
	return work.Made(), err
}

// unlock gives up the lock if Start fails with err.
func (w *OpenPart) unlock(err error) error {
	if err == nil {
		return nil
	}
	return w.release()
}

// Len returns the number of finished items.
func (w *OpenPart) Len() int {
	if w.store == nil {
		return w.To - w.From
	}
	return w.store.Len()
}

// Append stores the next item.
func (w *OpenPart) Append(x []float64) error { return w.store.Append(x) }

// Mark stores that the next item of a plan of MarkValues is finished. Its
// result is kept elsewhere.
func (w *OpenPart) Mark() error { return w.Append([]float64{1}) }

// MarkValues is the number of values of an item that is only marked as
// finished.
const MarkValues = 1

// End ends the work on the part. failed is the error of the call, which End
// does not return. Without it the part gets its name; else the same call
// resumes it. An error other than a stop is recorded for csdm status.
func (w *OpenPart) End(failed error) error {
	if w.release == nil {
		return nil
	}
	var err error
	if w.store != nil {
		whole := w.Finished()
		if whole && failed == nil {
			err = w.store.Sync()
		}
		w.store.Close()
		if path := w.plan.path(w.dir, w.From, w.To); whole && failed == nil && err == nil {
			err = disk.Rename(strings.TrimSuffix(path, ".part")+unfinished, path)
		}
	}
	return errors.Join(err, w.shard.Record(w.dir, errors.Join(failed, err)), w.release())
}

// read returns the values of a part. A part that is damaged, or belongs to
// another computation, is an error.
func (p *Plan) read(part Part) ([]float64, error) {
	values := make([]float64, (part.To-part.From)*p.Values)
	id, n, err := recordfile.Read(part.Path, values, p.Values)
	if err != nil {
		return nil, err
	}
	const again = "; remove it, and run its shard again"
	if want := p.identity(part.From, part.To); id != want && !id.IsZero() {
		return nil, cli.Data(fmt.Errorf("%s is a part of another computation (%s)%s", part.Path,
			strings.ReplaceAll(identity.Compare(id, want).String(), "in this call",
				"in the other parts"), again))
	}
	if n < part.To-part.From {
		return nil, &format.Error{Path: part.Path, Offset: -1,
			What: fmt.Sprintf("is damaged: %d of its %d %s are intact%s", n, part.To-part.From,
				p.Items, again)}
	}
	return values, nil
}

// Parts returns the parts at paths, each a folder or the file of a part, by
// ascending items: the finished ones, and those that are being made or that a
// stopped call has left.
func (p *Plan) Parts(paths ...string) (done, begun []Part, err error) {
	for _, path := range paths {
		files := []string{path}
		if info, err := os.Stat(path); err != nil {
			return nil, nil, err
		} else if info.IsDir() {
			if files, err = matching(path, func(name string) bool {
				return strings.HasPrefix(name, p.Items+"-") && strings.Contains(name, ".part")
			}); err != nil {
				return nil, nil, err
			}
		}
		for _, file := range files {
			part, whole, err := p.part(file)
			if err != nil {
				return nil, nil, err
			}
			if whole {
				done = append(done, part)
			} else {
				begun = append(begun, part)
			}
		}
	}
	order := func(a, b Part) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	}
	slices.SortFunc(done, order)
	slices.SortFunc(begun, order)
	return done, begun, nil
}

// matching returns the paths of the files in dir whose names fit. It leaves out
// the files that replace locks. (A pattern of filepath.Glob would misread
// brackets in dir.)
func matching(dir string, fits func(name string) bool) (paths []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if name := entry.Name(); fits(name) && !strings.HasSuffix(name, ".owner") {
			paths = append(paths, filepath.Join(dir, name))
		}
	}
	return paths, nil
}

// part returns the part in a file, as its name has it, and reports whether it
// is finished.
func (p *Plan) part(file string) (part Part, whole bool, err error) {
	m := partName.FindStringSubmatch(filepath.Base(file))
	if m == nil || m[1] != p.Items {
		return part, false, cli.Data(fmt.Errorf("%s is not named as a part, such as %s", file,
			filepath.Base(p.path("", 0, 32))))
	}
	from, _ := strconv.Atoi(m[2]) // digits only
	last, _ := strconv.Atoi(m[3])
	if from > last || last >= p.Count {
		return part, false, cli.Data(fmt.Errorf("%s: the %s of this folder are 0 to %d; remove "+
			"the file", file, p.Items, p.Count-1))
	}
	return Part{file, ItemRange{from, last + 1}}, m[4] == "", nil
}

// gaps returns the items below count that no part has. parts are in the order
// of Parts.
func gaps(parts []Part, count int) []ItemRange {
	missing, next := []ItemRange{}, 0
	for _, part := range parts {
		if part.From > next {
			missing = append(missing, ItemRange{next, part.From})
		}
		next = max(next, part.To)
	}
	if next < count {
		missing = append(missing, ItemRange{next, count})
	}
	return missing
}

// Merge writes the items of all parts at paths (see Parts) to a file of
// unfinished work, from which the undivided call then has only to finish its
// result. It returns an error that names the files for missing and doubled
// items, and for parts that are damaged or belong to another computation. A
// file of unfinished work with the same items is left as it is.
func (p *Plan) Merge(path string, overwrite bool, paths ...string) error {
	parts, err := p.Complete(paths...)
	if err != nil {
		return err
	}
	var values []float64
	for _, part := range parts {
		read, err := p.read(part)
		if err != nil {
			return err
		}
		values = append(values, read...)
	}
	err = recordfile.Write(path, values, p.Values, p.Identity, overwrite)
	if errors.Is(err, fs.ErrExist) {
		return cli.Exists(fmt.Errorf("%s exists and has other content: choose another output, or "+
			"give --overwrite", path))
	}
	return err
}

// Complete returns the finished parts at paths (see Parts), or an error that
// names missing or doubled items.
func (p *Plan) Complete(paths ...string) ([]Part, error) {
	parts, _, err := p.Parts(paths...)
	if err != nil {
		return nil, err
	}
	return parts, p.whole(parts)
}

// whole returns an error that names the missing or the doubled items, or nil if
// parts have each item once.
func (p *Plan) whole(parts []Part) error {
	var missing []string
	for _, gap := range gaps(parts, p.Count) {
		missing = append(missing, gap.String())
	}
	if missing != nil {
		return cli.Data(fmt.Errorf("%s %s are missing: run the shards that make them, and csdm "+
			"status shows which are at work", p.Items, strings.Join(missing, ", ")))
	}
	for k := range len(parts) - 1 {
		if a, b := parts[k], parts[k+1]; b.From < a.To {
			return cli.Data(fmt.Errorf("%s and %s both have %s %d to %d: remove one of them, such "+
				"as the one of another division", a.Path, b.Path, p.Items, b.From,
				min(a.To, b.To)-1))
		}
	}
	return nil
}

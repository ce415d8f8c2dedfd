package lab

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"

	"csdm/internal/cli"
)

// job is a computation of a room. It reads its input and hands one or more
// values to emit, each of which becomes a line of JSON.
type job func(ctx context.Context, input []byte, emit func(any) error) error

// mostInput is the largest size of a job's input, in bytes: a measurement file
// of the largest grid fits.
const mostInput = 16 << 20

// inputError reports an input that is refused.
type inputError struct{ error }

// refused returns the error of an input, which the page shows as text.
func refused(format string, values ...any) error {
	return inputError{fmt.Errorf(format, values...)}
}

// between returns an error if v is not a number in [lo, hi].
func between(name string, v, lo, hi float64) error {
	if !(v >= lo && v <= hi) {
		return refused("%s is %v; it must be %v to %v", name, v, lo, hi)
	}
	return nil
}

// jobs runs one computation at a time. The next of a page ends the page's last
// one; computations of several pages wait for each other.
type jobs struct {
	mu      sync.Mutex
	running map[string]*running // by page and kind
	slot    chan struct{}
}

// running is a computation that may be canceled.
type running struct{ cancel context.CancelFunc }

// newJobs returns jobs without a computation.
func newJobs() *jobs {
	return &jobs{running: map[string]*running{}, slot: make(chan struct{}, 1)}
}

// start cancels the last computation of a page and waits for its turn. The
// caller calls end.
//
// Of two computations of one page only the last one matters: while a reader
// drags, each position replaces the one before. The slot has room for one, so
// that all threads serve one computation.
func (j *jobs) start(ctx context.Context, page string) (_ context.Context, end func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	me := &running{cancel}
	j.mu.Lock()
	if last := j.running[page]; last != nil {
		last.cancel()
	}
	j.running[page] = me
	j.mu.Unlock()
	forget := func() {
		cancel()
		j.mu.Lock()
		if j.running[page] == me {
			delete(j.running, page)
		}
		j.mu.Unlock()
	}
	select {
	case j.slot <- struct{}{}:
		return ctx, func() { <-j.slot; forget() }, nil
	case <-ctx.Done():
		forget()
		return nil, nil, ctx.Err()
	}
}

// job runs the computation that the path names.
//
// Once a line was sent, the status of the response is fixed, and an error is a
// last line with the field failed.
func (s *Server) job(w http.ResponseWriter, r *http.Request) {
	run, ok := s.rooms[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	input, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostInput))
	if err != nil {
		http.Error(w, fmt.Sprintf("the input has more than %d bytes, or ended early", mostInput),
			http.StatusRequestEntityTooLarge)
		return
	}
	page := r.Header.Get("X-Page")
	if len(page) > 64 {
		http.Error(w, "the name of the page is too long", http.StatusBadRequest)
		return
	}
	ctx, end, err := s.jobs.start(r.Context(), page)
	if err != nil {
		return // the page has left, or has sent its next computation
	}
	defer end()
	sent := false
	w.Header().Set("Content-Type", "application/x-ndjson")
	control, lines := http.NewResponseController(w), json.NewEncoder(w)
	err = run(ctx, input, func(v any) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		sent = true
		if err := lines.Encode(v); err != nil {
			return err
		}
		return control.Flush()
	})
	if err == nil {
		return
	}
	canceled := errors.Is(err, context.Canceled) || ctx.Err() != nil
	if !sent {
		status := http.StatusInternalServerError
		if canceled {
			status = http.StatusConflict
		} else if _, ok := errors.AsType[inputError](err); ok {
			status = http.StatusBadRequest
		}
		w.WriteHeader(status)
	}
	_ = lines.Encode(map[string]any{"failed": err.Error(), "canceled": canceled})
}

// Compute runs the computation of a room that the name names, and writes the
// lines that the page gets. Unknown names and refused inputs are errors with
// code 64.
func (s *Server) Compute(ctx context.Context, name, input string, w io.Writer) error {
	run, ok := s.rooms[name]
	if !ok {
		return cli.Usage(fmt.Errorf("no computation of the lab is called %q; the names are %s",
			name,
			strings.Join(slices.Sorted(maps.Keys(s.rooms)), ", ")))
	}
	err := run(ctx, []byte(input), json.NewEncoder(w).Encode)
	if _, ok := errors.AsType[inputError](err); ok {
		err = cli.Usage(err)
	}
	return err
}

// read decodes the input of a job into v and refuses unknown names.
func read(input []byte, v any) error {
	d := json.NewDecoder(strings.NewReader(string(input)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return refused("the input is not what the job takes: %w", err)
	}
	return nil
}

// floats is a row of numbers. As JSON it is base64 of float32 in little-endian
// order.
type floats []float64

// MarshalJSON writes base64 of little-endian float32, which a page reads into a
// Float32Array without parsing numbers.
func (f floats) MarshalJSON() ([]byte, error) {
	data := make([]byte, 4*len(f))
	for k, v := range f {
		binary.LittleEndian.PutUint32(data[4*k:], math.Float32bits(float32(v)))
	}
	return json.Marshal(base64.StdEncoding.EncodeToString(data))
}

// number is a number that may be NaN or infinite, which JSON shows as null.
type number float64

// MarshalJSON writes null for NaN and infinity, which JSON does not have.
func (n number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// file writes a file for download from the query of its address.
type file func(query map[string]string) ([]byte, error)

// file serves a download.
func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	make, ok := s.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	query := map[string]string{}
	for key, values := range r.URL.Query() {
		query[key] = values[0]
	}
	data, err := make(query)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", "attachment; filename="+name)
	_, _ = w.Write(data)
}

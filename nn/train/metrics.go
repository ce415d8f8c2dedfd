package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"csdm/internal/disk"
)

// metrics appends records to metrics.jsonl, one per line:
//
//	{"step":120,"loss":…,"grad_norm":…,"rate":…,"seconds":…,
//	 "samples_per_s":…,"eta_s":…}
//	{"step":500,"held_out":{"step":500,"sigma":[…],"loss":[…],
//	 "error":[…],"mean":…}}
//
// step counts the steps done; seconds is the time spent in all calls together.
//
// A record that could not be written waits in pending, so that a checkpoint of
// its step is only made once it is in the file.
type metrics struct {
	file    *disk.File
	line    []byte // reused
	size    int64  // bytes of whole records in the file
	pending []byte // records that are not in the file
}

// StepReport reports how far a training has come.
type StepReport struct {
	Step, Steps      int           // steps done, and steps planned
	Loss             float64       // mean loss of the batch of the last step
	GradNorm         float64       // norm of its mean gradient before clipping
	Rate             float64       // learning rate of the last step
	Elapsed          time.Duration // time in all calls together
	SamplesPerSecond float64       // speed of the last step
	// Estimated from the pace of this call, including checkpoints and held-out
	// losses.
	Remaining time.Duration
	// The last held-out loss, mean over the levels; 0 before the first.
	HeldOut float64
}

// openMetrics opens the file for appending. It first removes the records after
// the checkpoint c (all records if c is nil), so that no step is recorded
// twice.
func openMetrics(path string, c *Checkpoint) (*metrics, error) {
	f, err := disk.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(f)
	keep := 0
	if err == nil {
		if keep, err = belonging(text, c); err == nil && keep < len(text) {
			err = f.Truncate(int64(keep))
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("metrics %s: %w", path, err), f.Close())
	}
	return &metrics{file: f, size: int64(keep)}, nil
}

// write appends a record. If that fails, flush does it again.
func (m *metrics) write(record []byte) error {
	m.pending = append(m.pending, record...)
	return m.writePending()
}

// writePending appends the pending records.
func (m *metrics) writePending() error {
	if _, err := m.file.Write(m.pending); err != nil {
		return err
	}
	m.size += int64(len(m.pending))
	m.pending = m.pending[:0]
	return nil
}

// flush makes all records durable, also those whose writing failed before, of
// which a part may be in the file.
func (m *metrics) flush() error {
	if len(m.pending) > 0 {
		if err := m.file.Truncate(m.size); err != nil {
			return err
		}
		if err := m.writePending(); err != nil {
			return err
		}
	}
	return m.file.Sync()
}

// belonging returns the length of the part of text that was written before
// checkpoint c. The remaining text was written after the checkpoint, and its
// last line may be incomplete.
func belonging(text []byte, c *Checkpoint) (int, error) {
	if c == nil {
		return 0, nil
	}
	keep := 0
	for number := 1; keep < len(text); number++ {
		end := bytes.IndexByte(text[keep:], '\n')
		if end < 0 {
			break
		}
		var record struct {
			Step    *int            `json:"step"`
			HeldOut json.RawMessage `json:"held_out"`
		}
		if err := json.Unmarshal(text[keep:keep+end], &record); err != nil || record.Step == nil {
			return 0, fmt.Errorf("line %d is not a record of a step; move the file away to resume "+
				"without it", number)
		}
		if *record.Step > c.Step || *record.Step == c.Step && record.HeldOut != nil &&
			c.Last.Step != c.Step {
			break
		}
		keep += end + 1
	}
	return keep, nil
}

func (m *metrics) step(p *StepReport) error {
	b := append(m.line[:0], `{"step":`...)
	b = strconv.AppendInt(b, int64(p.Step), 10)
	for _, f := range [...]struct {
		name  string
		value float64
	}{
		{"loss", p.Loss}, {"grad_norm", p.GradNorm}, {"rate", p.Rate},
		{"seconds", p.Elapsed.Seconds()},
		{"samples_per_s", p.SamplesPerSecond}, {"eta_s", p.Remaining.Seconds()},
	} {
		b = append(append(append(b, `,"`...), f.name...), `":`...)
		b = strconv.AppendFloat(b, f.value, 'g', -1, 64)
	}
	m.line = append(b, "}\n"...)
	return m.write(m.line)
}

func (m *metrics) heldOut(h *HeldOut) error {
	text, err := json.Marshal(struct {
		Step    int      `json:"step"`
		HeldOut *HeldOut `json:"held_out"`
	}{h.Step, h})
	if err != nil {
		return err
	}
	return m.write(append(text, '\n'))
}

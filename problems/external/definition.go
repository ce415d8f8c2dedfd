package external

import (
	"fmt"
	"iter"
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"csdm/internal/cli"
	"csdm/priors"
	"csdm/problems"
)

// Definition is the content of the file.
type Definition struct {
	Name                string  `toml:"name"`
	Title               string  `toml:"title"`
	Rows                int     `toml:"rows"`
	Cols                int     `toml:"cols"`
	Width               float64 `toml:"width"`
	Height              float64 `toml:"height"`
	LengthUnit          string  `toml:"length_unit"`
	ImagesPerSimulation int     `toml:"images_per_simulation"`

	X       Field    `toml:"x"`
	Fields  []Field  `toml:"fields"` // several fields, in place of X
	Y       Measured `toml:"y"`
	Noise   Noise    `toml:"noise"`
	Program *Program `toml:"program"` // nil: pairs are imported
	Request *Program `toml:"request"` // computes y from a given x; nil: nothing does
	Prior   *Prior   `toml:"prior"`   // nil: the program makes x

	folder string // folder of the file, absolute
}

// Field describes the inferred quantity.
type Field struct {
	Name string  `toml:"name"`
	Unit string  `toml:"unit"`
	Min  float64 `toml:"min"`
	Max  float64 `toml:"max"`
}

// Measured describes the measured quantity.
type Measured struct {
	Name     string `toml:"name"`
	Unit     string `toml:"unit"`
	Channels int    `toml:"channels"`

	ChannelNames []string `toml:"channel_names"` // nil, or one name per channel

	// Points of a grid of y's own over the rectangle, corners included; 0: y
	// has the grid of x.
	Rows int `toml:"rows"`
	Cols int `toml:"cols"`
}

// Noise describes the distribution of a measurement.
type Noise struct {
	Distribution string  `toml:"distribution"`
	Former       string  `toml:"law"` // key of earlier versions
	Std          float64 `toml:"std"`
	Limit        float64 `toml:"limit"` // in standard deviations
	Scale        float64 `toml:"scale"`
}

// The kinds of noise.
const (
	gaussian  = "gaussian"
	truncated = "truncated"
	recorded  = "recorded"
)

// Program is the forward model.
type Program struct {
	Command []string `toml:"command"`
	Timeout string   `toml:"timeout"` // in the format of time.ParseDuration
	Files   string   `toml:"files"`   // npy or csv
}

// The defaults of a Program.
const (
	defaultTimeout = "1m"
	defaultFiles   = "npy"
)

// Prior is the distribution of x in forward mode: priors.CircularInclusion.
type Prior struct {
	Kind       string     `toml:"kind"` // inclusion
	X          [2]float64 `toml:"x"`
	Y          [2]float64 `toml:"y"`
	Radius     [2]float64 `toml:"radius"`
	Ratio      [2]float64 `toml:"ratio"`
	Background float64    `toml:"background"`
}

// Read reads a definition. For a missing file, errors.Is(err, fs.ErrNotExist)
// holds. For one that is not valid, the error has the exit code of a bad
// configuration and names the line or setting.
func Read(path string) (*Definition, error) {
	d := &Definition{}
	if err := cli.ReadConfig(path, d); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	d.folder = filepath.Dir(abs)
	if err := d.complete(); err != nil {
		return nil, cli.Config(fmt.Errorf("%s: %w", path, err))
	}
	return d, nil
}

var nameRule = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// complete sets defaults and returns an error about the first setting that is
// not valid.
func (d *Definition) complete() error {
	if d.Title == "" {
		d.Title = d.Name
	}
	if d.ImagesPerSimulation == 0 {
		d.ImagesPerSimulation = 1
	}
	if d.Noise.Distribution == "" {
		d.Noise.Distribution, d.Noise.Former = d.Noise.Former, ""
	}
	if d.Y.Channels == 0 {
		d.Y.Channels = 1
	}
	bad := func(name string, value any, want string) error {
		return fmt.Errorf("%s = %v: must be %s", name, value, want)
	}
	if !nameRule.MatchString(d.Name) {
		return bad("name", fmt.Sprintf("%q", d.Name), "1 to 64 letters, digits, - and _")
	}
	if len(d.Fields) == 1 || len(d.Fields) > 0 && d.X != (Field{}) {
		return bad("fields", fmt.Sprintf("%d fields", len(d.Fields)), "two or more [[fields]] and "+
			"no [x], or one [x]")
	}
	texts := []struct{ name, value string }{{"length_unit", d.LengthUnit},
		{"y.name", d.Y.Name}, {"y.unit", d.Y.Unit}}
	names := map[string]bool{}
	for key, f := range d.fields() {
		texts = append(texts, struct{ name, value string }{key + ".name", f.Name},
			struct{ name, value string }{key + ".unit", f.Unit})
		if names[f.Name] {
			return bad(key+".name", fmt.Sprintf("%q", f.Name), "a name that no other field has")
		}
		names[f.Name] = true
		if r := f.Max - f.Min; !(r > 0) || math.IsInf(r, 0) {
			return bad(key+".min, "+key+".max", fmt.Sprintf("%v, %v", f.Min, f.Max),
				"the range that every value of it lies in")
		}
	}
	for _, text := range texts {
		if strings.TrimSpace(text.value) == "" || len(text.value) > 200 {
			return bad(text.name, fmt.Sprintf("%q", text.value),
				"a word or a few (a pure number has the unit \"1\")")
		}
	}
	if n := len(d.Y.ChannelNames); n != 0 && n != d.Y.Channels {
		return bad("y.channel_names", fmt.Sprintf("%d names", n),
			fmt.Sprintf("%d names, or left out", d.Y.Channels))
	}
	for _, name := range d.Y.ChannelNames {
		if strings.TrimSpace(name) == "" || len(name) > 200 {
			return bad("y.channel_names", fmt.Sprintf("%q", name), "a word or a few each")
		}
	}
	if d.Rows < 2 || d.Cols < 2 {
		return bad("rows, cols", fmt.Sprintf("%d, %d", d.Rows, d.Cols), "at least 2")
	}
	for _, n := range []struct {
		name  string
		value float64
	}{{"width", d.Width}, {"height", d.Height}} {
		if !(n.value > 0) || math.IsInf(n.value, 0) {
			return bad(n.name, n.value, "positive")
		}
	}
	if err := d.Noise.validate(bad); err != nil {
		return err
	}
	if d.Program != nil {
		if err := d.Program.complete("program", bad); err != nil {
			return err
		}
	}
	if d.Request != nil {
		if err := d.Request.complete("request", bad); err != nil {
			return err
		}
	}
	if d.Prior != nil && d.Request != nil {
		return bad("request", "a program", "left out where a prior is named: the program takes x")
	}
	if d.Prior != nil && len(d.Fields) > 0 {
		return bad("prior", d.Prior.Kind, "left out where there are several fields: it draws one, "+
			"and the program can draw all of them")
	}
	if d.Prior != nil {
		if d.ImagesPerSimulation != 1 {
			return bad("images_per_simulation", d.ImagesPerSimulation, "1 where a prior is named")
		}
		if err := d.checkPrior(); err != nil {
			return err
		}
	}
	spec := d.spec()
	if d.Y.Rows != 0 || d.Y.Cols != 0 {
		if err := spec.SetYGrid(d.Y.Rows, d.Y.Cols); err != nil {
			return bad("y.rows, y.cols", fmt.Sprintf("%d, %d", d.Y.Rows, d.Y.Cols),
				"left out, or "+err.Error())
		}
	}
	return spec.Validate()
}

func (n *Noise) validate(bad func(string, any, string) error) error {
	positive := func(v float64) bool { return v > 0 && !math.IsInf(v, 0) }
	switch {
	case n.Former != "":
		return bad("noise.law", fmt.Sprintf("%q", n.Former),
			"left out: noise.distribution is its name now")
	case n.Distribution == recorded && (n.Std != 0 || n.Scale != 0 || n.Limit != 0):
		return bad("noise", fmt.Sprintf("%+v", *n),
			"without std, scale and limit where the noise is recorded")
	case n.Distribution == recorded:
		return nil
	case n.Distribution != gaussian && n.Distribution != truncated:
		return bad("noise.distribution", fmt.Sprintf("%q", n.Distribution),
			"gaussian, truncated or recorded")
	case !positive(n.Std):
		return bad("noise.std", n.Std, "positive, in the unit of y")
	case !positive(n.Scale):
		return bad("noise.scale", n.Scale,
			"positive, in the unit of y: what noise in percent refers to, such as a typical "+
				"largest |y|")
	case n.Distribution == truncated && !positive(n.Limit):
		return bad("noise.limit", n.Limit, "positive: how many standard deviations are kept")
	case n.Distribution == gaussian && n.Limit != 0:
		return bad("noise.limit", n.Limit, "left out, or the noise truncated")
	}
	return nil
}

// percent returns the noise in percent of Scale, or 0 if it is recorded.
func (n *Noise) percent() float64 {
	if n.Distribution == recorded {
		return 0
	}
	return 100 * n.Std / n.Scale
}

// measurement returns the measurement with noise in percent, of values at the
// places or, for nil, at all.
func (n *Noise) measurement(percent float64, places []int) priors.Measurement {
	std := n.Std
	if percent != n.percent() { // otherwise as written in the file, without rounding
		std = percent / 100 * n.Scale
	}
	var noise priors.Known
	switch n.Distribution {
	case gaussian:
		noise = priors.Gaussian{Std: std}
	case truncated:
		noise = priors.TruncatedGaussian{Std: std, Limit: n.Limit}
	default:
		return priors.Recorded{Places: places}
	}
	if places == nil {
		return noise
	}
	return priors.NewPartial(noise, places)
}

func (p *Program) complete(section string, bad func(string, any, string) error) error {
	if p.Timeout == "" {
		p.Timeout = defaultTimeout
	}
	if p.Files == "" {
		p.Files = defaultFiles
	}
	if len(p.Command) == 0 || p.Command[0] == "" {
		return bad(section+".command", p.Command,
			`a program and its arguments, such as ["python3", "forward.py"]`)
	}
	if t, err := time.ParseDuration(p.Timeout); err != nil || t <= 0 {
		return bad(section+".timeout", fmt.Sprintf("%q", p.Timeout), "a duration such as 30s or 5m")
	}
	if p.Files != "npy" && p.Files != "csv" {
		return bad(section+".files", fmt.Sprintf("%q", p.Files), "npy or csv")
	}
	return nil
}

// checkPrior returns an error about a setting of the prior that is not valid,
// or that gives values outside of the range of x.
func (d *Definition) checkPrior() error {
	if d.Prior.Kind != "inclusion" {
		return fmt.Errorf("prior.kind = %q: must be inclusion", d.Prior.Kind)
	}
	inclusion := d.inclusion()
	if err := inclusion.Validate(); err != nil {
		return fmt.Errorf("prior: %w", err)
	}
	if inclusion.Dim() == 0 {
		return fmt.Errorf("prior: all its variables are constant: there is nothing to infer")
	}
	for _, ratio := range []float64{1, d.Prior.Ratio[0], d.Prior.Ratio[1]} {
		if v := ratio * d.Prior.Background; v < d.X.Min || v > d.X.Max || math.IsInf(v, 0) {
			return fmt.Errorf("prior: x can be %v, outside of x.min = %v, x.max = %v", v, d.X.Min,
				d.X.Max)
		}
	}
	return nil
}

func (d *Definition) inclusion() priors.CircularInclusion {
	uniform := func(v [2]float64) priors.Uniform { return priors.Uniform{Lo: v[0], Hi: v[1]} }
	p := d.Prior
	return priors.CircularInclusion{
		Grid: priors.Grid{Rows: d.Rows, Cols: d.Cols, Width: d.Width, Height: d.Height},
		X:    uniform(p.X), Y: uniform(p.Y), Radius: uniform(p.Radius), Ratio: uniform(p.Ratio),
		Background: p.Background,
	}
}

// fields returns the fields of x by the names of their sections.
func (d *Definition) fields() iter.Seq2[string, Field] {
	return func(yield func(string, Field) bool) {
		if len(d.Fields) == 0 {
			yield("x", d.X)
			return
		}
		for k, f := range d.Fields {
			if !yield(fmt.Sprintf("fields[%d]", k), f) {
				return
			}
		}
	}
}

// spec returns the problem's description, with the noise of the file.
func (d *Definition) spec() *problems.Spec {
	s := &problems.Spec{
		Name: d.Name, Title: d.Title, Section: "external",
		Options: problems.Options{Grid: min(d.Rows, d.Cols), NoisePercent: d.Noise.percent()},
		Rows:    d.Rows, Cols: d.Cols, YChannels: d.Y.Channels, Width: d.Width, Height: d.Height,
		LengthUnit: d.LengthUnit,
		XName:      d.X.Name, XUnit: d.X.Unit, YName: d.Y.Name, YUnit: d.Y.Unit,
		YChannelNames: d.Y.ChannelNames, XRange: problems.Range{Min: d.X.Min, Max: d.X.Max},
		ImagesPerSimulation: d.ImagesPerSimulation,
	}
	var names []string
	for _, f := range d.Fields {
		s.XFields = append(s.XFields, problems.Field{Name: f.Name, Unit: f.Unit,
			Range: problems.Range{Min: f.Min, Max: f.Max}})
		names = append(names, f.Name)
	}
	if n := len(names); n > 0 {
		s.XName = strings.Join(names[:n-1], ", ") + " and " + names[n-1]
		s.XRange = problems.Range{Max: 1}
	}
	if d.Y.Rows > 0 {
		_ = s.SetYGrid(d.Y.Rows, d.Y.Cols) // complete has reported its error
	}
	return s
}

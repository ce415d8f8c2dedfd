package accuracy

import (
	"context"
	"encoding/csv"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"csdm/bench"
	"csdm/env"
	"csdm/infer"
	"csdm/internal/cli"
	"csdm/problems"
	"csdm/problems/builtin"
	"csdm/recipe"
	"csdm/run"
)

// small returns a small study of a problem without a network.
func small(t *testing.T) ([]*Subject, Settings) {
	t.Helper()
	p, err := builtin.Lookup("quasistatic", problems.Options{Grid: 8, NoisePercent: 10})
	if err != nil {
		t.Fatal(err)
	}
	return []*Subject{{Name: "quasistatic", Problem: p}}, Settings{Cases: 2, Seeds: 1, Seed: Seed,
		Methods: []string{"adaptive", "importance", "pcn"}, Budgets: []int{400},
		Reference: recipe.NewReference(""), ReferenceESS: 500}
}

// counting returns an environment that counts what was saved, and the context
// that ends when most parts were.
func counting(most int) (context.Context, env.Env, *int) {
	ctx, cancel := context.WithCancel(context.Background())
	saved, e := 0, env.Quiet(2)
	e.Saved = func() {
		if saved++; saved == most {
			cancel()
		}
	}
	return ctx, e, &saved
}

// TestRunWithoutNetwork compares the rows with direct calls of the methods and
// of the reference.
func TestRunWithoutNetwork(t *testing.T) {
	targets, s := small(t)
	r, err := Run(t.Context(), t.TempDir(), targets, s, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, row := range r.Rows {
		names = append(names, row.Method)
	}
	if want := []string{"importance", "adaptive", "pcn", "importance", "adaptive",
		"pcn"}; !slices.Equal(names, want) {
		t.Fatalf("methods %q, want %q", names, want)
	}
	p := targets[0].Problem.(problems.Parametric)
	spec := p.Spec()
	x, y, err := problems.MeasuredPair(p, Seed, 1)
	if err != nil {
		t.Fatal(err)
	}
	exact, err := infer.ReferencePosterior(t.Context(), p, y, recipe.NewReference("quadrature"),
		infer.Job{Seed: Seed}, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	direct, err := bench.Importance(t.Context(), p, y,
		bench.ImportanceSettings{Draws: 400, Seed: Seed, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	row, width := r.Rows[3], spec.XRange.Width()
	c := infer.NewComparison("", direct.Scaled(spec.XRange.Min, width), "", exact.Normalized(), 0)
	for name, v := range map[string][2]float64{
		"rmse_mean":                 {float64(row.RMSEMean), c.Mean},
		"rmse_std":                  {float64(row.RMSEStd), c.Std},
		"rmse_mean_reference_error": {float64(row.RMSEMeanReferenceError), exact.ErrorMean},
		"rmse_true_physical":        {float64(row.RMSETruePhysical), bench.RMSE(direct.Mean, x)},
		"rmse_true":                 {float64(row.RMSETrue), bench.RMSE(direct.Mean, x) / width},
		"std_ratio":                 {float64(row.StdRatio), mean(direct.Std) / mean(exact.Std)},
		"log_evidence":              {float64(row.LogEvidence), direct.LogEvidence},
		"log_evidence_reference":    {float64(row.LogEvidenceReference), exact.LogEvidence},
		"ess":                       {float64(row.ESS), direct.ESS},
		"solves":                    {float64(row.Solves), float64(direct.Solves)},
		"reference_solves":          {float64(row.ReferenceSolves), float64(exact.Origin.Solves)},
	} {
		if !(math.Abs(v[0]-v[1]) <= 1e-12*math.Abs(v[1])) {
			t.Errorf("%s is %v, want %v", name, v[0], v[1])
		}
	}
	if row.Case != 1 || row.Reference != "quadrature" || row.XUnit != spec.XUnit ||
		!(row.RMSETruePrior > row.RMSETrue) || row.Certified != nil ||
		!(row.CPUSeconds > 0 && row.WallSeconds > 0 && row.PeakMemoryMiB > 1) {
		t.Errorf("%+v", row)
	}
	if adaptive, pcn := r.Rows[4], r.Rows[5]; !(adaptive.RMSEMean < 0.1*row.RMSETruePrior) ||
		!(pcn.RHat >= 1) || !(pcn.RMSEMean < 0.5*row.RMSETruePrior) {
		t.Errorf("adaptive %+v, pcn %+v", adaptive, pcn)
	}
}

// TestRunWithNetwork compares the rows of a network with direct calls.
func TestRunWithNetwork(t *testing.T) {
	const draws = 6
	target := embedded(t, draws)
	s := Settings{Cases: 1, Seeds: 1, Seed: Seed, Methods: []string{"network", "certified"},
		Budgets: []int{400}, Reference: recipe.NewReference(recipe.MethodNone), ReferenceESS: 500}
	r, err := Run(t.Context(), t.TempDir(), []*Subject{target}, s, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 2 || r.Rows[1].Method != "certified" {
		t.Fatalf("rows %+v", r.Rows)
	}
	x, y, err := problems.MeasuredPair(target.Problem, Seed, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := infer.Sample(t.Context(), target.Model, y, target.Sampling, infer.Job{Seed: Seed},
		env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	physical := make([]float64, len(x))
	own := r.Rows[0]
	for _, name := range []string{"network", "certified"} { // in this order: Certify changes p
		row := r.Rows[1]
		if name == "network" {
			row = own
		} else if err := p.Certify(t.Context(), infer.NewExplainer(target.Problem, nil), y,
			Seed, env.Quiet(2)); err != nil {
			t.Fatal(err)
		}
		p.Normalization.PhysicalX(physical, p.Mean, len(physical))
		want := bench.RMSE(physical, x)
		if v := float64(row.RMSETruePhysical); math.Abs(v-want) > 1e-12*want {
			t.Errorf("%s: distance from the true field %v, want %v", name, v, want)
		}
		if row.Evaluations != infer.StatedError(p.Cost.Evaluations) || row.Budget != draws ||
			row.Weights != target.weights || row.Model != target.Name {
			t.Errorf("%s: %+v", name, row)
		}
		if !math.IsNaN(float64(row.RMSEMean)) || row.Reference != "none" {
			t.Errorf("%s: without a reference %+v", name, row)
		}
		if name == "network" {
			continue
		}
		if c := p.Certificate; row.Certified == nil || *row.Certified != c.Certified ||
			row.Solves != infer.StatedError(c.Solves) || float64(row.ESS) != c.ESS ||
			float64(row.LogEvidence) != c.LogEvidence {
			t.Errorf("certified: %+v, want %+v", row, c)
		}
	}
	if n := len(target.Problem.(problems.Quantified).Quantities()); len(r.Quantities) != 2*n {
		t.Errorf("%d rows of quantities, want 2 times %d", len(r.Quantities), n)
	}
}

// TestNamedMethods runs the methods that run only by name. Their posteriors are
// as close to the reference as independent draws: 64 by the exact score, and as
// many as the chains' effective sample size.
func TestNamedMethods(t *testing.T) {
	s := Settings{Cases: 1, Seeds: 1, Seed: Seed,
		Methods: []string{"independence", "mala", methodExactScore}, Budgets: []int{1200},
		Reference: recipe.NewReference("quadrature"), ReferenceESS: 500}
	target := embedded(t, 64)
	target.Sampling.Levels = 12 // three levels make the exact score too narrow
	r, err := Run(t.Context(), t.TempDir(), []*Subject{target}, s, env.Quiet(2))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 3 || len(r.Costs) == 0 || slices.ContainsFunc(r.Costs, func(c CostRow) bool {
		return c.Network != "independence" && c.Network != "mala"
	}) {
		t.Fatalf("rows %+v, costs %+v", r.Rows, r.Costs)
	}
	exact := r.Rows[2]
	for _, chains := range r.Rows[:2] {
		// The likelihood is constant between the nodes, and mala's drift
		// follows a smoother one, so that its chains mix slowly. They must
		// still be as close as the size that they state.
		worst, least := infer.StatedError(1.02), infer.StatedError(200)
		if chains.Method == "mala" {
			worst, least = 1.5, 5
		}
		if chains.RHat > worst || chains.ESS < least || chains.Evaluations == 0 ||
			!(chains.Sliced < 3*chains.SlicedFloor) || !(chains.C2ST < 0.65) ||
			chains.RMSEMean > 3*chains.RMSStd/infer.StatedError(math.Sqrt(float64(chains.ESS))) {
			t.Errorf("%s: %+v", chains.Method, chains)
		}
		t.Logf("%s: ESS %v, R̂ %v, sliced %v, floor %v, C2ST %v", chains.Method, chains.ESS,
			chains.RHat, chains.Sliced, chains.SlicedFloor, chains.C2ST)
	}
	if exact.RMSEMean > 2*exact.FloorMean || exact.RMSEStd > 3*exact.FloorStd ||
		exact.Solves == 0 {
		t.Errorf("exact score: %+v", exact)
	}
	few := embedded(t, 6)
	s.Methods = s.Methods[:1]
	if r, err = Run(t.Context(), t.TempDir(), []*Subject{few}, s, env.Quiet(2)); err != nil ||
		len(r.Rows[0].Reasons) != 1 || !strings.Contains(r.Rows[0].Reasons[0], "at least 10") {
		t.Errorf("6 draws: %v, %+v", err, r)
	}
}

// embedded returns a target with a small embedded network and a coarse sampler.
func embedded(t *testing.T, draws int) *Subject {
	t.Helper()
	const name = "builtin:quasistatic-28-n5"
	model, err := run.OpenModel(name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := builtin.Lookup("quasistatic", problems.Options{Grid: 28, NoisePercent: 5})
	if err != nil {
		t.Fatal(err)
	}
	s := recipe.Sampling(model, draws)
	s.Levels, s.Corrections = 3, 0
	return &Subject{Name: name, Problem: p, Model: model, Sampling: s}
}

// TestTasks checks which methods, budgets and seeds apply.
func TestTasks(t *testing.T) {
	target := embedded(t, 200)
	s := &study{s: Settings{Budgets: []int{100, 200}, Seeds: 2, Seed: 5}}
	target.weights = "abc"
	var names []string
	for _, one := range s.tasks(target) {
		names = append(names, one.file(target))
	}
	want := "network-abc-200-5 network-abc-200-6 certified-abc-128-5 certified-abc-128-6 " +
		"importance-100-5 " +
		"importance-100-6 importance-200-5"
	if got := strings.ReplaceAll(strings.Join(names, " "), ".json", ""); len(names) != 4+4*4 ||
		!strings.HasPrefix(got, want) {
		t.Errorf("tasks %s, want %s …", got, want)
	}
	target.repeated = true
	if n := len(s.tasks(target)); n != 4 {
		t.Errorf("%d tasks of a second model", n)
	}
	target.Model, target.repeated = nil, false
	if n := len(s.tasks(target)); n != 4*4 {
		t.Errorf("%d tasks without a network", n)
	}
	spheroid, err := builtin.Lookup("spheroid", problems.Options{Grid: 32})
	if err != nil {
		t.Fatal(err)
	}
	target.Problem = spheroid
	if n := len(s.tasks(target)); n != 0 {
		t.Errorf("%d tasks without a likelihood", n)
	}
}

// TestResume stops a study, resumes it, and calls it again: each part is
// computed once.
func TestResume(t *testing.T) {
	const parts, stop = 2*3 + 2, 3 // six rows and two references
	dir := t.TempDir()
	targets, s := small(t)
	ctx, e, saved := counting(stop)
	if _, err := Run(ctx, dir, targets, s, e); !errors.Is(err, context.Canceled) ||
		*saved != stop {
		t.Fatalf("stopped: %v after %d parts", err, *saved)
	}
	if _, err := os.Stat(filepath.Join(dir, studyFile)); err == nil {
		t.Error("a stopped study counts as finished")
	}
	_, e, saved = counting(0)
	r, err := Run(t.Context(), dir, targets, s, e)
	if err != nil || *saved != parts-stop || len(r.Rows) != 6 || r.AlreadyThere {
		t.Fatalf("resumed: %v, %d parts, %d rows", err, *saved, len(r.Rows))
	}
	_, e, saved = counting(0)
	again, err := Run(t.Context(), dir, targets, s, e)
	if err != nil || *saved != 0 || !again.AlreadyThere || len(again.Rows) != 6 ||
		again.Rows[5].CPUSeconds != r.Rows[5].CPUSeconds {
		t.Fatalf("again: %v, %d parts, %+v", err, *saved, again)
	}
	more := s
	more.Cases = 3
	if _, err := Run(t.Context(), dir, targets, more, e); cli.Code(err) != cli.ExitExists ||
		!strings.Contains(err.Error(), "cases") {
		t.Errorf("more cases: %v", err)
	}
	more.Overwrite = true
	if r, err := Run(t.Context(), dir, targets, more, e); err != nil || *saved != 4 ||
		len(r.Rows) != 9 {
		t.Errorf("more cases with overwrite: %v, %d parts", err, *saved)
	}
	*saved = 0
	if _, err := Run(t.Context(), dir, targets, more, e); err != nil || *saved != 12 {
		t.Errorf("all again: %v, %d parts", err, *saved)
	}
}

// TestFiles holds the columns of the tables, and checks that the files have the
// result's rows.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	targets, s := small(t)
	s.Cases, s.Methods, s.Reference.Method = 1, []string{"pcn"}, recipe.MethodNone
	r, err := Run(t.Context(), dir, targets, s, env.Quiet(1))
	if err != nil {
		t.Fatal(err)
	}
	const key = "problem,grid,noise_percent,model,weights,method,budget,"
	for name, want := range map[string]struct {
		heads string
		rows  int
	}{
		rowsFile: {key + "case,pair_seed,seed,rmse_mean,rmse_std,rmse_mean_reference_error," +
			"rmse_std_reference_error,floor_mean,floor_std,std_ratio,c2st_quantities," +
			"sliced_wasserstein,sliced_wasserstein_floor,rmse_true," +
			"rmse_true_physical,x_unit,rmse_true_prior,true_ratio,rms_std,first_mode," +
			"first_mode_known,mode_error,log_evidence," +
			"log_evidence_error,log_evidence_reference,log_evidence_off," +
			"ess,khat,rhat,certified,reasons," +
			"cpu_seconds,wall_seconds,solves,evaluations,peak_memory_mib,reference," +
			"reference_solves,threads,kernel,machine,program", 1},
		quantitiesFile: {key + "case,seed,quantity,unit,true_value,mean,std,error,within_50," +
			"within_90,share_defined", len(r.Quantities)},
		summaryFile: {key + "figure,quantity,count,mean,standard_error,seed_std,rms," +
			"median,least,largest", len(r.Summary)},
		costFile: {"problem,grid,noise_percent,model,weights,network,measurements,method," +
			"cpu_seconds,rmse_mean,rmse_std,basis,seconds_to_equal,break_even", 0},
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		table, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		if err != nil || len(table) != want.rows+1 {
			t.Errorf("%s: %v, %d rows, want %d", name, err, len(table)-1, want.rows)
			continue
		}
		if got := strings.Join(table[0], ","); got != want.heads {
			t.Errorf("%s has columns\n%s, want\n%s", name, got, want.heads)
		}
		if name == rowsFile && (table[1][10] != "" || table[1][5] != "pcn" ||
			!strings.HasPrefix(table[1][43], "none")) {
			t.Errorf("row %q", table[1])
		}
	}
}

// TestRefusals checks settings that no study can have.
func TestRefusals(t *testing.T) {
	for want, change := range map[string]func(*Settings, *Subject){
		"0 cases":              func(s *Settings, _ *Subject) { s.Cases = 0 },
		"0 seeds":              func(s *Settings, _ *Subject) { s.Seeds = 0 },
		"size of 99 for":       func(s *Settings, _ *Subject) { s.ReferenceESS = 99 },
		"no budget":            func(s *Settings, _ *Subject) { s.Budgets = nil },
		"budget of 79 forward": func(s *Settings, _ *Subject) { s.Budgets = []int{79} },
		`no method "magic"`:    func(s *Settings, _ *Subject) { s.Methods = []string{"magic"} },
		"none of the methods":  func(s *Settings, _ *Subject) { s.Methods = []string{"network"} },
		"trained on":           func(s *Settings, of *Subject) { *of, s.Seed = *embedded(t, 2), 1 },
		"method = guess":       func(s *Settings, _ *Subject) { s.Reference.Method = "guess" },
	} {
		targets, s := small(t)
		change(&s, targets[0])
		_, err := Run(t.Context(), t.TempDir(), targets, s, env.Quiet(1))
		if cli.Code(err) != cli.ExitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

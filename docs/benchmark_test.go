package docs

import (
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var updateBenchmark = flag.Bool("update-benchmark", false, "write docs/reference/benchmark.md")

// benchmarkFigures are the figures of a study that the page shows, with the
// heads of their columns.
var benchmarkFigures = []struct {
	head    string
	figures []string
}{
	{"RMSE of mean / std", []string{"rmse_mean", "rmse_std"}},
	{"mode error", []string{"mode_error"}}, {"solves", []string{"solves"}},
	{"CPU s", []string{"cpu_seconds"}},
}

// TestBenchmarkPage compares docs/reference/benchmark.md with the page made of
// the tables that csdm bench accuracy wrote. -update-benchmark writes the page.
func TestBenchmarkPage(t *testing.T) {
	studies, err := filepath.Glob("reference/accuracy/*/summary.csv")
	if err != nil || len(studies) == 0 {
		t.Fatalf("no study: %v", err)
	}
	page := `# Benchmark

` + "`go test ./docs -run BenchmarkPage -update-benchmark`" + ` makes this page of the tables in
[accuracy](accuracy) and [tasks](tasks). [Compare methods](../how-to/accuracy.md) explains the
columns. A method takes a budget of draws, or of forward solves at most. A figure is the mean over
the measurements ± its standard error. RMSE is against the reference posterior, for fields scaled
to [0, 1]. A dash stands where a figure does not apply. [Machines](machines.md) explains the
letters.
`
	for _, path := range studies {
		page += benchmarkStudy(t, path)
	}
	page += benchmarkTasks(t)
	const name = "reference/benchmark.md"
	if *updateBenchmark {
		if err := os.WriteFile(name, []byte(page), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	there, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(there) != page {
		t.Errorf("%s is not what its tables give; run this test with -update-benchmark", name)
	}
}

// benchmarkStudy returns the section of a study.
func benchmarkStudy(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s: %d rows, %v", path, len(rows), err)
	}
	at := map[string]int{}
	for k, head := range rows[0] {
		at[head] = k
	}
	command, err := os.ReadFile(filepath.Join(filepath.Dir(path), "command.sh"))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string // a method with its budget, in the order of the file
	cells := map[string]string{}
	for _, row := range rows[1:] {
		if row[at["quantity"]] != "" {
			continue
		}
		key := fmt.Sprintf("`%s`, %s", row[at["method"]], row[at["budget"]])
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
		cells[key+row[at["figure"]]] = short(row[at["mean"]]) + " ± " +
			short(row[at["standard_error"]])
	}
	first := rows[1]
	out := fmt.Sprintf("\n## `%s`, %s nodes a side, %s %% noise\n\n%s measurements.\n\n"+
		"| method, budget", first[at["problem"]], first[at["grid"]], first[at["noise_percent"]],
		first[at["count"]])
	for _, v := range benchmarkFigures {
		out += " | " + v.head
	}
	out += " |\n|---" + strings.Repeat("|---", len(benchmarkFigures)) + "|\n"
	for _, key := range keys {
		out += "| " + key
		for _, v := range benchmarkFigures {
			var cell []string
			for _, figure := range v.figures {
				if text := cells[key+figure]; text != "" {
					cell = append(cell, text)
				}
			}
			if cell == nil {
				cell = []string{"–"}
			}
			out += " | " + strings.Join(cell, " / ")
		}
		out += " |\n"
	}
	return out + "\n<!-- not run: minutes of CPU time -->\n```sh\n" + string(command) + "```\n"
}

// published holds the best published C2ST at 32,000 simulations, from the table
// c2st_benchmark_results.csv of bayesflow-org/diffusion-experiments.
var published = map[string]string{"bernoulli_glm": "0.507", "bernoulli_glm_raw": "0.510",
	"gaussian_linear": "0.502", "gaussian_linear_uniform": "0.501", "gaussian_mixture": "0.504",
	"two_moons": "0.504", "sir": "0.519", "slcp": "0.621", "slcp_distractors": "0.630",
	"lotka_volterra": "0.684"}

// benchmarkTasks returns the section of the tasks of vectors.
func benchmarkTasks(t *testing.T) string {
	t.Helper()
	f, err := os.Open("reference/tasks/tasks.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("tasks.csv: %d rows, %v", len(rows), err)
	}
	command, err := os.ReadFile("reference/tasks/command.sh")
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for k, head := range rows[0] {
		at[head] = k
	}
	out := fmt.Sprintf(`
## Tasks of sbibm

C2ST against the published reference draws, of the network's draws and of the same draws weighted by
the likelihood: the mean over the observations of each task. Half is the best. Each network had %s
simulations. The last column is the best published C2ST at 32,000 simulations
(bayesflow-org/diffusion-experiments), a mean over observations. The published methods do without
the likelihood. The mean over the tasks is %s for the network, and %s certified. More steps do not
help: with 60,000, slcp has 0.83, because the network learns the simulations by heart. [Compare with
published results](../how-to/tasks.md) explains the method.

| task | network | certified | training | published |
|---|---|---|---|---|
`, rows[1][at["simulations"]], ofTasks(rows, at, "network_c2st"),
		ofTasks(rows, at, "certified_c2st"))
	for k := 1; k < len(rows); {
		name, first := rows[k][at["task"]], k
		var network, certified []float64
		for ; k < len(rows) && rows[k][at["task"]] == name; k++ {
			network = appendNumber(network, rows[k][at["network_c2st"]])
			certified = appendNumber(certified, rows[k][at["certified_c2st"]])
		}
		out += fmt.Sprintf("| `%s` | %s | %s | %s steps, %s CPU s | %s |\n", name, average(network),
			average(certified), rows[first][at["steps"]],
			short(rows[first][at["training_cpu_seconds"]]), published[name])
	}
	return out + "\n<!-- not run: it needs a copy of sbibm -->\n```sh\n" + string(command) + "```\n"
}

// ofTasks returns the mean of a column over the tasks, of each the mean over
// its observations.
func ofTasks(rows [][]string, at map[string]int, column string) string {
	total, tasks := 0.0, 0.0
	for k := 1; k < len(rows); tasks++ {
		name := rows[k][at["task"]]
		var values []float64
		for ; k < len(rows) && rows[k][at["task"]] == name; k++ {
			values = appendNumber(values, rows[k][at[column]])
		}
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		total += sum / float64(len(values))
	}
	return strconv.FormatFloat(total/tasks, 'f', 3, 64)
}

// appendNumber appends the number that text holds, if any.
func appendNumber(values []float64, text string) []float64 {
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return append(values, v)
	}
	return values
}

// average returns the mean with three digits behind the point and, if there are
// several, the number of values.
func average(values []float64) string {
	if len(values) == 0 {
		return "–"
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	text := strconv.FormatFloat(sum/float64(len(values)), 'f', 3, 64)
	if len(values) > 1 {
		text += fmt.Sprintf(" (%d)", len(values))
	}
	return text
}

// short returns a number with two digits, or a dash for none.
func short(text string) string {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return "–"
	}
	if v >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}

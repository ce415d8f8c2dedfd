// Package table5 repeats the study of the paper's Tables 4 and 5. It infers
// phantoms at several noise levels, computes their exact posteriors, and
// tabulates the errors of the score network and of Monte Carlo. Measurements
// made with FEniCS are judged separately.
//
// # Question
//
// How far is the posterior of the score network from the exact one, and how
// much of the distance is due to the finite number of draws? The paper compares
// with Monte Carlo of 500,000 prior draws, whose own error it does not
// subtract. Here each distance has a scale next to it.
//
// # Equations
//
// For a phantom with measurement y, let μ_k and s_k be mean and standard
// deviation of pixel k of d, normalized to [0, 1]. Between two posteriors A and
// B over K pixels, the tables print
//
//	RMSE_μ = √(Σ_k (μ_k^A − μ_k^B)²/K),  RMSE_s = √(Σ_k (s_k^A − s_k^B)²/K).
//
// If A were n independent draws of the exact posterior B, the expected square
// of the first would be
//
//	E RMSE_μ² = Σ_k (s_k^B)²/(n·K),
//
// since the mean of n draws has variance s²/n. Its root is the column “floor”:
// no sampler comes below it but by chance, however good its network is. A
// network with an error of its own, ε, has RMSE_μ² ≈ floor² + ε², so that a
// network of error far below the floor cannot be told from a perfect one with n
// draws.
//
// # References
//
// The exact posterior is an integral over the prior's variables θ, which are
// few (package bench, Quadrature). Importance sampling weights prior draws by
// the likelihood,
//
//	w_i ∝ p(y|d(θ_i)),  ESS = (Σ w_i)²/Σ w_i²,
//
// as the paper's Monte Carlo does. Both state an error; the tables have a
// column for each.
//
// # Files and memory
//
// All parts are kept in the study's folder, one file per phantom and method,
// each with an identity of its inputs. A stopped study resumes at the first
// missing part. Arrays of a part belong to its infer.Summary and are not
// written after it was read. table5.json is written last, so that its presence
// shows that the other files are complete.
//
// # What is checked
//
// TestStudy runs a small study, recomputes the floor from its formula, and
// repeats the study without computing. TestAverage, TestTables and TestPaper
// hold the numbers in their cells. TestCostCurve compares the error of each
// method with 1/√ESS. TestBreakEven checks the crossing of two curves.
//
//	study.go   Run: settings, result, phantoms, and the posteriors of each
//	shard.go   the measurements of one shard
//	curves.go  error over training, network evaluations and cost
//	report.go  table5.json, CSV files and report.html
package table5

package main

import (
	"encoding/json"

	"csdm/dataset"
	"csdm/explain"
	"csdm/infer"
	"csdm/internal/shard"
	"csdm/langevin"
	"csdm/measured"
	"csdm/nn"
	"csdm/problems"
	"csdm/problems/specimen"
	"csdm/run"
)

// The results that the verbs print with --json. Packages such as run and
// calibrate declare the results of demo, run, check and others. The comments of
// the fields are the help of csdm help --json.

// wasThere marks a result that an earlier call finished.
var wasThere = there{AlreadyThere: true}

// there states whether a result was there before the call.
type there struct {
	// whether an earlier call finished the result, so that this call did
	// nothing
	AlreadyThere bool `json:"already_there,omitempty"`
}

// refusal is the end of a case of a range that has no accepted result.
type refusal struct {
	// index of the refused measurement, from 0
	Case *int `json:"case,omitempty"`
	// reason of the refusal
	Refused string `json:"refused,omitempty"`
}

// refuse states why case k is refused.
func (r *refusal) refuse(k int, why string) { r.Case, r.Refused = &k, why }

// casesResult is the result of sample or reference for a range of measurements.
type casesResult struct {
	// folder of the results
	Out string `json:"out"`
	// for each measurement the output of a single one; with case and refused if
	// it was refused
	Cases []any `json:"cases"`
}

// sampleResult is the result of sample. The figures of a form of the call that
// was not requested are absent.
type sampleResult struct {
	// result file
	Out string `json:"out"`
	// picture of the measured map, .png
	Map string `json:"map"`
	// how the measured map covers the problem's rectangle
	Cover measured.Cover `json:"cover"`
	// number of posterior draws
	Draws int `json:"draws"`
	// algorithm of the draws
	Sampler langevin.Sampler `json:"sampler"`
	// number of noise levels
	Levels int `json:"levels"`
	// whether the measurement is like the training measurements
	Verdict *measured.Likeness `json:"verdict"`
	// how far the draws leave the prior's range, and whether the sampler is
	// accurate with its settings
	Support *infer.Support `json:"support"`
	// whether the model explains the measurement
	Explained *explain.Verdict `json:"explained,omitempty"`
	// certificate of the posterior, with --certify
	Certificate *infer.Certificate `json:"certificate,omitempty"`
	// bands, if the model has their levels
	Bands *infer.Bands `json:"bands,omitempty"`
	// posterior of the physical quantities that the problem defines
	Quantities []infer.Quantity `json:"quantities,omitempty"`
	// regions of the field on which quantities were measured
	Regions *infer.RegionSummary `json:"regions,omitempty"`
	// posterior behind the score, with --score exact
	ExactScore *infer.ExactDraws `json:"exact_score,omitempty"`
	*drawWork
	refusal
	there
}

// drawWork is the work of the draws of this call.
type drawWork struct {
	// evaluations of the score for one draw
	Evaluations int `json:"evaluations_per_draw"`
	// wall time of the draws in seconds
	Seconds float64 `json:"seconds"`
}

// referenceResult is the result of reference. A result of an earlier call has
// no figures.
type referenceResult struct {
	// result file
	Out string `json:"out"`
	// picture of the measured map, .png
	Map string `json:"map"`
	// method that computed the posterior
	Method string `json:"method"`
	*referenceFigures
	refusal
	there
}

// referenceFigures states how good a reference posterior is, and its cost.
type referenceFigures struct {
	// whether the forward model explains the measurement
	Explained *explain.Verdict `json:"explained"`
	// largest R̂ of the chains; null for other methods
	RHat *float64 `json:"rhat"`
	// effective sample size of the weights; null without weights
	ESS infer.StatedError `json:"ess"`
	// Pareto k̂ of the weights; null if they have no tail
	KHat infer.StatedError `json:"khat"`
	// root mean square over pixels of the error of the mean, fields in [0, 1]
	ErrorMean float64 `json:"error_mean"`
	// root mean square over pixels of the error of the standard deviation
	ErrorStd float64 `json:"error_std"`
	// ln p(y)
	LogEvidence infer.StatedError `json:"log_evidence"`
	// variables whose posterior sits at an end of their prior
	Ends []priorEnd `json:"at_prior_end"`
	// wall time in seconds
	Seconds float64 `json:"seconds"`
	// number of forward solves
	Solves int `json:"solves"`
	// how the measured map covers the problem's rectangle
	Cover measured.Cover `json:"cover"`
}

// priorEnd is a variable whose posterior sits at an end of its prior.
type priorEnd struct {
	// name of the variable
	Variable string `json:"variable"`
	// lower or upper
	End string `json:"end"`
	// posterior probability of the last hundredth of the range
	Mass float64 `json:"mass"`
}

// inferResult is the result of infer.
type inferResult struct {
	// folder of the answer
	Out string `json:"out"`
	// page with the map, the posterior and the verdict, .html
	Report string `json:"report"`
	// number of posterior draws
	Draws int `json:"draws"`
	// whether the model explains the measurement
	Explained *explain.Verdict `json:"explained"`
	// certificate of the posterior; null if the problem allows none
	Certificate *infer.Certificate `json:"certificate"`
	// posterior of the physical quantities that the problem defines
	Quantities []infer.Quantity `json:"quantities"`
	// picture of the measured map, .png
	Map string `json:"map"`
}

// specimenResult is the result of specimen.
type specimenResult struct {
	// problem file
	Out string `json:"out"`
	// picture of the measured map, .png
	Map string `json:"map"`
	// estimated standard deviation of the noise, in the map's unit
	NoiseStd float64 `json:"noise_std"`
	// standard error of that estimate
	NoiseStdError float64 `json:"noise_std_error"`
	// correlation length of the noise, in the map's unit
	NoiseCorrelation float64 `json:"noise_correlation"`
	// standard deviation of the noise in the lower half of the map
	NoiseBottomHalf float64 `json:"noise_bottom_half"`
	// standard deviation of the noise in the upper half of the map
	NoiseTopHalf float64 `json:"noise_top_half"`
	// standard deviation of the smooth error of the edges, in the map's unit
	Jitter float64 `json:"jitter"`
	// components of the displacement, one per channel of the map
	MeasuredComponent []string `json:"measured_component"`
}

// problemsResult is the list of problems and embedded models.
type problemsResult struct {
	// built-in problems with their default options
	Problems []listedProblem `json:"problems"`
	// names of the embedded models
	Models []string `json:"models"`
}

// listedProblem is a built-in problem.
type listedProblem struct {
	problems.Spec
	// presets of settings for the problem
	Presets []string `json:"presets"`
}

// tomlResult is the file of a specimen.
type tomlResult struct {
	// text of the problem file
	TOML string `json:"toml"`
}

// priorResult is the result of prior.
type priorResult struct {
	// picture sheet, .png
	Sheet string `json:"sheet"`
	// number of prior draws on it
	Draws int `json:"draws"`
}

// dataResult is the result of data.
type dataResult struct {
	// folder of the dataset
	Dir string `json:"dir"`
	// number of pairs of the whole dataset
	Pairs int `json:"pairs"`
	// pairs of this shard that earlier calls made
	Found int `json:"found"`
	// pairs that this call made
	Made int `json:"made"`
	// pairs at which the forward model failed, and which are left out
	Failed int `json:"failed"`
}

// dataExportResult is the result of data export.
type dataExportResult struct {
	// file of the pairs, .npz
	Out string `json:"out"`
	// index of the first pair
	From int `json:"from"`
	// one past the index of the last pair
	To int `json:"to"`
	// whether y has a draw of the measurement noise
	Noisy bool `json:"noisy"`
	// failed pairs in the range, which are left out
	Failed int `json:"failed"`
}

// dataImportResult is the result of data import.
type dataImportResult struct {
	// folder of the dataset
	Dir string `json:"dir"`
	// number of pairs
	Pairs int `json:"pairs"`
}

// dataVerifyResult is the result of data verify.
type dataVerifyResult struct {
	// whether all pairs are there and intact
	OK bool `json:"ok"`
	// number of pairs of the whole dataset
	Pairs int `json:"pairs"`
	// size of the arrays that were read, in bytes
	Bytes int64 `json:"bytes"`
	// ranges of pairs that are not there
	Missing []dataset.Span `json:"missing"`
	// ranges of damaged pairs, each with the fault
	Damaged []string `json:"damaged"`
	// pairs at which the forward model failed, and which are left out
	Failed []int `json:"failed"`
}

// mergedPairs is the dataset of several folders.
type mergedPairs struct {
	// folder of the dataset
	Out string `json:"out"`
	// number of pairs
	Pairs int `json:"pairs"`
}

// statusResult is the result of status.
type statusResult struct {
	// folder of the parts, or dataset
	Dir string `json:"dir"`
	// whether nothing is missing
	Whole bool `json:"whole"`
	shard.Status
}

// stackedResult is the file of the results of many measurements.
type stackedResult struct {
	// file of the results, .npz
	Out string `json:"out"`
	// number of measurements in it
	Measurements int `json:"measurements"`
}

// verifyResult is the result of verify.
type verifyResult struct {
	// the checked file or folder
	Path string `json:"path"`
	// kind of the file or folder
	Kind string `json:"kind"`
	// whether nothing is damaged or missing
	OK bool `json:"ok"`
	// parts that agree with their checksum
	Verified []string `json:"verified"`
	// readable parts without a checksum
	Unsealed []string `json:"unsealed"`
	// damaged or missing parts, each with the reason
	Damaged []string `json:"damaged"`
}

// forwardResult is the result of forward.
type forwardResult struct {
	// file of the measurement, .npy
	Out string `json:"out"`
	// unit of its values
	Unit string `json:"unit"`
}

// vtkResult is the result of export to VTK.
type vtkResult struct {
	// file for ParaView, .vti
	Out string `json:"out"`
	// names of the fields in it
	Fields []string `json:"fields"`
	// unit of the coordinates
	LengthUnit string `json:"length_unit"`
}

// netCDFResult is the result of export to NetCDF.
type netCDFResult struct {
	// file for xarray, .nc
	Out string `json:"out"`
	// names of the variables in it
	Variables []string `json:"variables"`
}

// meshResult is the result of mesh.
type meshResult struct {
	// number of nodes
	Points int `json:"points"`
	// number of triangles
	Triangles int `json:"triangles"`
	// number of quadrilaterals
	Quads int `json:"quads"`
	// largest x minus smallest x, in the file's unit of length
	Width float64 `json:"width"`
	// largest y minus smallest y, in the file's unit of length
	Height float64 `json:"height"`
	// names of the physical groups
	Groups []string `json:"groups"`
}

// femResult is the result of the verbs of fem.
type femResult struct {
	// file of the solution, .npz
	Out string `json:"out"`
	// names of the arrays in it
	Arrays []string `json:"arrays"`
	// norm of the residual of the equations over the right-hand side's
	Residual *float64 `json:"residual,omitempty"`
}

// netEvalResult is the result of net eval.
type netEvalResult struct {
	// loss of the batch, Eq. 15
	Loss float64 `json:"loss"`
	// file with score and loss, .npz
	Out string `json:"out"`
}

// netFileResult is the result of net shrink and net wrap.
type netFileResult struct {
	// model file
	Out string `json:"out"`
	// number of weights
	Parameters int `json:"parameters"`
}

// onnxResult is the result of net onnx.
type onnxResult struct {
	// network, .onnx
	Out string `json:"out"`
	// size of the file in bytes
	Bytes int `json:"bytes"`
	// rows of the field and of each channel of the measurement
	Rows int `json:"rows"`
	// columns of the field and of each channel of the measurement
	Cols int `json:"cols"`
	// channels of the measurement
	YChannels int `json:"y_channels"`
}

// scriptResult is the result of slurm.
type scriptResult struct {
	// text of the job script, or of a bash script that submits several jobs
	Script string `json:"script"`
}

// manResult is the result of man.
type manResult struct {
	// folder of the pages
	Folder string `json:"folder"`
	// number of pages
	Pages int `json:"pages"`
}

// addressResult is the first output of lab and docs, which then serve pages.
type addressResult struct {
	// address of the first page, for a browser on this machine
	Address string `json:"address"`
}

// siteResult is the documentation in a folder.
type siteResult struct {
	// first page
	Out string `json:"out"`
	// number of files
	Files int `json:"files"`
}

// judgedShard is the result of bench accuracy for a shard.
type judgedShard struct {
	// folder of the study
	Folder string `json:"folder"`
	// shard of the call, as K/M
	Shard string `json:"shard"`
	// number of posteriors that the shard has judged
	Rows int `json:"rows"`
}

// limitsResult is the result of bench limits for a problem with a forward
// model.
type limitsResult struct {
	// copy of the model file with the limits
	Out string `json:"out"`
	// distribution of the residuals, which sets the limits
	Calibration *nn.Calibration `json:"calibration,omitempty"`
	there
}

// pairLimitsResult is the result of bench limits for a problem without a
// forward model.
type pairLimitsResult struct {
	// copy of the model file with the limits
	Out string `json:"out"`
	*pairLimits
	there
}

// pairLimits holds the limits that need no forward model.
type pairLimits struct {
	// test whether a measurement is new to the model
	Novelty *nn.Novelty `json:"novelty"`
	// typical distance of a value from its neighbors
	Outlier nn.Spread `json:"outlier"`
	// typical likeness of an edge to a filled one
	Edge nn.Spread `json:"edge"`
}

// convResult is the result of bench conv.
type convResult struct {
	// implementation of the kernels
	Kernel string `json:"kernel"`
	// measured peak of multiply-adds of one thread, in GFLOP/s
	PeakGFLOPS float64 `json:"peak_gflops"`
	// one row for each shape, pass and algorithm
	Rows []convRow `json:"rows"`
}

// The descriptions of info.

// modelInfo describes a model file, or weights without metadata.
type modelInfo struct {
	// model, or weights if the file has no metadata
	Kind string `json:"kind"`
	// shape of the network
	Architecture nn.Arch `json:"architecture"`
	// number of weights
	Parameters int `json:"parameters"`
	// form in which the network gives the score
	Form string `json:"form"`
	*knownModel
}

// knownModel is the metadata of a model file.
type knownModel struct {
	// problem, grid, units, normalization and training
	Model nn.Metadata `json:"model"`
	// default settings of the sampler
	Sampling langevin.Settings `json:"sampling"`
	// constants of the form
	Parameterization nn.Parameterization `json:"parameterization"`
}

// progressInfo describes how far a checkpoint is.
type progressInfo struct {
	// optimizer steps that are done
	Step int `json:"step"`
	// optimizer steps of the whole training
	Steps int `json:"steps"`
	// time of training so far, in seconds
	Seconds float64 `json:"seconds"`
	// last held-out loss
	HeldOut float64 `json:"held_out"`
}

// checkpointInfo describes a checkpoint.
type checkpointInfo struct {
	// checkpoint
	Kind string `json:"kind"`
	progressInfo
	// settings of the training that affect the weights, by name
	Settings map[string]string `json:"settings"`
	// identity of network and data
	Identity map[string]string `json:"identity"`
	// implementation of the kernels
	Kernel string `json:"kernel"`
	// number of weights
	Parameters int `json:"parameters"`
}

// tensorsInfo describes a file of tensors that is no model.
type tensorsInfo struct {
	// tensors
	Kind string `json:"kind"`
	// shape and type of each tensor, by its name
	Tensors map[string]string `json:"tensors"`
}

// arrayInfo describes a file of one array.
type arrayInfo struct {
	// array
	Kind string `json:"kind"`
	// length of each axis
	Shape []int `json:"shape"`
	// type of the elements
	Type string `json:"type"`
	// smallest and largest value; null if a value is NaN or infinite
	Range []float64 `json:"range"`
}

// arraysInfo describes an .npz file.
type arraysInfo struct {
	// arrays, or posterior if the file has mean and std
	Kind string `json:"kind"`
	// shape and type of each array, by its name
	Arrays map[string]string `json:"arrays"`
	// how a posterior was computed
	Origin *infer.Origin `json:"origin,omitempty"`
	// certificate of a posterior
	Certificate *infer.Certificate `json:"certificate,omitempty"`
}

// datasetInfo describes a dataset.
type datasetInfo struct {
	// dataset
	Kind string `json:"kind"`
	// description of the pairs
	Manifest *dataset.Manifest `json:"manifest"`
}

// runFolderInfo describes a run folder.
type runFolderInfo struct {
	// run folder
	Kind string `json:"kind"`
	// settings by the names that --set takes
	Settings namedSettings `json:"settings"`
	// how far the training is, if it has begun
	Checkpoint *progressInfo `json:"checkpoint,omitempty"`
	// commands and results of the folder
	Manifest *run.Manifest `json:"manifest"`
}

// settingsInfo describes the settings of a run, in a TOML file.
type settingsInfo struct {
	// settings
	Kind string `json:"kind"`
	// settings by the names that --set takes
	Settings namedSettings `json:"settings"`
}

// specimenInfo describes the problem file of a specimen, with all defaults.
type specimenInfo struct {
	// specimen
	Kind string `json:"kind"`
	specimen.Definition
}

// MarshalJSON writes the keys of the problem file, and kind.
func (s *specimenInfo) MarshalJSON() ([]byte, error) {
	v, err := s.Settings()
	if err != nil {
		return nil, err
	}
	v["kind"] = s.Kind
	return json.Marshal(v)
}

// unfinishedInfo describes a file of unfinished work.
type unfinishedInfo struct {
	// what the file holds
	Kind string `json:"kind"`
	// size of the file in bytes
	Bytes int64 `json:"bytes"`
}

// Package recipe defines the recipe of a run: a TOML file with all inputs of
// the result. The sections of the file are the settings of the packages that
// use them.
//
//	[data]       dataset.Settings    pairs, and how a training uses them
//	[network]    nn.Settings         the score network
//	[training]   train.Settings      how it is trained
//	[sampling]   langevin.Settings   how posterior draws are made
//	[reference]  Reference           how the reference posterior is computed
//
// A preset is a recipe to start from. It combines presets.toml, which has the
// values for all problems, with the file of the problem. Each file has a block
// [default] and a block for each preset. A table at_noise in a block has the
// values that differ at other measurement noise.
//
// To add a setting, add a field to the struct of the package that uses it, with
// name, range, default and help (package setting). The flag --set, comments in
// files, help texts, errors and docs/reference/settings.md follow from the
// field.
//
//	recipe.go     the recipe, its validation
//	preset.go     presets
//	external.go   presets of an external problem
//	file.go       reading and writing, files of earlier versions
//	reference.go  the section [reference]
//	sampling.go   how a trained model draws
//	page.go       the reference page of all settings
package recipe

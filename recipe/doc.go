// Package recipe is all that the result of a run depends on, as one file: a
// recipe. It is written in TOML, and its sections are the settings of the
// packages that use them.
//
//	[data]       dataset.Settings    pairs, and what a training takes from them
//	[network]    nn.Settings         the score network
//	[training]   train.Settings      how it is trained
//	[sampling]   langevin.Settings   how posterior draws are made
//	[reference]  Reference           how the reference posterior is computed
//
// A preset is a recipe to start from. It is put together from what presets.toml
// says of it for every problem, and what the file of the problem says, which has
// a block [default], one for each preset, and in that, under at_noise, what is
// different at other measurement noise.
//
// To add a setting, add a field to the struct of the package that uses it. Its
// name, range, default and help stand there (package setting): the flag --set,
// comments in files, help texts, errors and docs/reference/settings.md follow.
//
//	recipe.go     the recipe, its validation
//	preset.go     presets
//	external.go   presets of a problem that a file defines
//	file.go       reading and writing, files of earlier versions
//	reference.go  the section [reference]
//	sampling.go   how a trained model draws
//	page.go       the reference page of all settings
package recipe

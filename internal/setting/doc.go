// Package setting describes the settings of a program from the structs that
// hold them. Each setting is described in one place: tags give its name, range
// and default, and the comment above the field gives its meaning.
//
//	type Settings struct {
//		// optimizer steps in all
//		Steps int `toml:"steps" range:"[1, inf)"`
//		// momentum of the running average of the weights; 0: no averaging
//		EMA float64 `toml:"ema" default:"0.999" range:"[0, 1)" is:"expert"`
//	}
//
//	//go:embed settings.go
//	var source string
//
//	func (*Settings) Source() string { return source }
//
// Files, comments in files, the flag --set, help texts, errors and the
// reference page are made from these descriptions:
//
//	setting.go  the list of settings, setting one, checking one
//	help.go     comments of a struct's fields, as texts
//	ranges.go   ranges of numbers and lists of names, in words
//	write.go    TOML with comments, JSON, the reference page
//
// The tags are
//
//	toml     the name in files; "-" or none: the field is no setting
//	default  the value unless another is given; none: the zero value
//	range    the values that are accepted, such as "[0, 1)" or "heun|pc"
//	unit     the unit of a number
//	of       the choices that the setting belongs to, such as "annealed|pc"
//	is       "expert": seldom changed; "neutral": no result depends on it
//
// A struct within a struct is a section of the file.
package setting

package setting_test

import (
	"fmt"
	"strings"

	"csdm/internal/setting"
)

// walk is a section of settings; source stands for the file that declares it,
// which a package embeds.
type walk struct {
	// number of steps
	Steps int `toml:"steps" default:"10" range:"[1, inf)"`
	// length of a step
	Length float64 `toml:"length" default:"0.5" range:"(0, inf)" unit:"m"`
	// direction of the walk
	Way string `toml:"way" default:"up" range:"up|down" is:"expert"`
}

const source = `
type walk struct {
	// number of steps
	Steps int ` + "`toml:\"steps\"`" + `
	// length of a step
	Length float64 ` + "`toml:\"length\"`" + `
	// direction of the walk
	Way string ` + "`toml:\"way\"`" + `
}
`

func (*walk) Source() string { return source }

// A struct of settings gets its defaults, and one setting is set by name. Check
// refuses a value out of range and states the accepted values.
func Example() {
	var w walk
	setting.Defaults(&w)
	length, err := setting.Find(&w, "length")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(length.Describe())
	fmt.Println(length.Set("-2"), setting.Check(&w))
	fmt.Println(length.Set("2"), setting.Check(&w), w)
	// Output:
	// length of a step (positive; in m)
	// <nil> setting length = -2: must be positive
	// <nil> <nil> {10 2 up}
}

// Settings are written as a file in which comments describe them.
func ExampleTOML() {
	w := walk{Steps: 3, Length: 1.5, Way: "down"}
	text, err := setting.TOML(&w)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(text))
	// Output:
	// # number of steps (at least 1)
	// steps = 3
	// # length of a step (positive; in m)
	// length = 1.5
	// # direction of the walk (up or down)
	// way = 'down'
}

// Settings are described in a table for the documentation.
func ExamplePage() {
	page := setting.Page(&walk{}, map[string]string{"": "A walk"})
	for _, line := range strings.Split(strings.TrimSpace(page), "\n") {
		fmt.Println(line)
	}
	// Output:
	// ## A walk
	//
	// | setting | default | values | meaning |
	// |---|---|---|---|
	// | `steps` | `10` | at least 1 | number of steps |
	// | `length` | `0.5` | positive | length of a step (in m) |
	// | `way` | `up` | up or down | direction of the walk (expert) |
}

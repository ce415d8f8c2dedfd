package cli_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"csdm/internal/cli"
)

// Errors carry their exit code. The outermost mark decides; some errors need no
// mark.
func ExampleCode() {
	fmt.Println(cli.Code(cli.Usage(errors.New("--draws 0: at least 1 is needed"))))
	fmt.Println(cli.Code(fmt.Errorf("reading the model: %w", fs.ErrNotExist)))
	fmt.Println(cli.Code(nil))
	// Output:
	// 64
	// 66
	// 0
}

// The same result, for a program and for a reader.
func ExampleTable() {
	result := struct {
		Draws int     `json:"draws"`
		RMSE  float64 `json:"rmse"`
	}{256, 0.0123456}
	if err := cli.WriteJSON(os.Stdout, result); err != nil {
		fmt.Println(err)
	}
	t := cli.NewTable(os.Stdout, "draws", "RMSE")
	t.Row(result.Draws, result.RMSE)
	if err := t.Flush(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"draws":256,"rmse":0.0123456}
	// draws  RMSE
	// 256    0.01235
}

// A configuration file sets only the settings that it names. A misspelled name
// is an error with its line.
func ExampleDecodeConfig() {
	settings := struct {
		Levels int     `toml:"levels"`
		Rate   float64 `toml:"rate"`
	}{Levels: 24, Rate: 0.001}
	fmt.Println(cli.DecodeConfig([]byte("rate = 0.01\n"), "a.toml", &settings), settings)
	fmt.Println(cli.DecodeConfig([]byte("rat = 0.01\n"), "a.toml", &settings))
	// Output:
	// <nil> {24 0.01}
	// a.toml: unknown setting: line 1: rat
}

package main

import (
	"fmt"
	"io"
	"reflect"

	"github.com/spf13/cobra"

	"csdm/infer"
	"csdm/internal/cli"
)

// printer prints the results of one verb. T is the struct that --json prints.
// A verb declares a printer, gives it to the command by of, and prints by it,
// so that the fields which csdm help --json lists are the printed ones: another
// type does not compile, and a printer without a verb panics.
type printer[T any] struct{ app *app }

// outputForm is one form of a verb's output.
type outputForm struct {
	when string       // the flags or files that give this form; "": no special ones
	form reflect.Type // nil: when states the form
}

// of enters T as what a verb prints. when names the flags or files that give
// this form of output; "" is the usual form.
func (p *printer[T]) of(a *app, cmd *cobra.Command, when string) {
	p.app = a
	a.prints(cmd, outputForm{when, reflect.TypeFor[T]()})
}

// prints enters a form of a verb's output.
func (a *app) prints(cmd *cobra.Command, p outputForm) {
	if a.forms == nil {
		a.forms = map[*cobra.Command][]outputForm{}
	}
	a.forms[cmd] = append(a.forms[cmd], p)
}

// print prints v as JSON with --json, and otherwise the text of table.
func (p *printer[T]) print(v T, table func(w io.Writer)) error {
	a := p.app
	if a.json && a.made != nil {
		a.made = append(a.made, v)
		return nil
	}
	if a.json {
		return cli.WriteJSON(a.stdout, v)
	}
	table(a.stdout)
	return nil
}

// printThere prints v, which an earlier call finished in out, followed by more,
// and removes unfinished work of a killed call.
func (p *printer[T]) printThere(out string, v T, more func(w io.Writer)) error {
	if err := infer.RemovePartial(partialFile(out)); err != nil {
		return err
	}
	return p.print(v, func(w io.Writer) {
		fmt.Fprintln(w, "already there:", out)
		more(w)
	})
}

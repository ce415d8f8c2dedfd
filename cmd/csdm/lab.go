package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"runtime"

	"github.com/spf13/cobra"

	"csdm/internal/cli"
	"csdm/lab"
)

func (a *app) labCommand() *cobra.Command {
	var (
		port int
		open bool
		show printer[*addressResult]
	)
	cmd := &cobra.Command{
		Use:   "lab [COMPUTATION INPUT]",
		Short: "Serve pages to see and change each step of the method, on this machine only",
		Long: `lab serves web pages on the loopback interface of this machine, prints their address,
and ends on Ctrl-C. The pages show a score in the plane, an inverse problem that follows the mouse,
noise levels, annealing, a network while it trains, posteriors that lie, and your own measurement.
Each page has its equations, the source lines that compute it, and a command that gives the same
numbers.

With the name of a computation and its input, lab serves nothing. It prints what a page would get:
lines of JSON, in which rows of numbers are base64 of float32. The pages show these commands.

The address has a random key. Programs without the key, other machines and pages of other sites get
nothing. The pages load nothing from other machines. lab writes temporary files only, and removes
them. To use a lab on a machine behind ssh, open a tunnel with the command that lab prints.`,
		Example: "  csdm lab --open",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 0 && len(args) != 2 {
				return cli.Usage(fmt.Errorf("%d arguments; give none to serve the pages, or the "+
					"name of a computation and its input", len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if port < 0 || port > 65535 {
				return cli.Usage(fmt.Errorf("--port is %d; it must be 0 to 65535", port))
			}
			env, err := a.env()
			if err != nil {
				return err
			}
			server, err := lab.New(env)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, server.Close()) }()
			if len(args) == 2 {
				return server.Compute(cmd.Context(), args[0], args[1], a.stdout)
			}
			listener, err := lab.Listen(port)
			if err != nil {
				return cli.IO(fmt.Errorf("port %d cannot be served: %w (--port 0 takes a free one)",
					port, err))
			}
			address := server.Address(listener.Addr())
			if err := show.print(&addressResult{address}, func(w io.Writer) {
				fmt.Fprintln(w, address)
			}); err != nil {
				return err
			}
			a.console.note("Ctrl-C ends the lab")
			if a.getenv("SSH_CONNECTION") != "" {
				a.console.note(tunnel(listener.Addr()))
			}
			if open {
				if err := openBrowser(address); err != nil {
					a.console.note(fmt.Sprintf("no browser was started (%v): open the address",
						err))
				}
			}
			return server.Serve(cmd.Context(), listener)
		},
	}
	cmd.Flags().IntVar(&port, "port", 0, "port on 127.0.0.1 (0: a free one)")
	cmd.Flags().BoolVar(&open, "open", false, "open the address in the browser")
	show.of(a, cmd, "")
	a.prints(cmd, outputForm{when: "with COMPUTATION and INPUT: lines of JSON, " +
		"as the page of the lab gets"})
	return cmd
}

// tunnel returns the command for a lab on another machine.
func tunnel(a net.Addr) string {
	_, port, err := net.SplitHostPort(a.String())
	if err != nil {
		port = a.String()
	}
	return fmt.Sprintf("from your own machine: ssh -N -L %s:127.0.0.1:%s HOST, then open the "+
		"address there", port, port)
}

// openBrowser opens an address in the user's browser.
func openBrowser(address string) error {
	name := "xdg-open"
	if runtime.GOOS == "darwin" {
		name = "open"
	}
	return exec.Command(name, address).Start()
}

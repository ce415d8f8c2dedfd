// Package cli holds the common parts of all verbs of a command-line program:
// exit codes, signals, progress, results as JSON or as a table, the number of
// threads, strict configuration files, and the provenance of a result. It does
// not depend on what the verbs compute.
//
// Results go to stdout, everything else to stderr. Errors carry their exit
// code: a verb returns
//
//	return cli.Usage(fmt.Errorf("--n %d: at least one draw is needed", n))
//
// or just the error of the layer below, and main ends with
// os.Exit(cli.Exit(os.Stderr, "csdm", err)). Code assigns exit codes to missing
// files, full disks, damaged data and a canceled context.
package cli

// Package cli holds what every verb of a command-line program needs and no verb
// should do its own way: exit codes, signals, progress, results as JSON or as a
// table, the number of threads, strict configuration files, and where a result
// came from. It knows nothing of what the verbs compute.
//
// Results go to stdout, everything else to stderr. Errors carry their exit
// code: a verb returns
//
//	return cli.Usage(fmt.Errorf("--n %d: at least one draw is needed", n))
//
// or just the error of the layer below, and main ends with
// os.Exit(cli.Exit(os.Stderr, "csdm", err)). Code knows what missing files,
// full disks, damaged data and a cancelled context stand for.
package cli

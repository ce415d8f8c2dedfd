// Package slurm writes job scripts for the Slurm scheduler. A job starts one
// command that ends with exit code 75 when it has saved its work, and that
// resumes when it is run again.
//
//	job.go    jobs, and the quoting of their commands
//	job.tmpl  the scripts; all that csdm and its pages print comes from here
package slurm

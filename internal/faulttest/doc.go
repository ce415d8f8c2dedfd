// Package faulttest tests the guarantees of csdm when a disk fails or the
// process dies: nothing is lost, and the same command given again ends with the
// same arrays as without the fault.
//
// The tests build csdm with the tag "faults" (see internal/disk) and make a
// small call of each verb that writes. They count the operations of that call.
// Then each operation in turn fails, writes only half, finds a full disk, or is
// the moment of a kill -9. The command must end with exit code 74 and name the
// cause, or be killed, or have lost nothing. Then the same command runs without
// a fault. It must end like the undisturbed call, with the same files.
//
// The ordinary test tries a fixed choice of the faults of each verb: four, and
// more for two seconds. CSDM_FAULTS=5m gives each verb five minutes,
// CSDM_FAULTS=all tries all faults, and CSDM_FAULTS=3/10 the third of ten parts
// of them;
// docs/reference/robustness.md has the counts.
//
// The package holds tests only.
package faulttest

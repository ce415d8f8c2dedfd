// Package problemstest checks what every inverse problem must satisfy, so that
// a new one is done when its one line passes. Statistical checks use fixed
// streams and limits that a correct problem does not reach.
package problemstest

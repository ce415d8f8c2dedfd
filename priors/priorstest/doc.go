// Package priorstest checks what every prior of fields and every law of
// measurement must satisfy, so that a new one is done when its one line passes.
//
// Statistical checks use fixed streams and limits of five standard errors or
// more: a correct law passes always, and a wrong one by more than that fails
// always.
package priorstest

// Package fidelity corrects the measurements of a cheap forward model by a few
// solves of a dear one: multi-fidelity, in the field's words (Kennedy and
// O'Hagan 2000; Peherstorfer, Willcox and Gunzburger 2018).
//
//	correction.go  the correction, a Gaussian process on principal components
//	fit.go         its hyperparameters, by leave-one-out errors
//	correct.go     corrected pairs of two datasets
//	judge.go       its error by cross-validation, against the number of solves
package fidelity

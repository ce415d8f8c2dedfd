package kernel

import "unsafe"

// The 5×5 pools of float32 images: five values to one along rows, then five to
// one along columns. A step takes whole runs of values, so any number of
// channels will do.

// poolArgs are the arguments of the steps: n values, from five runs. The
// comment of each kernel names those that it reads.
type poolArgs struct {
	src    [5]unsafe.Pointer
	arg    [5]unsafe.Pointer // the places of the maxima so far
	index  [8]int32          // the places of the first values
	dst    unsafe.Pointer
	argDst unsafe.Pointer
	n      int
	scale  float32
}

// A band is rows from up to, and without, to of an image of h×w pixels of c
// channels.
type band struct{ h, w, c, from, to int }

// runs visits the columns of a row of w pixels by runs with the same shifts to
// the five pixels of the window. The inner columns come first, all at once.
// The columns near the ends follow: there a shift leads to the pixel at the
// end instead.
func runs(w int, visit func(col, n int, window [5]int)) {
	if w > 4 {
		visit(2, w-4, [5]int{0, 1, 2, 3, 4})
	}
	for col := range w {
		if col >= 2 && col < w-2 {
			continue
		}
		var window [5]int
		for k := range window {
			window[k] = min(max(col+k-2, 0), w-1)
		}
		visit(col, 1, window)
	}
}

// maxPoolVector is maxPool5 in two steps, the first one with two more rows on
// either side. Repeating the pixel at the end changes neither the first
// maximum nor the last NaN. The first maximum along a column of first maxima
// along rows is the first in row-major order.
func maxPoolVector(dst []float32, arg []int32, x []float32, b band, scratch []float32) {
	h, w, c := b.h, b.w, b.c
	n := w * c
	rows := scratch[:h*n]
	rowArgs := unsafe.Slice((*int32)(unsafe.Pointer(&scratch[h*n])), h*n)
	var a poolArgs
	for r := max(b.from-2, 0); r < min(b.to+2, h); r++ {
		runs(w, func(col, count int, window [5]int) {
			for k, from := range window {
				a.src[k] = unsafe.Pointer(&x[r*n+from*c])
				a.index[k] = int32(r*n + from*c)
			}
			a.dst, a.argDst = unsafe.Pointer(&rows[r*n+col*c]), unsafe.Pointer(&rowArgs[r*n+col*c])
			a.n = count * c
			if arg != nil {
				max5IndexVector(&a)
			} else {
				max5Vector(&a)
			}
		})
	}
	for r := b.from; r < b.to; r++ {
		for k := range 5 {
			from := min(max(r+k-2, 0), h-1)
			a.src[k], a.arg[k] = unsafe.Pointer(&rows[from*n]), unsafe.Pointer(&rowArgs[from*n])
		}
		a.dst, a.n = unsafe.Pointer(&dst[r*n]), n
		if arg != nil {
			a.argDst = unsafe.Pointer(&arg[r*n])
			max5ArgVector(&a)
		} else {
			max5Vector(&a)
		}
	}
}

// avgPoolVector is avgPool5Add in two such steps, with zeros at the ends.
func avgPoolVector(dst, x []float32, b band, scratch []float32) {
	h, w, c := b.h, b.w, b.c
	n := w * c
	rows, zeros := scratch[:h*n], scratch[h*n:][:n]
	clear(zeros)
	a := poolArgs{scale: 1.0 / 25}
	for r := max(b.from-2, 0); r < min(b.to+2, h); r++ {
		runs(w, func(col, count int, window [5]int) {
			for k, from := range window {
				a.src[k] = unsafe.Pointer(&x[r*n+from*c])
				if at := col + k - 2; at < 0 || at >= w {
					a.src[k] = unsafe.Pointer(&zeros[0])
				}
			}
			a.dst, a.n = unsafe.Pointer(&rows[r*n+col*c]), count*c
			sum5Vector(&a)
		})
	}
	for r := b.from; r < b.to; r++ {
		for k := range 5 {
			a.src[k] = unsafe.Pointer(&zeros[0])
			if at := r + k - 2; at >= 0 && at < h {
				a.src[k] = unsafe.Pointer(&rows[at*n])
			}
		}
		a.dst, a.n = unsafe.Pointer(&dst[r*n]), n
		sum5AddVector(&a)
	}
}

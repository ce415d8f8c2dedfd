package kernel

// convTilesVector runs the tile kernel for panels of 16 or 8 columns.
func convTilesVector(a *convArgs, columns int) {
	if columns == tileCols {
		conv16AVX2(a)
	} else {
		conv8AVX2(a)
	}
}

// gradTileVector runs the kernel of GradWeights for 16 or 8 columns.
func gradTileVector(a *gradArgs, columns int) {
	if columns == tileCols {
		gradWeights16AVX2(a)
	} else {
		gradWeights8AVX2(a)
	}
}

// conv16AVX2 is the following loop, for each tile and each of its six pixels p.
// The next pixel is step after p, or step + skip if p is the last of its row.
//
//	for j := range 16 {
//		sum := bias[j]
//		for s := range count {
//			for k := range length {
//				sum += p[segments[s]+k] · panel[s·length+k][j]
//			}
//		}
//		dst[j] = sum // or +=
//	}
//
//go:noescape
func conv16AVX2(a *convArgs)

// conv8AVX2 is conv16AVX2 for eight columns. It sums the even and the odd k of
// each four separately.
//
//go:noescape
func conv8AVX2(a *convArgs)

// gradWeights16AVX2 is the following loop, for each of six weights i:
//
//	for j := range 16 {
//		sum := 0
//		for r := range height {
//			for c := range width {
//				x := rows[i][r·(width·step+skip)+c·step]
//				sum += x · dy[(r·width+c)·dyStep+j]
//			}
//		}
//		dw[i·dwStep+j] += sum
//	}
//
//go:noescape
func gradWeights16AVX2(a *gradArgs)

// gradWeights8AVX2 is gradWeights16AVX2 for eight columns.
//
//go:noescape
func gradWeights8AVX2(a *gradArgs)

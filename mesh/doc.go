// Package mesh holds plane meshes: points, triangles and quadrilaterals, and
// their tags.
//
// A Mesh is geometry and nothing else: which unknowns live on its points, and
// what is solved on its cells, is the business of package fem. Structured
// generators number points row by row from the lower left corner, so that a
// nodal field is a row-major array whose row 0 is the bottom edge and whose
// column 0 is the left edge. For axisymmetric problems X is the radius and Y
// the height.
//
// Three ways lead to a mesh: the structured generators (Triangles, Quads), the
// mixed mesh of a square window of quadrilaterals in a graded, conforming
// padding of triangles (Padded), and Gmsh files (ReadGmsh). WriteVTU and
// WriteVTI write meshes and fields for ParaView.
package mesh

package mesh

import (
	"strconv"
)

func (g *gmsh) nodes22() error {
	head, err := g.row(1)
	if err != nil {
		return err
	}
	for range head[0] {
		if err := g.next(); err != nil {
			return err
		}
		tag, err := strconv.ParseInt(g.words[0], 10, 64)
		if err != nil {
			return g.fail("%q is not an integer", g.words[0])
		}
		if err := g.addNode(tag, 1); err != nil {
			return err
		}
	}
	return nil
}

func (g *gmsh) elements22() error {
	head, err := g.row(1)
	if err != nil {
		return err
	}
	for range head[0] {
		v, err := g.row(3)
		if err != nil {
			return err
		}
		tags := v[2]
		if tags < 0 || tags > int64(len(v)-3) {
			return g.fail("an element claims %d tags", tags)
		}
		var group int32
		if tags > 0 {
			if group, err = g.tag(v[3]); err != nil {
				return err
			}
		}
		if err := g.addElement(v[1], group, v[3+tags:]); err != nil {
			return err
		}
	}
	return nil
}

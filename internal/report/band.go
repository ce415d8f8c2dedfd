package report

import "csdm/internal/plot"

// band shows the ends of the interval of each pixel.
func (p *Posterior) band() *Figure {
	rows := [][]plot.Panel{{p.outlined(p.field("lower end", p.BandLow)),
		p.outlined(p.field("upper end", p.BandHigh))}}
	f := p.figure(rows, plain("Heat maps of the "+p.quantity()+
		": lower and upper end of the band at each pixel."))
	return FromPlot(p.name("band"), p.BandNote+p.legend(), f.Render())
}

package samples

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
)

// hills draws an evening: a sky, a low sun with its glow, and ridges that fade with their
// distance.
func hills() ([]byte, error) {
	const size = 512
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	sky := []rgb{{28, 24, 74}, {112, 58, 128}, {236, 106, 92}, {255, 196, 110}}
	ridges := []struct {
		height, swing, pitch, phase float64
		color                       rgb
	}{
		{0.60, 0.045, 2.3, 0.4, rgb{176, 92, 118}},
		{0.68, 0.060, 3.1, 2.1, rgb{120, 66, 112}},
		{0.77, 0.055, 4.2, 4.0, rgb{72, 44, 92}},
		{0.88, 0.050, 5.3, 1.2, rgb{32, 24, 58}},
	}
	tops := make([]float64, len(ridges)) // of this column
	for x := range size {
		u := (float64(x) + 0.5) / size
		for i, r := range ridges {
			tops[i] = r.height + r.swing*ridge(u*r.pitch*math.Pi+r.phase)
		}
		for y := range size {
			v := (float64(y) + 0.5) / size
			c := ramp(sky, v/0.7)
			far := math.Hypot(u-0.62, v-0.52)
			c = c.mix(rgb{255, 226, 160}, 0.75*math.Exp(-far*far/0.018))
			c = c.mix(rgb{255, 246, 214}, edge(0.075-far, size))
			for i, r := range ridges {
				if below := v - tops[i]; below > -1.0/size {
					c = c.mix(r.color.mix(rgb{255, 170, 120}, 0.18*math.Exp(-below*14)), edge(below, size))
				}
			}
			img.SetRGBA(x, y, color.RGBA{level(c[0]), level(c[1]), level(c[2]), 255})
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

// rgb is a color with components from 0 to 255.
type rgb [3]float64

// mix goes from c to d by t, 0 … 1.
func (c rgb) mix(d rgb, t float64) rgb {
	t = min(max(t, 0), 1)
	for i := range c {
		c[i] += (d[i] - c[i]) * t
	}
	return c
}

// ramp is the color at t, 0 … 1, between evenly spaced stops.
func ramp(stops []rgb, t float64) rgb {
	t = min(max(t, 0), 1) * float64(len(stops)-1)
	i := min(int(t), len(stops)-2)
	return stops[i].mix(stops[i+1], t-float64(i))
}

// edge turns a signed distance into a soft step one pixel wide.
func edge(distance, pixels float64) float64 { return min(max(distance*pixels+0.5, 0), 1) }

// ridge is a hilly line between about -1 and 1.
func ridge(t float64) float64 {
	return 0.6*math.Sin(t) + 0.3*math.Sin(2.3*t+1.7) + 0.1*math.Sin(7.1*t+0.6)
}

func level(v float64) uint8 { return uint8(math.Round(min(max(v, 0), 255))) }

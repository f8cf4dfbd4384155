package samples

import "math"

const (
	videoSize   = 64 // pixels, both ways; a multiple of a macroblock's 16
	videoFrames = 24 // one second
	videoRate   = 24
)

// ball films a ball that bounces over a coloured floor, as H.264 in MP4.
func ball() ([]byte, error) {
	frames := make([][]byte, videoFrames)
	for i := range frames {
		t := float64(i) / videoFrames
		frames[i] = h264Frame(i, ballPicture(t))
	}
	return mp4(frames), nil
}

// ballPicture draws the moment t, 0 … 1, of one bounce.
func ballPicture(t float64) func(x, y int) rgb {
	h := 1 - math.Pow(2*t-1, 2) // of a throw, 0 … 1
	cx, cy, r := 0.5+0.24*math.Sin(2*math.Pi*t), 0.70-0.42*h, 0.14
	return func(x, y int) rgb {
		u, v := (float64(x)+0.5)/videoSize, (float64(y)+0.5)/videoSize
		c := rgb{38, 44, 92}.mix(rgb{250, 160, 120}, v/0.8)
		if v > 0.78 {
			c = rgb{64, 140, 132}.mix(rgb{24, 70, 86}, (v-0.78)/0.22)
			shadow := math.Hypot((u-cx)/1.4, (v-0.86)*3)
			c = c.mix(rgb{10, 30, 44}, 0.7*edge(0.13-shadow, 12)*(1-0.6*h))
		}
		d := math.Hypot(u-cx, v-cy)
		light := 1 - math.Hypot(u-cx+0.05, v-cy+0.05)/(2*r)
		return c.mix(rgb{150, 30, 60}.mix(rgb{255, 214, 120}, light), edge(r-d, videoSize))
	}
}

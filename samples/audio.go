package samples

import (
	"bytes"
	"encoding/binary"
	"math"
)

// chime plays four notes of a chord, each dying away, as 16-bit mono at 44.1 kHz.
func chime() ([]byte, error) {
	const (
		rate    = 44100
		seconds = 2
		n       = rate * seconds
	)
	notes := []struct{ at, hz float64 }{{0, 523.25}, {0.18, 659.26}, {0.36, 783.99}, {0.54, 1046.50}}
	var b bytes.Buffer
	put := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) } // cannot fail: all are of a fixed size
	put(struct {
		RIFF      [4]byte
		Size      uint32
		WAVE, Fmt [4]byte
		FmtSize   uint32
		PCM, Mono uint16
		Rate      uint32
		ByteRate  uint32
		Block     uint16 // bytes of one sample
		Bits      uint16 // of one sample
		Data      [4]byte
		DataSize  uint32
	}{
		[4]byte([]byte("RIFF")), 36 + 2*n, [4]byte([]byte("WAVE")), [4]byte([]byte("fmt ")), 16, 1, 1, rate, rate * 2, 2, 16,
		[4]byte([]byte("data")), 2 * n,
	})
	for i := range n {
		t := float64(i) / rate
		v := 0.0
		for _, note := range notes {
			if s := t - note.at; s > 0 {
				attack := min(s/0.008, 1)
				v += attack * math.Exp(-3.2*s) * (math.Sin(2*math.Pi*note.hz*s) + 0.25*math.Sin(4*math.Pi*note.hz*s))
			}
		}
		fade := min((seconds-t)/0.05, 1) // no click at the end
		put(int16(math.Round(v * fade * 9000)))
	}
	return b.Bytes(), nil
}

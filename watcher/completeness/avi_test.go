package completeness

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

func mkChunk(kind string, content ...[]byte) []byte {
	body := slices.Concat(content...)
	b := append(le.AppendUint32([]byte(kind), uint32(len(body))), body...)
	return append(b, make([]byte, len(body)&1)...)
}

// sampleAVI has one picture, and what is given behind the list of pictures.
func sampleAVI(picture []byte, behind ...[]byte) []byte {
	movi := mkChunk("LIST", []byte("movi"), mkChunk("00dc", picture))
	return mkChunk("RIFF", []byte("AVI "), mkChunk("LIST", []byte("hdrl"), mkChunk("avih", make([]byte, 56))), movi, slices.Concat(behind...))
}

func TestAVIDecisions(t *testing.T) {
	index := mkChunk("idx1", []byte("00dc\x10\x00\x00\x00\x04\x00\x00\x00\xe8\x03\x00\x00"))
	avi := sampleAVI(random(1000), index)
	with := func(declared uint32) []byte {
		b := bytes.Clone(avi)
		le.PutUint32(b[4:], declared)
		return b
	}
	n := uint32(len(avi) - 8)
	second := mkChunk("RIFF", []byte("AVIX"), mkChunk("LIST", []byte("movi"), mkChunk("00dc", random(500))))
	noList := bytes.Clone(with(0))
	movi := bytes.Index(noList, []byte("movi")) - 8
	clear(noList[movi+4 : movi+8])
	decide(t, []decision{
		{"whole", "a.avi", avi, Complete},
		{"a newline behind", "a.avi", append(bytes.Clone(avi), '\n'), Complete},
		{"an R behind", "a.avi", append(bytes.Clone(avi), 'R'), CannotTell},
		{"a second piece", "a.avi", append(bytes.Clone(avi), second...), Complete},
		{"a second piece, cut", "a.avi", append(bytes.Clone(avi), second[:200]...), Incomplete},
		{"a second piece, cut in its header", "a.avi", append(bytes.Clone(avi), second[:6]...), Incomplete},
		{"a length that counts its own header", "a.avi", with(n + 8), CannotTell},
		{"a length that counts its own header, cut", "a.avi", with(n + 8)[:len(avi)-4], Incomplete},
		{"into a pipe", "a.avi", with(math.MaxUint32), CannotTell},
		{"a length yet to come", "a.avi", noList, Incomplete},
		{"padding at the end", "a.avi", sampleAVI(random(1000), index, mkChunk("JUNK", make([]byte, 8000))), Complete},
		{"a last picture that is black", "a.avi", sampleAVI(append(random(1000), make([]byte, 8000)...)), CannotTell},
		{"pictures yet to come", "a.avi", sampleAVI(random(1000), make([]byte, 8000)), Incomplete},
	})
}

package completeness

import (
	"bytes"
	"slices"
	"testing"
)

// mkElement is an EBML element with a length of four bytes.
func mkElement(id uint64, content ...[]byte) []byte {
	var b []byte
	for shift := 56; shift >= 0; shift -= 8 {
		if c := byte(id >> shift); c != 0 || len(b) > 0 {
			b = append(b, c)
		}
	}
	body := slices.Concat(content...)
	return append(be.AppendUint32(b, 1<<28|uint32(len(body))), body...)
}

// matroska is a file whose table of contents says where its index (Cues) is, from the
// beginning of the segment's content on.
func matroska(cues uint32, parts ...[]byte) []byte {
	head := mkElement(0x1A45DFA3, mkElement(ebmlDocType, []byte("matroska")))
	seek := mkElement(ebmlSeekHead, mkElement(ebmlSeek, mkElement(ebmlSeekID, []byte("\x1c\x53\xbb\x6b")), mkElement(ebmlSeekPos, be.AppendUint32(nil, cues))))
	return append(head, mkElement(ebmlSegment, seek, slices.Concat(parts...))...)
}

func TestEBMLDecisions(t *testing.T) {
	const blockID, timeID = 0xA3, 0xE7
	block := mkElement(blockID, random(500))
	cluster := mkElement(ebmlCluster, mkElement(timeID, []byte{0}), block, block)
	silence := mkElement(ebmlCluster, mkElement(timeID, []byte{0}), block, mkElement(blockID, append([]byte("\x81\x00\x00\x80"), make([]byte, 6000)...)))
	unwritten := mkElement(ebmlCluster, mkElement(timeID, []byte{0}), block, make([]byte, 6000))
	cues := mkElement(ebmlCues, random(40))
	void := mkElement(ebmlVoid, make([]byte, 6000))
	font := mkElement(ebmlAttachments, mkElement(0x61A7, append(random(100), make([]byte, 6000)...)))
	at := uint32(len(matroska(0)) - len(mkElement(0x1A45DFA3, mkElement(ebmlDocType, []byte("matroska")))) - 8 + len(cluster))
	whole := matroska(at, cluster, cues)
	decide(t, []decision{
		{"whole", "a.mkv", whole, Complete},
		{"cut", "a.mkv", whole[:len(whole)-1], Incomplete},
		{"zeros behind it", "a.mkv", append(bytes.Clone(whole), make([]byte, 5000)...), Complete},
		{"an index that an editor has taken out", "a.mkv", matroska(at, cluster, mkElement(ebmlVoid, make([]byte, 40)), cluster), Complete},
		{"an index yet to come", "a.mkv", matroska(at, cluster, make([]byte, 60)), Incomplete},
		{"padding at the end", "a.mkv", matroska(at, cluster, cues, void), Complete},
		{"a font at the end", "a.mkv", matroska(at, cluster, cues, font), CannotTell},
		{"silence at the end", "a.mkv", matroska(at, cluster, cues, silence), CannotTell},
		{"a part yet to come", "a.mkv", matroska(at, cluster, cues, unwritten), Incomplete},
		{"clusters yet to come", "a.mkv", matroska(at, cluster, cues, make([]byte, 6000)), Incomplete},
		{"padding at the end, cut", "a.mkv", matroska(at, cluster, cues, void)[:2000], Incomplete},
	})
}

package ledger

import (
	"encoding/binary"

	"scenario-drop/file"
)

// packedFormat is the first byte of what is packed here. Whoever changes the format counts
// it up; what has another number is not read.
const packedFormat = 1

// packer packs files into bytes: the format, then for each file its name with the length
// before it, its size, its modification time less that of the file before, and its change
// time less its modification time, all as varints. Times of one directory are close to each
// other, which makes that a third of the rows' size.
type packer struct {
	packed []byte
	before int64 // modification time of the file before
}

func (p *packer) add(name []byte, fp file.Fingerprint) {
	if len(p.packed) == 0 {
		p.packed = append(p.packed, packedFormat)
	}
	p.packed = binary.AppendUvarint(p.packed, uint64(len(name)))
	p.packed = append(p.packed, name...)
	p.packed = binary.AppendVarint(p.packed, fp.Size)
	p.packed = binary.AppendVarint(p.packed, fp.ModTime-p.before) // wraps around, and back
	p.packed = binary.AppendVarint(p.packed, fp.ChangeTime-fp.ModTime)
	p.before = fp.ModTime
}

// packedUsually is how many bytes a packed file usually has.
const packedUsually = 24

// unpackFiles gives back by name what a packer packed; ok is false for anything else. The
// names share one string.
func unpackFiles(packed []byte) (files map[string]file.Fingerprint, ok bool) {
	if len(packed) == 0 || packed[0] != packedFormat {
		return nil, false
	}
	text, at := string(packed), 1
	signed := func() (v int64) {
		if at < 0 {
			return 0
		}
		v, n := binary.Varint(packed[at:])
		if at += n; n <= 0 {
			at = -1
		}
		return v
	}
	files = make(map[string]file.Fingerprint, len(packed)/packedUsually)
	for before := int64(0); at < len(packed); {
		length, n := binary.Uvarint(packed[at:])
		if at += n; n <= 0 || length > uint64(len(packed)-at) {
			return nil, false
		}
		name := text[at : at+int(length)]
		at += int(length)
		fp := file.Fingerprint{Size: signed()}
		fp.ModTime = before + signed()
		fp.ChangeTime = fp.ModTime + signed()
		if at < 0 {
			return nil, false
		}
		files[name], before = fp, fp.ModTime
	}
	return files, true
}

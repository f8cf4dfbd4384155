// Package transfer puts the bytes of one item into the parts of one upload, one way for one
// part and for ten thousand: it cuts them into parts (Plan), sends those that there is no
// receipt of (Send), with fresh URLs where they have expired, and takes the SHA-256 of what
// is sent on the way. Where the bytes come from is a Source; nothing of it is open while
// anything is waited for. What a request to storage waits for is in package guard.
package transfer

import "fmt"

// The limits of storage for a multipart upload (Amazon S3 User Guide, "Amazon S3
// multipart upload limits"): every part but the last has at least 5 MiB, none more
// than 5 GiB, and there are at most 10 000.
const (
	MinPartSize = 5 << 20
	MaxPartSize = 5 << 30
	MaxParts    = 10_000
)

// DefaultPartSize is what Scenario's own clients use.
const DefaultPartSize = 8 << 20

// PartSize chooses the size of parts for a file by its size, and by what one connection
// carries (bytes a second; 0 if unknown). While a file's last parts are in flight fewer
// and fewer connections have one, for as long as a part takes: with 64 connections that
// cost a seventh of the time of 1 000 MiB in parts of 8 MiB on a long line with loss. So
// parts are small, and grow with the file; where a connection is quick they may be larger,
// which is fewer requests.
func PartSize(size int64, perConnection float64) int64 {
	const (
		enoughParts = 1000
		fewParts    = 256 // where connections are quick
		largest     = 4 * DefaultPartSize
		quick       = 1  // second for a part
		maxSeconds  = 20 // seconds
		mib         = 1 << 20
	)
	if size <= DefaultPartSize {
		return DefaultPartSize
	}
	part := (size + enoughParts - 1) / enoughParts
	if perConnection > 0 {
		large := max(DefaultPartSize, size/fewParts)
		part = max(part, min(large, int64(perConnection*quick)))
		part = min(part, int64(perConnection*maxSeconds))
	}
	return min(max(MinPartSize, (part+mib-1)/mib*mib), largest)
}

// Plan is how a file is cut into parts.
type Plan struct {
	Size     int64 // of the file, bytes
	PartSize int64 // of every part but the last, bytes
	Parts    int
}

// NewPlan cuts a file of size bytes into parts of about wanted bytes. A wanted size
// outside the limits of storage is brought within them, and parts grow so that there are
// never more than MaxParts. It fails for an empty file, and for one larger than MaxParts
// parts of MaxPartSize (about 48.8 TiB).
func NewPlan(size, wanted int64) (Plan, error) {
	if size <= 0 {
		return Plan{}, fmt.Errorf("a file of %d bytes cannot be cut into parts", size)
	}
	part := min(max(wanted, MinPartSize), MaxPartSize)
	if atLeast := (size + MaxParts - 1) / MaxParts; part < atLeast {
		const mib = 1 << 20
		part = (atLeast + mib - 1) / mib * mib
	}
	if part > MaxPartSize {
		return Plan{}, fmt.Errorf("a file of %d bytes is larger than storage takes", size)
	}
	return Plan{Size: size, PartSize: part, Parts: int((size + part - 1) / part)}, nil
}

// Range returns where part n (from 1) begins in the file, and its length in bytes.
func (p Plan) Range(n int) (offset, length int64) {
	offset = int64(n-1) * p.PartSize
	return offset, min(p.PartSize, p.Size-offset)
}

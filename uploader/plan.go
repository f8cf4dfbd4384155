package uploader

import "fmt"

// The limits of storage for a multipart upload (Amazon S3 User Guide, "Amazon S3
// multipart upload limits"): every part but the last has at least 5 MiB, none more
// than 5 GiB, and there are at most 10 000.
const (
	MinPartSize = 5 << 20
	MaxPartSize = 5 << 30
	MaxParts    = 10_000
)

// defaultPartSize is what Scenario's own clients use.
const defaultPartSize = 8 << 20

// partSize chooses the size of parts for a file by its size, and by what one connection
// carries (bytes a second; 0 if unknown): fewer requests for large files, and parts
// that a slow line finishes before it is likely to break. While a file's last parts are
// under way fewer and fewer connections have one, so they should be few of many.
func partSize(size int64, perConnection float64) int64 {
	const (
		manyParts = 256
		largest   = 4 * defaultPartSize
		longest   = 20 // seconds
		mib       = 1 << 20
	)
	if size <= defaultPartSize {
		return defaultPartSize
	}
	part := min(max(defaultPartSize, (size/manyParts+mib-1)/mib*mib), largest)
	if perConnection > 0 {
		part = min(part, max(MinPartSize, int64(perConnection*longest)))
	}
	return part
}

// Plan is how a file is cut into parts.
type Plan struct {
	Size     int64 // of the file, bytes
	PartSize int64 // of every part but the last, bytes
	Parts    int
}

// NewPlan cuts a file of size bytes into parts of about wanted bytes. A wanted size outside the limits of storage is brought within them, and
// parts grow so that there are never more than MaxParts. It fails for an empty file,
// and for one larger than MaxParts parts of MaxPartSize (about 48.8 TiB).
func NewPlan(size, wanted int64) (Plan, error) {
	if size <= 0 {
		return Plan{}, fmt.Errorf("a file of %d bytes cannot be cut into parts", size)
	}
	part := min(max(wanted, MinPartSize), MaxPartSize)
	if least := (size + MaxParts - 1) / MaxParts; part < least {
		const mib = 1 << 20
		part = (least + mib - 1) / mib * mib
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

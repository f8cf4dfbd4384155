package completeness

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
)

const (
	gzipSignature = "\x1f\x8b\x08"
	gzipMost      = 32 << 20  // of a file, in bytes, that are decompressed to find its end
	gzipMostText  = 512 << 20 // and what they may become
)

// checkGZIP decompresses a file whose end nothing else tells, up to MaxRead by the quick
// check. A larger one is left to the exact check.
func checkGZIP(w *window) Verdict {
	if w.size > MaxRead-2*piece {
		return incomplete("the compressed file may break off")
	}
	return inflate(w)
}

func exactGZIP(w *window) Verdict {
	if w.size <= gzipMost {
		return inflate(w)
	}
	if w.zeros() >= many {
		return cannotTell("the compressed file ends in zeros")
	}
	return cannotTell("the compressed file is too long to be decompressed")
}

// inflate wants the data of each member to end, with the checksum and the length that
// follow it. Bytes behind them that are no member do not matter.
func inflate(w *window) Verdict {
	b := bufio.NewReader(w.stream(0))
	r, err := gzip.NewReader(b)
	for left := int64(gzipMostText); err == nil; {
		r.Multistream(false)
		var n int64
		if n, err = io.Copy(io.Discard, io.LimitReader(r, left)); err != nil {
			break
		}
		if left -= n; left <= 0 {
			return cannotTell("the compressed file holds too much to be decompressed")
		}
		if next, _ := b.Peek(3); string(next) != gzipSignature {
			break
		}
		err = r.Reset(b)
	}
	var corrupt flate.CorruptInputError
	switch {
	case err == nil:
		return complete()
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return incomplete("the compressed file breaks off")
	case w.zeros() >= few && (errors.As(err, &corrupt) || errors.Is(err, gzip.ErrChecksum)):
		return incomplete("the compressed file has its size but its end is still empty")
	default:
		return cannotTell("the compressed file is damaged")
	}
}

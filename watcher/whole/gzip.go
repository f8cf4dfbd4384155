package whole

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
)

const (
	gzipMost     = 32 << 20  // of a file, in bytes, that are decompressed to find its end
	gzipMostText = 512 << 20 // and what they may become
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

// inflate wants the first member's data to end, with the checksum and the length that
// follow it. Bytes behind them do not matter.
func inflate(w *window) Verdict {
	r, err := gzip.NewReader(w.stream(0))
	if err == nil {
		r.Multistream(false)
		var n int64
		if n, err = io.Copy(io.Discard, io.LimitReader(r, gzipMostText)); n == gzipMostText && err == nil {
			return cannotTell("the compressed file holds too much to be decompressed")
		}
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

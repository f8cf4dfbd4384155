package completeness

import "bytes"

// checkMIDI wants as many tracks as a Standard MIDI file's header says, each as long as its
// own header says. A length that a program got wrong does not matter where the last track
// ends in its end mark.
func checkMIDI(w *window) Verdict {
	h := w.at(0, 14)
	if h == nil {
		return onlyFirst(w.size, "MIDI file")
	}
	want, tracks := int(be.Uint16(h[10:])), 0
	k := &walker{w: w}
	off := 8 + int64(be.Uint32(h[4:]))
	for range 1 << 10 {
		if tracks >= want && tracks > 0 {
			return w.upTo(off).filled(false)
		}
		h := k.at(off, 8)
		switch {
		case h == nil && off < w.size && (tracks == 0 || !bytes.HasPrefix([]byte("MTrk"), w.at(off, int(min(4, w.size-off))))):
			return midiEnd(w, off, tracks)
		case h == nil && off == w.size && tracks > 0:
			return cannotTell("the MIDI file says that it has %d tracks, and has %d", want, tracks)
		case h == nil:
			return incomplete("the MIDI file breaks off before track %d of %d", tracks+1, want)
		case !boxType(h[:4]):
			return midiEnd(w, off, tracks)
		}
		n := int64(be.Uint32(h[4:]))
		if n > w.size-off-8 {
			if string(h[:4]) == "MTrk" && tracks+1 >= want && bytes.HasSuffix(w.tail(3), []byte("\xff\x2f\x00")) {
				return cannotTell("the MIDI file's last track says it is longer, but has its end mark")
			}
			return incomplete("the MIDI file breaks off in track %d of %d", tracks+1, want)
		}
		if string(h[:4]) == "MTrk" {
			tracks++
		}
		off += 8 + n
	}
	return cannotTell("the MIDI file has too many tracks to check them all")
}

// midiEnd is the verdict on a MIDI file with too few tracks and something else at off.
func midiEnd(w *window, off int64, tracks int) Verdict {
	if tracks > 0 && !allZero(w.at(off, int(min(few, w.size-off)))) {
		return cannotTell("the MIDI file goes on after its %d tracks with something else", tracks)
	}
	return incomplete("the MIDI file has its size but not yet its content")
}

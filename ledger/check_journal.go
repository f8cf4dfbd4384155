package ledger

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// The layout of SQLite's write-ahead journal, from https://sqlite.org/fileformat2.html#walformat.
const (
	journalHeader = 32
	frameHeader   = 24
	journalMagic  = 0x377f0682 // plus 1: checksums over big-endian words
)

// journalBroken reports whether commits that were durable are lost in the journal at
// path. SQLite takes a journal up to its first frame that does not fit and silently drops
// the rest, which is right after a power cut: only the change that was being written can
// be torn. Where a whole transaction and the beginning of another follow the frame that does
// not fit, somebody scribbled over the journal; and so where the header, which is durable
// before the first frame is written, does not fit.
func journalBroken(path string) (broken bool, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the local database's journal: %w", err)
	}
	defer f.Close()
	broken, err = scanJournal(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return false, fmt.Errorf("read the local database's journal: %w", err)
	}
	return broken, nil
}

func scanJournal(r io.Reader) (broken bool, err error) {
	header := make([]byte, journalHeader)
	if _, err := io.ReadFull(r, header); err != nil {
		return false, untilEnd(err) // empty, or cut before anything was in it
	}
	magic := binary.BigEndian.Uint32(header)
	var order binary.ByteOrder = binary.LittleEndian
	if magic&1 != 0 {
		order = binary.BigEndian
	}
	size := binary.BigEndian.Uint32(header[8:])
	sum := checksum(order, checksums{}, header[:24])
	if magic&^1 != journalMagic || sum != storedChecksums(header[24:]) || size < 512 || size > 65536 || size&(size-1) != 0 {
		// What is written first is a frame; less than one may be anything.
		n, err := io.CopyN(io.Discard, r, frameHeader+1)
		return n > frameHeader, untilEnd(err)
	}
	salts := string(header[16:24])
	frame := make([]byte, frameHeader+int(size))
	fits, committed := true, false // all frames so far; a whole transaction after one that does not
	for {
		if _, err := io.ReadFull(r, frame); err != nil {
			return false, untilEnd(err)
		}
		if string(frame[8:16]) != salts {
			// Left over from an earlier round, unless the frame was scribbled over.
			fits = false
			sum = storedChecksums(frame[16:])
			continue
		}
		if committed {
			return true, nil
		}
		want := storedChecksums(frame[16:])
		if checksum(order, checksum(order, sum, frame[:8]), frame[frameHeader:]) != want {
			fits = false
		}
		committed = !fits && binary.BigEndian.Uint32(frame[4:]) != 0
		sum = want
	}
}

// untilEnd takes the end of a file, wherever it comes, as no error.
func untilEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

type checksums [2]uint32

func storedChecksums(b []byte) checksums {
	return checksums{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])}
}

// checksum goes on with a journal's checksum over b, whose length is a multiple of 8.
func checksum(order binary.ByteOrder, sum checksums, b []byte) checksums {
	for ; len(b) >= 8; b = b[8:] {
		sum[0] += order.Uint32(b) + sum[1]
		sum[1] += order.Uint32(b[4:]) + sum[0]
	}
	return sum
}

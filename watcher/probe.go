package watcher

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/watcher/completeness"
)

// checked is what a check of a waiting file came to.
type checked struct {
	decision
	fp          file.Fingerprint
	unchanged   time.Time
	read        time.Time
	placeholder bool
	seen        bool // the disk was checked: fp is of now
	gone        bool // it is not there any more, is no regular file, or is hidden
}

// checkAll checks several files at once, with at most n goroutines, and waits for all.
func checkAll(files []*waiting, n int, check func(*waiting) checked) []checked {
	out := make([]checked, len(files))
	n = min(n, len(files))
	if n <= 1 {
		for i, w := range files {
			out[i] = check(w)
		}
		return out
	}
	var (
		next atomic.Int64
		wg   sync.WaitGroup
	)
	for range n {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(files)); i = next.Add(1) - 1 {
				out[i] = check(files[i])
			}
		})
	}
	wg.Wait()
	return out
}

// check checks the file and decides. It is opened only once it has been unchanged for the
// minimum settle time.
func (w *waiting) check(root string, p policy, clock func() time.Time) checked {
	now := clock()
	out := checked{fp: w.fp, unchanged: w.unchanged, read: w.read, placeholder: w.placeholder}
	if unchanged := now.Sub(w.unchanged); unchanged < p.minimum() {
		// Events say so already: no need to check the disk.
		out.decision = p.decide(w.observation(now, out, nil))
		return out
	}
	info, err := os.Lstat(w.path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && (!file.Openable(info.Mode()) || file.Hidden(info)):
		out.gone = true
		return out
	case err != nil:
		out.decision = p.decide(w.observation(now, out, unreadable(w.path, err)))
		return out
	}
	if fp := file.FromInfo(info); !fp.SameVersion(w.fp) {
		out.fp = fp
		if !w.dirty { // else the event was the change
			out.unchanged, out.read = p.unchangedSince(now, fp), time.Time{}
		}
	}
	out.seen, out.placeholder = true, file.Placeholder(info)
	s := w.observation(now, out, nil)
	if s.size == 0 && !s.placeholder {
		s.beside = emptyTransfer(root, w.path)
	}
	if out.decision = p.decide(s); out.action != probe {
		return out
	}
	unchanged := now.Sub(out.unchanged)
	found, fp, err := open(root, w.path, unchanged < p.readers, unchanged >= p.patience)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.As(err, new(*file.NotRegularError)):
		out.gone = true
		return out
	case err != nil:
		found = unreadable(w.path, err)
	case !fp.SameVersion(out.fp): // it changed while it was checked
		now = clock()
		out.fp, out.unchanged, out.read = fp, now, time.Time{}
	case found.reader == file.Yes:
		out.read = now
	}
	out.decision = p.decide(w.observation(now, out, found))
	return out
}

func (w *waiting) observation(now time.Time, l checked, found *probed) observation {
	began := w.began
	if !l.unchanged.Equal(w.unchanged) {
		began = w.beganAt(l.unchanged)
	}
	return observation{now: now, first: w.first, unchanged: l.unchanged, read: l.read, size: l.fp.Size, wrote: l.unchanged.Sub(began),
		coarse: l.fp.WholeSeconds(), epoch: epoch(l.fp), copied: copied(l.fp), placeholder: l.placeholder, probe: found}
}

// open opens the file below root, asks who else has it open, and whether it is complete. The
// fingerprint is the one after that. young tells that those who only read it count, and
// stays that it is to be known whether it is complete even if somebody may write to it.
func open(root, path string, young, stays bool) (*probed, file.Fingerprint, error) {
	d, name, err := file.Beneath(root, path)
	if err != nil {
		return nil, file.Fingerprint{}, err
	}
	defer d.Close()
	f, fp, err := d.Open(name)
	if err != nil {
		return nil, fp, err
	}
	defer f.Close() // it was only read
	foreign, err := d.ForeignLink(root, f)
	if err != nil {
		return nil, fp, err
	}
	if foreign {
		return &probed{foreign: true}, fp, nil
	}
	out := &probed{transfer: transferBeside(d, name, false)}
	if young {
		out.reader = file.HasOther(f)
	}
	if out.writer = out.reader; out.writer != file.No { // whom nobody has open nobody writes to
		out.writer = file.HasWriter(f)
	}
	if out.writer == file.Yes && !stays {
		return out, fp, nil
	}
	head := make([]byte, min(fp.Size, pointerHead))
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fp, err
	}
	out.pointer = pointer(head[:n], fp.Size)
	out.database = databaseBeside(d, name, head[:n])
	v := check(path, f, fp.Size)
	if v.Err != nil {
		return nil, fp, v.Err
	}
	out.state, out.missing = v.State, v.Detail
	info, err := f.Stat()
	if err != nil {
		return nil, fp, err
	}
	return out, file.FromInfo(info), nil
}

// check says whether an open file is complete by its format, and by what its filesystem keeps of it.
func check(path string, f *os.File, size int64) completeness.Verdict {
	v := completeness.Check(path, f, size)
	if v.State != completeness.Incomplete && v.Err == nil {
		for _, hole := range file.Holes(f, size, completeness.MinGap) {
			v = v.WithGap(f, size, hole.From, hole.To)
		}
	}
	return v
}

// Complete reports whether a file of that path and size is complete by its format. It reads little
// of it.
func Complete(path string, r io.ReaderAt, size int64) bool {
	v := completeness.Check(path, r, size)
	return v.Err == nil && v.State == completeness.Complete
}

// unreadable turns an error of opening or reading into what the decision wants to know.
func unreadable(path string, err error) *probed {
	if file.InUse(err) {
		return &probed{busy: true}
	}
	if file.OutOfDescriptors(err) {
		return &probed{failed: drop.TextCannotReadNow.With()}
	}
	if errors.Is(err, fs.ErrPermission) {
		return &probed{failed: drop.TextMayNotRead.With()}
	}
	return &probed{failed: drop.TextCannotRead.With("why", cause(err).Error())}
}

package watcher

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// IgnoredCount is how many entries a rule leaves out. What is in a directory that is not
// entered is not counted.
type IgnoredCount struct {
	Files   int `json:"files"`
	Folders int `json:"folders"`
}

// tally counts what is ignored, by the rule.
type tally [refusals]IgnoredCount

func (t *tally) add(why refusal, dir bool) {
	if dir {
		t[why].Folders++
	} else {
		t[why].Files++
	}
}

// total is all of them together.
func (t *tally) total() (n int) {
	for _, c := range t {
		n += c.Files + c.Folders
	}
	return n
}

// byRule is the tally by the rules' names; nil if nothing is ignored.
func (t *tally) byRule() map[drop.Reason]IgnoredCount {
	var all map[drop.Reason]IgnoredCount
	for why, c := range t {
		if c != (IgnoredCount{}) {
			if all == nil {
				all = map[drop.Reason]IgnoredCount{}
			}
			all[verdict{refusal: refusal(why)}.reason()] = c
		}
	}
	return all
}

// typeRefusal is why an entry that is no directory is not even asked about by name; taken
// for a regular file.
func typeRefusal(mode fs.FileMode) refusal {
	switch {
	case file.Openable(mode):
		return notIgnored
	case mode&fs.ModeSymlink != 0:
		return isLink
	}
	return isOtherType
}

// Surveyed is what a walk through a folder found.
type Surveyed struct {
	Dirs      int // that are entered, the folder itself included
	Files     int // that no rule ignores
	Ignored   int
	IgnoredBy map[drop.Reason]IgnoredCount // by rule
}

// Survey walks through one of the folders by its rules and opens no file. step is called
// before each directory; an error of it ends the walk and is returned. What cannot be
// listed is passed over, unless it is the folder itself.
func Survey(folders []Folder, path string, step func() error) (found Surveyed, err error) {
	f, ok := owner(folders, filepath.Clean(path))
	if !ok {
		return found, fs.ErrNotExist
	}
	r := compile(f, folders)
	var left tally
	stack := []string{r.root}
	for len(stack) > 0 {
		dir := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if err := step(); err != nil {
			return found, err
		}
		err := eachEntry(dir, func(e fs.DirEntry) {
			at := join(dir, e.Name())
			if e.IsDir() {
				why := r.dir(at, e.Name()).refusal
				if why == notIgnored && isMarked(e) {
					why = isHidden
				}
				if why != notIgnored {
					left.add(why, true)
				} else {
					stack = append(stack, at)
				}
				return
			}
			why := typeRefusal(e.Type())
			if why == notIgnored {
				why = r.file(at, e.Name()).refusal
			}
			if why == notIgnored && isMarked(e) {
				why = isHidden
			}
			if why == notIgnored {
				found.Files++
			} else {
				left.add(why, false)
			}
		})
		if err != nil && dir == r.root {
			return found, err
		}
		found.Dirs++
	}
	found.Ignored, found.IgnoredBy = left.total(), left.byRule()
	return found, nil
}

// isMarked reports whether an entry of a directory is file.Hidden.
func isMarked(e fs.DirEntry) bool {
	if !file.MarksHidden {
		return false // without asking the disk
	}
	info, err := e.Info()
	return err == nil && file.Hidden(info)
}

// eachEntry lists a directory piece by piece.
func eachEntry(dir string, do func(fs.DirEntry)) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close() // it was only read
	for {
		entries, err := d.ReadDir(chunk)
		for _, e := range entries {
			do(e)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// countSoon has what is ignored counted again soon, since a rule refused something new. The
// next scan counts it; where one is quick it comes early, and takes a hundredth of the time
// at most. Hidden entries and the files that programs make for themselves all the time are left
// to the scan that comes anyway.
func (r *run) countSoon(why refusal, dir bool, now time.Time) {
	if why != isHidden && (why != isBuiltIn || dir) {
		r.scanBy(now.Add(clamp(100*r.scanTook, 15*time.Second, 10*time.Minute)))
	}
}

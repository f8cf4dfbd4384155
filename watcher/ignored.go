package watcher

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"scenario-drop/file"
)

// IgnoredCount is how many entries a rule leaves out. What is in a directory that is not
// entered is not counted.
type IgnoredCount struct {
	Files   int `json:"files"`
	Folders int `json:"folders"`
}

// Names of the rules that leave something out, as in Explanation.Rule. They are stable.
const (
	RuleBuiltIn      = "built-in"        // temporary files, caches and the like
	RuleHidden       = "hidden"          // its name begins with a dot, or the system marks it as hidden
	RuleExclude      = "exclude"         // an exclude pattern matches
	RuleInclude      = "include"         // no include pattern matches
	RuleOptional     = "unless-included" // a sidecar, shortcut, program or script that no include pattern names
	RuleNoAsset      = "no-asset"        // its name says that it is a program, a script, a sheet …, and the folder is for assets
	RuleInnerFolder  = "inner-folder"    // it is a watch folder of its own
	RuleSkip         = "skip"            // finished files are moved there
	RuleNotRecursive = "not-recursive"   // the watch folder is not recursive
	RuleTooDeep      = "too-deep"        // more than MaxDepth folders below the watch folder
	RuleLink         = "link"            // links are not followed
	RuleType         = "type"            // neither a file nor a folder
	RuleNoFolder     = "no-folder"       // no watch folder contains it
)

// tally counts what is left out, by the rule.
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

// byRule is the tally by the rules' names; nil if nothing is left out.
func (t *tally) byRule() map[string]IgnoredCount {
	var all map[string]IgnoredCount
	for why, c := range t {
		if c != (IgnoredCount{}) {
			if all == nil {
				all = map[string]IgnoredCount{}
			}
			all[verdict{refusal: refusal(why)}.name()] = c
		}
	}
	return all
}

// typeRefusal is why an entry that is no directory is not even asked about by name; taken
// for a regular file.
func typeRefusal(mode fs.FileMode) refusal {
	switch {
	case file.Openable(mode):
		return taken
	case mode&fs.ModeSymlink != 0:
		return isLink
	}
	return isOtherType
}

// Surveyed is what a walk through a folder found.
type Surveyed struct {
	Dirs      int // that are entered, the folder itself included
	Files     int // that no rule leaves out
	Ignored   int
	IgnoredBy map[string]IgnoredCount // by rule
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
				if why == taken && isMarked(e) {
					why = isHidden
				}
				if why != taken {
					left.add(why, true)
				} else {
					stack = append(stack, at)
				}
				return
			}
			why := typeRefusal(e.Type())
			if why == taken {
				why = r.file(at, e.Name()).refusal
			}
			if why == taken && isMarked(e) {
				why = isHidden
			}
			if why == taken {
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

// countSoon has what is left out counted again soon, since a rule refused something new. The
// next scan counts it; where one is quick it comes early, and takes a hundredth of the time
// at most. Hidden entries and the files that programs make for themselves all the time are left
// to the scan that comes anyway.
func (r *run) countSoon(why refusal, dir bool, now time.Time) {
	if why != isHidden && (why != isJunk || dir) {
		r.scanBy(now.Add(clamp(100*r.scanTook, 15*time.Second, 10*time.Minute)))
	}
}

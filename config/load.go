package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"scenario-drop/file"
)

// maxFile bounds what is read as a config, in bytes: a wrong path should not fill the
// memory.
const maxFile = 1 << 20

// Loader is how a config is loaded. The zero value is right for the daemon. A Loader
// is not changed by its methods and may be used by several goroutines.
type Loader struct {
	// SkipCredentials leaves Scenario.Credentials empty, and a missing key is no
	// problem: for commands that do not talk to Scenario.
	SkipCredentials bool

	// SkipFolders does not check the watch folders on disk, so that a drive which is
	// off today is no problem: for commands that only read the ledger.
	SkipFolders bool

	// ForAService checks a config that a service reads, perhaps in another account: what may
	// differ there (a key in the environment or the keychain, what others may change) is no problem.
	ForAService bool

	Getenv   func(name string) string             // nil: os.Getenv
	Keychain func(account string) (string, error) // of KeychainService; nil: the OS keychain. It may block
	out      *bool                                // by Follow: set where a file could not be read for want of descriptors
	kept     *Config                              // by Follow: what is in force, if a file with secrets is away
	Debounce time.Duration                        // of Follow: how long nothing must change after an event; 0: 200 ms
	Reread   time.Duration                        // of Follow: the poll without events; 0: 10 s
	Reload   <-chan struct{}                      // of Follow: orders to check once; nil: none
}

// Load reads the config at path with the zero Loader.
func Load(path string) (*Config, error) { return Loader{}.Load(path) }

// Load reads, completes and checks the config at path. Its error is always Problems,
// all of them at once; the Config is nil then. It may take a few seconds where only
// the OS keychain could have the credentials and does not answer.
func (l Loader) Load(path string) (*Config, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, unreadable(path, absolute, err)
	}
	content, err := readFile(absolute)
	if err != nil {
		l.noteOut(file.OutOfDescriptors(err))
		return nil, unreadable(path, absolute, err)
	}
	return l.parse(path, absolute, content)
}

func (l Loader) noteOut(out bool) {
	if out && l.out != nil {
		*l.out = true
	}
}

// parse is Load for the content of the file at absolute, shown as name.
func (l Loader) parse(name, absolute string, content []byte) (*Config, error) {
	s := newConfigSource(name, absolute, string(content))
	values, places, ok := s.decode()
	if !ok {
		return nil, Problems(sorted(s.problems))
	}
	top := &table{source: s, values: values, node: places.root}
	c := &Config{File: absolute, files: []string{absolute}, contents: [][]byte{content}}
	l.read(c, top)

	l.noteOut(s.out)
	redact(s.problems, s.secrets)
	redact(s.warnings, s.secrets)
	if len(s.problems) > 0 {
		return nil, Problems(sorted(s.problems))
	}
	c.Warnings = sorted(s.warnings)
	c.sum = sum(c.contents)
	c.contents = nil
	return c, nil
}

// digest tells one content of a few files from another.
type digest [sha256.Size]byte

func sum(contents [][]byte) digest {
	h := sha256.New()
	for _, content := range contents {
		fmt.Fprintf(h, "%d\n", len(content))
		h.Write(content)
	}
	return digest(h.Sum(nil))
}

func (l Loader) getenv(name string) string {
	if l.Getenv == nil {
		return os.Getenv(name)
	}
	return l.Getenv(name)
}

var (
	errNotAFile = errors.New("it is no ordinary file")
	errTooLarge = errors.New("it is far too large")
)

// readFile reads a small regular file. Anything else is not opened: reading a FIFO
// would wait for ever.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotAFile
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxFile {
		return nil, errTooLarge
	}
	return content, nil
}

// reason is an error of a file in plain words, without the path, which stands beside it.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "it does not exist"
	case file.OutOfDescriptors(err):
		return file.NoDescriptors
	case errors.Is(err, fs.ErrPermission):
		return "you have no permission to read it"
	}
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"scenario-drop/file"
	"scenario-drop/logging"
	"scenario-drop/status"
)

// newLog makes a logger of a config's [log]; the LevelVar changes its level later.
func newLog(w io.Writer, format string, level slog.Level) (*slog.Logger, *slog.LevelVar) {
	v := new(slog.LevelVar)
	v.Set(level)
	o := &slog.HandlerOptions{Level: v}
	w = plainLog{w}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o)), v
	}
	return slog.New(slog.NewTextHandler(w, o)), v
}

// plainLog is a log that commands no terminal: it escapes what slog does not.
type plainLog struct{ to io.Writer }

func (l plainLog) Write(p []byte) (int, error) {
	if _, err := io.WriteString(l.to, status.EscapeJSON(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// folded returns a log in which what fails again and again does not fill it. stop writes
// what is left.
func folded(to *slog.Logger) (log *slog.Logger, stop func()) {
	f := logging.NewFold(to.Handler(), time.Now)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.Run(ctx)
	}()
	return slog.New(f), func() {
		cancel()
		<-ended
	}
}

const (
	logFileName = "scenario-drop.log"
	logFileMost = 10 << 20 // bytes; twice that on disk, with the one before
)

// logFile is where the daemon logs when nobody keeps its stderr. When it is full it
// becomes the one before, whose place it takes. It is safe for concurrent use.
type logFile struct {
	mu   sync.Mutex
	path string
	most int64
	file *os.File
	size int64
}

// openLogFile opens or makes the log of a data directory. The directory is made if it
// is not there.
func openLogFile(dataDir string) (*logFile, error) {
	if err := file.MakeDir(dataDir, 0o700); err != nil {
		return nil, err
	}
	l := &logFile{path: filepath.Join(dataDir, logFileName), most: logFileMost}
	return l, l.open()
}

func (l *logFile) open() error {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.file, l.size = f, info.Size()
	return nil
}

func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size > 0 && l.size+int64(len(p)) > l.most {
		if err := l.turn(); err != nil {
			return 0, err
		}
	}
	n, err := l.file.Write(p)
	l.size += int64(n)
	return n, err
}

// turn begins a new file. One that cannot be renamed (somebody has it open on Windows)
// goes on growing: a log too long is better than none.
func (l *logFile) turn() error {
	if err := l.file.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		return err
	}
	renamed := os.Rename(l.path, l.path+".1")
	if err := l.open(); err != nil {
		return err
	}
	if renamed != nil {
		l.size = 0 // try again after as much again
	}
	return nil
}

// boundFile empties a file that is full, as a service manager's copy of stderr may
// be, which nobody else turns. What is no file is left alone.
func boundFile(f *os.File) {
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > logFileMost {
		_ = f.Truncate(0) // a log too long is better than none
	}
}

func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}

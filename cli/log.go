package cli

import (
	"context"
	"errors"
	"io"
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

// deduplicated returns a log in which what fails again and again does not fill it. stop writes
// what is left.
func deduplicated(to *slog.Logger) (log *slog.Logger, stop func()) {
	f := logging.NewDeduplicator(to.Handler(), time.Now)
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

// daemonLog is a logger for a daemon: deduplicated, and written beside its work, which goes on
// however the writing goes. stop writes what is left.
func daemonLog(to io.Writer, format string, level slog.Level) (log *slog.Logger, v *slog.LevelVar, stop func()) {
	var q *logging.Queue
	q = logging.NewQueue(to, func(lost int64) {
		log, _ := newLog(q, format, slog.LevelWarn)
		log.Warn("lines of the log were lost: it could not be written, or not fast enough", "lines", lost)
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		q.Run(ctx)
	}()
	log, v = newLog(q, format, level)
	log, flush := deduplicated(log)
	return log, v, func() {
		flush()
		cancel()
		<-ended
	}
}

const (
	logFileName = "scenario-drop.log"
	maxLogFile  = 10 << 20 // bytes; twice that on disk, with the one before
)

// logFile is where the daemon logs when nobody keeps its stderr. When it is full it
// becomes the one before, whose place it takes. It is safe for concurrent use.
type logFile struct {
	mu    sync.Mutex
	path  string
	limit int64
	file  *os.File
	size  int64
}

// newLogFile is the log of a data directory. It is opened, and made with its directory, by
// the first line that can be written.
func newLogFile(dataDir string) *logFile {
	return &logFile{path: filepath.Join(dataDir, logFileName), limit: maxLogFile}
}

func (l *logFile) open() error {
	if err := file.MakeDir(filepath.Dir(l.path), 0o700); err != nil {
		return err
	}
	f, err := file.OpenOwn(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
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
	if l.file == nil {
		if err := l.open(); err != nil {
			return 0, err
		}
	}
	if l.size > 0 && l.size+int64(len(p)) > l.limit {
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
	_ = l.file.Close() // whether its last lines are safe changes nothing
	l.file = nil
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
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > maxLogFile {
		_ = f.Truncate(0) // a log too long is better than none
	}
}

func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

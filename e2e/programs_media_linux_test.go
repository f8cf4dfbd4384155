//go:build programs

package e2e

import (
	"path/filepath"
	"strings"
)

// ffmpeg makes a moving test picture with a tone, of so many seconds.
func ffmpeg(w *worker, seconds string, args ...string) {
	w.Helper()
	w.run("ffmpeg", append([]string{"-hide_banner", "-loglevel", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25",
		"-f", "lavfi", "-i", "sine=frequency=440", "-t", seconds}, args...)...)
}

func mediaJobs() []programJob {
	return []programJob{
		{name: "FFmpeg writes MP4, MOV, WebM, MKV and AVI", needs: []string{"ffmpeg"}, arrive: []string{"a.mp4", "fast.mp4", "a.mov", "a.webm", "a.mkv", "a.avi"},
			work: func(w *worker) {
				ffmpeg(w, "8", "a.mp4")
				ffmpeg(w, "8", "-movflags", "+faststart", "fast.mp4")
				ffmpeg(w, "3", "a.mov")
				ffmpeg(w, "2", "-deadline", "realtime", "-cpu-used", "8", "a.webm")
				ffmpeg(w, "3", "a.mkv")
				ffmpeg(w, "3", "a.avi")
			}},
		{name: "FFmpeg writes seven kinds of sound", needs: []string{"ffmpeg"},
			arrive: []string{"a.wav", "a.flac", "a.mp3", "a.ogg", "a.opus", "a.m4a", "a.aiff"},
			work: func(w *worker) {
				for _, ext := range []string{"wav", "flac", "mp3", "ogg", "opus", "m4a", "aiff"} {
					ffmpeg(w, "4", "-vn", "a."+ext)
				}
			}},
		{name: "FFmpeg encodes in two passes", needs: []string{"ffmpeg"}, arrive: []string{"two.mp4"},
			work: func(w *worker) {
				ffmpeg(w, "5", "-an", "-c:v", "libx264", "-b:v", "300k", "-pass", "1", "-f", "null", "/dev/null")
				ffmpeg(w, "5", "-an", "-c:v", "libx264", "-b:v", "300k", "-pass", "2", "two.mp4")
			}},
		{name: "FFmpeg writes a sequence of 40 pictures", needs: []string{"ffmpeg"}, arrive: []string{"f-001.png", "f-040.png"}, versions: true,
			work: func(w *worker) {
				ffmpeg(w, "1.6", "-an", "f-%03d.png")
				w.noteAll("f-*.png")
			}},
		{name: "FFmpeg streams DASH while it encodes", needs: []string{"ffmpeg"}, versions: true,
			work: func(w *worker) {
				ffmpeg(w, "6", "-an", "-c:v", "libx264", "-g", "25", "-f", "dash", "-seg_duration", "1", "live.mpd")
				w.noteAll("*")
			}},
	}
}

// noteAll remembers every file of that pattern as one that was saved whole.
func (w *worker) noteAll(pattern string) {
	all, err := filepath.Glob(w.in(pattern))
	if err != nil || len(all) == 0 {
		w.Fatalf("no files %s: %v", pattern, err)
	}
	for _, path := range all {
		if name := filepath.Base(path); !strings.HasPrefix(name, ".") {
			w.note(name)
		}
	}
}

//go:build programs

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"time"
)

// web serves a picture of 8 MB in pieces, slowly, with ranges.
func web(w *worker) (address string, picture []byte) {
	picture = paddedPNG(8 << 20)
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/picture") {
			http.NotFound(out, r)
			return
		}
		out.Header().Set("Content-Type", "image/png")
		out.Header().Set("Content-Disposition", "attachment")
		out.Header().Set("ETag", `"one"`)
		http.ServeContent(out, r, "picture.png", time.Unix(1_700_000_000, 0), slow{bytes.NewReader(picture)})
	}))
	w.Cleanup(server.Close)
	return server.URL + "/picture.png", picture
}

// slow is a file that comes at some 4 MB/s.
type slow struct{ *bytes.Reader }

func (s slow) Read(p []byte) (int, error) {
	time.Sleep(8 * time.Millisecond)
	return s.Reader.Read(p[:min(len(p), 32<<10)])
}

// paddedPNG is a PNG of one pixel with noise in a chunk that viewers skip.
func paddedPNG(n int) []byte {
	const pixel = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q"
	b := append([]byte(pixel), byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	b = append(append(b, "noIs"...), noise(n, 5)...)
	return append(b, "\x00\x00\x00\x00\x00\x00\x00\x00IEND\xaeB`\x82"...)
}

// reached reports whether a file, by any of these names, has come to so many bytes on the disk.
func (w *worker) reached(bytes int64, names ...string) func() bool {
	return func() bool {
		for _, name := range names {
			var stat syscall.Stat_t
			if syscall.Stat(w.in(name), &stat) == nil && stat.Blocks*512 >= bytes {
				return true
			}
		}
		return false
	}
}

func transferJobs() []programJob {
	return []programJob{
		{name: "curl downloads", needs: []string{"curl"}, arrive: []string{"picture.png"},
			work: func(w *worker) {
				address, _ := web(w)
				w.run("curl", "-s", "-O", address)
			}},
		{name: "curl is killed, and resumes after a while", needs: []string{"curl"}, arrive: []string{"picture.png"},
			work: func(w *worker) {
				address, _ := web(w)
				w.stopped(os.Kill, w.reached(1<<20, "picture.png"), "curl", "-s", "-O", address)
				w.pauses("picture.png")
				w.run("curl", "-s", "-C", "-", "-O", address)
			}},
		{name: "aria2 downloads in four segments", needs: []string{"aria2c"}, arrive: []string{"picture.png"},
			work: func(w *worker) {
				address, _ := web(w)
				w.run("aria2c", "-q", "-s4", "-x4", "-k1M", address)
			}},
		{name: "aria2 is killed, and resumes after a while", needs: []string{"aria2c"}, arrive: []string{"picture.png"},
			work: func(w *worker) {
				address, _ := web(w)
				w.stopped(os.Interrupt, w.reached(2<<20, "picture.png"), "aria2c", "-q", "-s4", "-x4", "-k1M", "--file-allocation=falloc", address)
				w.pauses("picture.png")
				w.run("aria2c", "-q", "-s4", "-x4", "-k1M", "-c", address)
			}},
		{name: "rsync copies", needs: []string{"rsync"}, arrive: []string{"copy.png", "other.bin.png"},
			work: func(w *worker) {
				w.put("copy.png", paddedPNG(3<<20))
				w.put("other.bin.png", paddedPNG(2<<20))
				w.run("rsync", "-a", w.outside("copy.png"), w.outside("other.bin.png"), w.dir+"/")
			}},
		{name: "rsync -P is killed, and resumes after a while", needs: []string{"rsync"}, arrive: []string{"copy.png"},
			work: func(w *worker) {
				w.put("copy.png", paddedPNG(8<<20))
				w.stopped(syscall.SIGTERM, func() bool { return len(w.hidden()) > 0 }, "rsync", "-aP", "--bwlimit=4M", w.outside("copy.png"), w.dir+"/")
				w.pauses("copy.png")
				w.run("rsync", "-aP", w.outside("copy.png"), w.dir+"/")
			}},
		{name: "rsync --inplace copies slowly", needs: []string{"rsync"}, arrive: []string{"copy.png"},
			work: func(w *worker) {
				w.put("copy.png", paddedPNG(8<<20))
				w.run("rsync", "-a", "--inplace", "--bwlimit=4M", w.outside("copy.png"), w.dir+"/")
			}},
		{name: "cp, mv and unzip bring pictures", needs: []string{"cp", "mv", "unzip", "zip"}, arrive: []string{"cp.png", "mv.png", "z1.png", "z2.png"},
			work: func(w *worker) {
				for i, name := range []string{"cp.png", "mv.png", "z1.png", "z2.png"} {
					w.put(name, paddedPNG(1<<20+i))
				}
				w.run("zip", "-q", "-j", w.outside("z.zip"), w.outside("z1.png"), w.outside("z2.png"))
				w.run("cp", w.outside("cp.png"), "cp.png")
				w.run("mv", w.outside("mv.png"), "mv.png")
				w.run("unzip", "-q", w.outside("z.zip"))
			}},
		{name: "git clones a repository whose pictures are in Git LFS, then pulls them", needs: []string{"git", "git-lfs"}, arrive: []string{"art/hero.png"},
			work: func(w *worker) {
				w.put("hero.png", paddedPNG(1<<20))
				w.run("sh", "-ec", `
					export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
					git lfs install >/dev/null
					git init -q --bare "$1/remote.git"
					git init -q "$1/work" && cd "$1/work"
					git lfs track '*.png' >/dev/null
					cp "$1/hero.png" . && git add . && git commit -q -m one
					git remote add origin "file://$1/remote.git" && git push -q origin HEAD:refs/heads/main
					git -C "$1/remote.git" symbolic-ref HEAD refs/heads/main
					cd "$2" && GIT_LFS_SKIP_SMUDGE=1 git clone -q "file://$1/remote.git" art`, "sh", w.away, w.dir)
				w.pauses("art/hero.png")
				w.run("sh", "-ec", `cd "$1/art" && git lfs pull`, "sh", w.dir)
			}},
		{name: "Chromium downloads", needs: []string{"chromedriver", "chromium"}, arrive: []string{"picture.png"},
			work: func(w *worker) {
				address, _ := web(w)
				browse(w, address)
			}},
	}
}

// put writes a file outside of the watch folder.
func (w *worker) put(name string, data []byte) {
	if err := os.WriteFile(w.outside(name), data, 0o600); err != nil {
		w.Fatal(err)
	}
}

// hidden are the names in the watch folder that begin with a dot.
func (w *worker) hidden() (names []string) {
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		w.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names
}

// pauses waits until the daemon has said that a file needs somebody, or does not count it:
// so long that what is half there would have been sent.
func (w *worker) pauses(name string) {
	w.Helper()
	time.Sleep(15 * time.Second) // nothing happens meanwhile: that is what is tried
	if w.holds(w.sum(name)) {
		w.Errorf("%s was sent half-way", name)
	}
}

// browse lets a browser download, by the WebDriver protocol (W3C).
func browse(w *worker, address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	driver := w.command("chromedriver", "--port="+port)
	driver.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := driver.Start(); err != nil {
		w.Fatal(err)
	}
	defer driver.Wait() // it is ended below
	defer syscall.Kill(-driver.Process.Pid, syscall.SIGKILL)
	base := "http://127.0.0.1:" + port
	until(w, "the driver answers", func() bool {
		r, err := http.Get(base + "/status")
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK
	}, func() string { return "" })
	post := func(path string, body any) (answer struct{ Value struct{ SessionID string } }) {
		b, err := json.Marshal(body)
		if err != nil {
			w.Fatal(err)
		}
		r, err := http.Post(base+path, "application/json", bytes.NewReader(b))
		if err != nil {
			w.Fatal(err)
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			w.Fatalf("%s: %s %v\n%s", path, r.Status, err, text)
		}
		json.Unmarshal(text, &answer) // other answers have no session
		return answer
	}
	type object = map[string]any
	session := post("/session", object{"capabilities": object{"alwaysMatch": object{"browserName": "chrome", "goog:chromeOptions": object{
		"args": []string{"--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--user-data-dir=" + w.outside("browser")},
		"prefs": object{"download.default_directory": w.dir, "download.prompt_for_download": false},
	}}}})
	post("/session/"+session.Value.SessionID+"/url", object{"url": address})
	until(w, "the browser has downloaded", func() bool { _, err := os.Stat(w.in("picture.png")); return err == nil }, func() string { return listing(w) })
}

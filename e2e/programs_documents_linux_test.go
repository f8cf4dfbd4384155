//go:build programs

package e2e

import (
	"bufio"
	"io"
	"os"
	"strings"
	"syscall"
)

// keepsOpen is a LibreOffice script that saves a drawing three times, each after a line has
// come, and keeps it open until another one comes. It runs in the system's Python, which has the bridge.
const keepsOpen = `
import sys, time, uno
from com.sun.star.beans import PropertyValue
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext('com.sun.star.bridge.UnoUrlResolver', local)
for attempt in range(600):
    try:
        context = resolver.resolve('uno:pipe,name=' + sys.argv[1] + ';urp;StarOffice.ComponentContext')
        break
    except Exception:
        time.sleep(0.1)
desktop = context.ServiceManager.createInstanceWithContext('com.sun.star.frame.Desktop', context)
document = desktop.loadComponentFromURL('private:factory/sdraw', '_blank', 0, ())
document.storeAsURL('file://' + sys.argv[2], ())
for n in range(3):
    print('saved', flush=True)
    sys.stdin.readline()
    if n < 2:
        document.DrawPages.insertNewByIndex(n)
        document.store()
document.close(True)
desktop.terminate()
`

func documentJobs() []programJob {
	return []programJob{
		{name: "LibreOffice converts a drawing to PDF and SVG", needs: []string{"soffice"}, arrive: []string{"drawing.pdf", "drawing.svg"},
			work: func(w *worker) {
				source := w.outside("drawing.fodg")
				text := `<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.graphics"><office:body><office:drawing><draw:page/></office:drawing></office:body></office:document>`
				if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
					w.Fatal(err)
				}
				for _, to := range []string{"pdf", "svg"} {
					w.run("soffice", "-env:UserInstallation=file://"+w.outside("office"), "--headless", "--convert-to", to, "--outdir", w.dir, source)
				}
			}},
		{name: "LibreOffice Draw saves three times and keeps the document open", needs: []string{"soffice", "/usr/bin/python3"},
			arrive: []string{"drawing.odg"}, versions: true,
			work: func(w *worker) {
				office := w.command("soffice", "-env:UserInstallation=file://"+w.outside("office"), "--headless", "--norestore", "--accept=pipe,name=scenariodroptest;urp;")
				office.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it starts others
				if err := office.Start(); err != nil {
					w.Fatal(err)
				}
				defer office.Wait() // it is ended below
				defer syscall.Kill(-office.Process.Pid, syscall.SIGKILL)
				script := w.command("/usr/bin/python3", "-c", keepsOpen, "scenariodroptest", w.in("drawing.odg"))
				in, err := script.StdinPipe()
				if err != nil {
					w.Fatal(err)
				}
				var out strings.Builder
				script.Stderr = &out
				lines, err := script.StdoutPipe()
				if err != nil {
					w.Fatal(err)
				}
				if err := script.Start(); err != nil {
					w.Fatal(err)
				}
				defer script.Wait()         // it has ended by then, or the test has failed
				defer script.Process.Kill() // the same
				for saved, n := bufio.NewScanner(lines), 0; n < 3; n++ {
					if n > 0 {
						io.WriteString(in, "\n") // what comes of it is read below
					}
					if !saved.Scan() {
						w.Fatalf("after %d saves: %v: %s", n, saved.Err(), out.String())
					}
					w.note("drawing.odg")
				}
				until(w, "the open drawing is sent", func() bool { return w.holds(w.sum("drawing.odg")) }, w.daemon.output)
				in.Close() // the document is closed now
			}},
	}
}

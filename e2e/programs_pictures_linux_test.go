//go:build programs

package e2e

import (
	"fmt"
	"os"
	"strings"
)

// gimp runs Script-Fu on a photograph of that size with Exif data, which GIMP writes into
// what it exports in a second pass. Each FILE in the script is one of the names.
func gimp(size string, script string, names ...string) func(w *worker) {
	return func(w *worker) {
		photo := w.outside("photo.jpg")
		w.run("convert", "-seed", "7", "-size", size, "plasma:fractal", photo)
		w.run("exiftool", "-q", "-overwrite_original", "-Artist=Ada", "-Make=Camera", "-DateTimeOriginal=2026:01:01 00:00:00", photo)
		for _, name := range names {
			script = strings.Replace(script, "FILE", fmt.Sprintf("%q %q", w.in(name), name), 1)
		}
		w.run("gimp-console", "-i", "-d", "-f", "-b", fmt.Sprintf(`(let* ((img (car (gimp-file-load RUN-NONINTERACTIVE %q %q)))
			(layer (car (gimp-image-get-active-layer img))))
			%s)`, photo, photo, script), "-b", "(gimp-quit 0)")
	}
}

func pictureJobs() []programJob {
	return []programJob{
		{name: "GIMP exports a JPEG of 35 megapixels", needs: []string{"gimp-console", "convert", "exiftool"}, arrive: []string{"plasma.jpg"},
			work: gimp("7000x5000", `(file-jpeg-save RUN-NONINTERACTIVE img layer FILE 0.95 0 1 0 "" 0 1 0 2)`, "plasma.jpg")},
		{name: "GIMP exports a PNG of 35 megapixels", needs: []string{"gimp-console", "convert", "exiftool"}, arrive: []string{"plasma.png"},
			work: gimp("7000x5000", `(file-png-save RUN-NONINTERACTIVE img layer FILE 0 3 1 1 1 1 1)`, "plasma.png")},
		{name: "GIMP exports a PNG of 35 megapixels into a folder that moves", needs: []string{"gimp-console", "convert", "exiftool"}, arrive: []string{"plasma.png"},
			keys: "after_upload = 'move'\n",
			work: gimp("7000x5000", `(file-png-save RUN-NONINTERACTIVE img layer FILE 0 3 1 1 1 1 1)`, "plasma.png")},
		{name: "GIMP exports PNG, TIFF and WebP, and saves XCF", needs: []string{"gimp-console", "convert", "exiftool"},
			arrive: []string{"small.png", "small.tif", "small.webp", "small.xcf"},
			work: gimp("800x600", `
				(file-png-save RUN-NONINTERACTIVE img layer FILE 0 9 1 1 1 1 1)
				(file-tiff-save RUN-NONINTERACTIVE img layer FILE 1)
				(file-webp-save RUN-NONINTERACTIVE img layer FILE 0 0 90 90 0 0 0 0 0 0 0 0 0)
				(gimp-xcf-save RUN-NONINTERACTIVE img layer FILE)`, "small.png", "small.tif", "small.webp", "small.xcf")},
		{name: "darktable exports a JPEG and a PNG", needs: []string{"darktable-cli", "convert"}, arrive: []string{"developed.jpg", "developed.png"},
			work: func(w *worker) {
				raw := w.outside("raw.png")
				w.run("convert", "-size", "3000x2000", "plasma:fractal", raw)
				for _, name := range []string{"developed.jpg", "developed.png"} {
					w.run("darktable-cli", raw, w.in(name), "--core", "--configdir", w.outside("darktable"), "--library", ":memory:")
				}
			}},
		{name: "ImageMagick writes nine formats", needs: []string{"convert"},
			arrive: []string{"a.bmp", "a.tga", "a.gif", "a.jpg", "a.png", "a.psd", "a.tif", "a.webp", "a.dds"},
			work: func(w *worker) {
				w.run("convert", "-seed", "7", "-size", "640x480", "plasma:fractal", w.outside("a.miff"))
				for _, ext := range []string{"bmp", "tga", "gif", "jpg", "png", "psd", "tif", "webp", "dds"} {
					w.run("convert", w.outside("a.miff"), w.in("a."+ext))
				}
			}},
		{name: "ImageMagick mogrify -resize rewrites a picture in place", needs: []string{"convert", "mogrify"}, arrive: []string{"a.png"}, versions: true,
			work: func(w *worker) {
				w.run("convert", "-size", "1200x900", "plasma:fractal", w.in("a.png"))
				w.note("a.png")
				w.run("mogrify", "-resize", "50%", w.in("a.png"))
			}},
		{name: "Inkscape exports a PNG and saves a plain SVG", needs: []string{"inkscape"}, arrive: []string{"out.png", "plain.svg"},
			work: func(w *worker) {
				source := w.outside("source.svg")
				if err := os.WriteFile(source, []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><circle cx="200" cy="200" r="150" fill="tomato"/></svg>`), 0o600); err != nil {
					w.Fatal(err)
				}
				w.run("inkscape", source, "--export-type=png", "--export-filename="+w.in("out.png"))
				w.run("inkscape", source, "--export-plain-svg", "--export-filename="+w.in("plain.svg"))
			}},
		{name: "Krita converts a picture into a document", needs: []string{"xvfb-run", "krita", "convert"}, arrive: []string{"painting.kra"},
			work: func(w *worker) {
				w.run("convert", "-size", "800x600", "plasma:fractal", w.outside("a.png"))
				w.run("xvfb-run", "-a", "env", "-u", "QT_QPA_PLATFORM", "krita", w.outside("a.png"), "--export", "--export-filename", w.in("painting.kra"))
			}},
		{name: "ExifTool writes metadata into pictures that are there", needs: []string{"exiftool", "convert"},
			arrive: []string{"a.jpg", "b.png"}, versions: true,
			work: func(w *worker) {
				for _, name := range []string{"a.jpg", "b.png"} {
					w.run("convert", "-size", "900x700", "plasma:fractal", w.in(name))
					w.note(name)
				}
				w.run("exiftool", "-Artist=Ada", "-Copyright=Studio", w.in("a.jpg"), w.in("b.png"))
			}},
		{name: "ExifTool writes a sidecar and a copy", needs: []string{"exiftool", "convert"}, arrive: []string{"copy.jpg"},
			work: func(w *worker) {
				w.run("convert", "-size", "900x700", "plasma:fractal", w.outside("a.jpg"))
				w.run("exiftool", "-Artist=Ada", "-o", w.in("copy.jpg"), w.outside("a.jpg"))
				w.run("exiftool", "-Artist=Ada", "-o", w.in("copy.xmp"), w.outside("a.jpg"))
			}},
	}
}

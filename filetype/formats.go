package filetype

import "slices"

// family is what a format is, whether Scenario takes it as such or not.
type family string

const (
	picture  family = "image"
	sound    family = "audio"
	movie    family = "video"
	shape    family = "3d"
	weights  family = "model"
	writing  family = "text"
	document family = "document" // a program's own project file, an office document
	archive  family = "archive"  // may hold anything
	data     family = "data"     // what a program keeps for itself, or a part of something

	// What nobody would call an asset.
	program  family = "program"
	software family = "software package"
	disk     family = "disk image"
	script   family = "script"
	source   family = "source text"
	sheet    family = "sheet"
	database family = "database"
	mail     family = "mail"
	secret   family = "secret"
)

// noAsset reports whether a folder of kind "auto" leaves a format of the family at home.
func (f family) noAsset() bool {
	switch f {
	case program, software, disk, script, source, sheet, database, mail, secret:
		return true
	}
	return false
}

// format is one row of the table.
type format struct {
	name   string // as an artist knows it
	mime   string
	exts   []string
	kind   string // the kind for "auto"; "": Scenario's documents name it for none
	family family
	text   bool // its content is text
	either bool // its content may be text, or not
	vague  bool // its content does not tell it from others: a name may
	inside []string
}

// contains reports whether g's content looks like f's, so that only a name tells them
// apart.
func (f format) contains(g format) bool { return slices.Contains(f.inside, g.name) }

// isProse reports whether a format is text for people, which may begin like anything.
func (f format) isProse() bool {
	return f.family == writing && (f.name == "text" || f.name == "Markdown")
}

// table has every row, and finds it by its name, by an extension and, the first of them, by a
// MIME type. Nothing changes it.
var table = func() (t struct {
	rows                  []format
	byName, byExt, byMIME map[string]*format
}) {
	t.rows = slices.Concat(formats(), documentFormats(), otherFormats())
	t.byName, t.byExt, t.byMIME = map[string]*format{}, map[string]*format{}, map[string]*format{}
	for i := range t.rows {
		f := &t.rows[i]
		t.byName[f.name] = f
		for _, ext := range f.exts {
			t.byExt[ext] = f
		}
		if _, before := t.byMIME[f.mime]; !before && f.mime != unknownMIME {
			t.byMIME[f.mime] = f
		}
	}
	return t
}()

func find(in map[string]*format, key string) (f format, ok bool) {
	if found := in[key]; found != nil {
		return *found, true
	}
	return format{}, false
}

func byExt(ext string) (format, bool)   { return find(table.byExt, ext) }
func byMIME(mime string) (format, bool) { return find(table.byMIME, canonical(mime)) }

// canonical turns mimetype's names into the ones used here.
func canonical(mime string) string {
	switch mime {
	case "image/apng", "image/vnd.mozilla.apng":
		return "image/png"
	case "image/heic-sequence":
		return "image/heic"
	case "image/heif-sequence":
		return "image/heif"
	case "audio/x-m4a":
		return "audio/mp4"
	case "video/x-m4v", "video/3gpp", "video/3gpp2", "audio/3gpp":
		return "video/mp4"
	case "application/ogg":
		return "audio/ogg"
	case "text/xml":
		return "application/xml"
	case "application/x-object", "application/x-executable", "application/x-sharedlib", "application/x-coredump":
		return "application/x-elf"
	case "application/x-installshield", "application/vnd.ms-cab-compressed":
		return "application/x-ms-installer"
	case "application/vnd.oasis.opendocument.spreadsheet-template", "application/vnd.sun.xml.calc":
		return "application/vnd.oasis.opendocument.spreadsheet"
	case "application/fits":
		return "image/fits"
	case "image/jpx", "image/jpm":
		return "image/jp2"
	case "application/geo+json", "application/vnd.cyclonedx+json":
		return "application/json"
	}
	return mime
}

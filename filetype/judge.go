package filetype

import (
	"path"
	"strings"

	"scenario-drop/drop"
)

// Revision is raised when files are judged in another way than before, so that what was held or
// ignored by that is judged again.
const Revision = 2

// Verdict is what becomes of a file by what it is.
type Verdict int

// What becomes of a file by what it is.
const (
	Send   Verdict = iota
	Hold           // it is of another kind than its folder takes: a person decides
	Ignore         // nobody would call it an asset
)

// Rule is what a folder's settings, and a person, say of what its files are.
type Rule struct {
	Kind       string // of the folder, or "auto"
	SendOthers bool   // other_kinds = "send"
	Included   bool   // an include pattern names the file
	Forced     bool   // a person asked that it be sent as it is
}

// Judge says what becomes of a file, and of what kind its upload is if it is sent.
//
//	the folder's kind     the file                                        verdict
//	asset                 any                                             Send as asset
//	auto                  Scenario's documents name its format            Send as that kind
//	auto                  a program, a script, source text, a package
//	                      of software, a disk image, a sheet, mail, a
//	                      database, a private key                         Ignore
//	auto                  … but an include pattern names it, or forced    Send as asset
//	auto                  anything else, also what is not recognised      Send as asset
//	image, avatar         an image in any format                          Send as the folder's kind
//	audio                 a sound; a container that may be one            Send as the folder's kind
//	video, 3d             a video; a 3D object                            Send as the folder's kind
//	model                 weights; a zip; binary data                     Send as the folder's kind
//	text                  text of any sort that is no image or 3D object  Send as the folder's kind
//	any of these          something else, or not recognised               Hold
//	any of these          … but other_kinds = "send", or forced           Send as in auto, never ignored
//	a kind of tomorrow    any                                             Send as the folder's kind
//
// So nothing goes as an image that is none, whoever wants it sent.
func (r Rule) Judge(t Type) (v Verdict, kind string) {
	switch {
	case r.Kind == "auto":
		if t.f.family.noAsset() && !r.Included && !r.Forced {
			return Ignore, ""
		}
		return Send, t.Kind()
	case t.fits(r.Kind):
		return Send, r.Kind
	case r.SendOthers || r.Forced:
		return Send, t.Kind()
	}
	return Hold, ""
}

// Explain says for people why a file of a name is held or ignored, and what they can do in the
// config or on the disk; "" for Send.
func (r Rule) Explain(v Verdict, name string, t Type) drop.Detail {
	switch v {
	case Hold:
		return drop.TextOtherKind.With("is", t.words(r.Kind), "takes", plural(r.Kind), "fits", t.forIt())
	case Ignore:
		return drop.TextNoAsset.With("is", withArticle(t.f.name), "name", base(name))
	}
	return ""
}

// words say what the file is, in a folder of a kind that it does not fit.
func (t Type) words(folder string) string {
	switch t.f.family {
	case picture:
		return "an image"
	case sound:
		return "a sound"
	case movie:
		return "a video"
	case shape:
		return "a 3D object"
	case weights:
		return "a model"
	case writing:
		return "a text"
	}
	switch {
	case t.f.name != "":
		return withArticle(t.f.name)
	case t.f.text:
		return "a text"
	}
	return "not recognised as " + one(folder)
}

// forIt says for which folder the file would be right.
func (t Type) forIt() string {
	switch k := t.f.family; k {
	case picture, sound, movie, shape, weights, writing:
		return "for " + plural(string(k))
	}
	return `of kind "auto" or "asset"`
}

func one(kind string) string { return withArticle(strings.TrimSuffix(plural(kind), "s")) }

// NoAsset tells by the name alone whether a file is what a folder of kind "auto" leaves at home,
// and what it is, as in "a Windows program".
func NoAsset(name string) (is string, yes bool) {
	low := strings.ToLower(base(name))
	switch low {
	case "makefile", "dockerfile", "cmakelists.txt", "jenkinsfile", "gemfile", "rakefile", "vagrantfile":
		return "a program's build file", true
	case "id_rsa", "id_ed25519", "id_ecdsa", "id_dsa":
		return "a private key", true
	}
	if _, version, ok := strings.Cut(low, ".so."); ok && strings.Trim(version, ".0123456789") == "" {
		return "a Linux program", true
	}
	if f, ok := byExt(path.Ext(low)); ok && f.family.noAsset() {
		return withArticle(f.name), true
	}
	return "", false
}

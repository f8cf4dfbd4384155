package filetype

import "strings"

// KnownExtension reports whether ext, without its dot and in any case, is an extension of
// a format in the table. Single letters are none: as patterns they are names.
func KnownExtension(ext string) bool {
	_, ok := byExt("." + strings.ToLower(ext))
	return ok && len(ext) > 1
}

package ignore

// pictureNames are what programs for painting, drawing and photographs keep for themselves.
func pictureNames() []section {
	return []section{
		{"Painting and drawing", []row{
			{"~psd*.tmp|photoshop temp|photoshop temp{n}", files, "a temporary file", "Photoshop"},
			{"*.idlk", files, "a lock", "InDesign"},
			{"*-autosave.kra|*-autosave.krz", files, "an autosave", "Krita"},
			{"*.kra~", files, "a backup", "Krita"},
			{"gimpswap.*", files, "a temporary file", "GIMP"},
			{"inkscape-autosave-*.svg", files, "an autosave", "Inkscape"},
			{"*.svg.{nnnn}_{nn}_{nn}_{nn}_{nn}_{nn}.{n}.svg", files, "an emergency save", "Inkscape"},
			{"*~lock~", files, "a lock", "Affinity"},
			{"backup_of_*.cdr|backup_of_*.cdt|backup_of_*.cpt|autobackup_of_*.cdr|autobackup_of_*.cpt", files, "a backup", "CorelDRAW"},
			{"backup of *.rif|backup of *.riff", files, "a backup", "Corel Painter"},
			{"pspbrwse.jbf|*.jbf", files, "a thumbnail cache", "Paint Shop Pro"},
			{"*.sla.autosave", files, "an autosave", "Scribus"},
		}},
		{"Photographs", []row{
			{"*.lrprev|*.lrmprev|*.lrfprev", files, "a preview", "Lightroom"},
			{"*.lrcat-data", files, "data of a catalogue", "Lightroom"},
			{"*.cop|*.cot|*.cof", files, "a preview", "Capture One"},
			{"*.comask", files, "a mask", "Capture One"},
			{"digikam4.db|thumbnails-digikam.db|similarity.db|recognition.db", files, "a database", "digiKam"},
			{"adobe bridge cache.bc|adobe bridge cache.bct|adobebridgecache.bc|adobebridgecache.bct", files, "a cache", "Adobe Bridge"},
			{"picasa.ini|.picasa.ini", files, "a settings file", "Picasa"},
			{".picasaoriginals", dirs, "a folder of backups", "Picasa"},
			{"zbthumbnail.info", files, "a thumbnail cache", "Canon's programs"},
			{"nksc_param", dirs, "a folder of sidecars", "Nikon's programs"},
			{"silkypix_ds", dirs, "a folder of sidecars", "SILKYPIX"},
			{"*.{ext}_original", files, "a backup", "exiftool"},
		}},
	}
}

package ignore

// filmNames are what programs for video keep for themselves, and what encoders leave.
func filmNames() []section {
	return []section{
		{"Video", []row{
			{"* auto-save", dirs, "a folder of autosaves", "Premiere, After Effects or another program"},
			{"* auto-save {n}.aep|* auto-save {n}.aepx", files, "an autosave", "After Effects"},
			{"*.aep logs", dirs, "a folder of logs", "After Effects"},
			{"adobe premiere pro * previews", dirs, "a cache", "Premiere"},
			{"adobe after effects disk cache*", dirs, "a cache", "After Effects"},
			{"media cache|media cache files|peak files", dirs, "a cache", "Premiere"},
			{"*.pek|*.cfa|*.mcdb", files, "a cache", "Premiere"},
			{"*.prlock", files, "a lock", "Premiere"},
			{"cacheclip|optimizedmedia", dirs, "a cache", "DaVinci Resolve"},
			{"msmmmob.mdb|msmfmid.pmr", files, "a database", "Media Composer"},
			{"ffmpeg2pass-{n}.log*|ffmpeg2pass-{n}.log", files, "the log of a first pass", "ffmpeg"},
			{"x264_2pass.log*|x265_2pass.log*|divx2pass.log*|*.mbtree|*.cutree", files, "the log of a first pass", "x264 or another encoder"},
			{"*.ffindex|*.lwi", files, "an index", "AviSynth or VapourSynth"},
			{"*.autosave.ass", files, "an autosave", "Aegisub"},
		}},
	}
}

package ignore

// soundNames are what programs for sound and music keep for themselves.
func soundNames() []section {
	return []section{
		{"Sound and music", []row{
			{"*.asd", files, "the analysis of a sound", "Ableton Live"},
			{"ableton project info", dirs, "data of a project", "Ableton Live"},
			{"*.reapeaks|*.reapindex", files, "a waveform cache", "REAPER"},
			{"*.rpp-bak", files, "a backup", "REAPER"},
			{"*.rpp-undo", files, "a history", "REAPER"},
			{"*.pkf", files, "a waveform cache", "Audition"},
			{"*.sfk|*.sfap{n}", files, "a waveform cache", "Vegas or Sound Forge"},
			{"*.gpk", files, "a waveform cache", "WaveLab"},
			{"*.peak", files, "a waveform cache", "Ardour or Cubase"},
			{"wavecache.wfm", files, "a waveform cache", "Pro Tools"},
			{"*.bak.{nnn}.ptx|*.bak.{nnn}.ptf", files, "a backup", "Pro Tools"},
			{"session file backups", dirs, "a folder of backups", "Pro Tools"},
			{"auto-backups", dirs, "a folder of backups", "Bitwig Studio"},
			{"project file backups", dirs, "a folder of backups", "Logic Pro"},
			{"*(overwritten at *).flp|*(autosaved*).flp", files, "a backup", "FL Studio"},
			{"*(autosaved).song", files, "an autosave", "Studio One"},
			{"*.aup3unsaved|*.auf", files, "data of a project", "Audacity"},
			// Audacity before version 3 keeps a sound in pieces: NAME_data/e00/d00/e0000c17.au.
			{"e{hhhhhhh}.au", files, "a piece of a sound", "Audacity"},
			{"anlz{nnnn}.dat|anlz{nnnn}.ext|anlz{nnnn}.2ex", files, "the analysis of a sound", "rekordbox"},
			{"_serato_|_serato_backup", dirs, "data", "Serato"},
		}},
	}
}

package ignore

// shapeNames are what programs for 3D, compositing, rendering and games keep for themselves.
func shapeNames() []section {
	return []section{
		{"3D", []row{
			{"*.blend{n}", files, "a backup", "Blender"},
			{"*.blend@", files, "a file being saved", "Blender"},
			{"quit.blend|*_{n}_autosave.blend|*_autosave.blend", files, "an autosave", "Blender"},
			{"*.crash.txt", files, "a crash report", "Blender"},
			{"blendcache_*|bl_proxy", dirs, "a cache", "Blender"},
			{"*.swatches", files, "a cache", "Maya"},
			{".mayaswatches", dirs, "a cache", "Maya"},
			{"incrementalsave", dirs, "a folder of autosaves", "Maya"},
			{"autosave|autosaves|auto saves", dirs, "a folder of autosaves", "Maya, ZBrush, Substance or another program"},
			{"autobackup{n}.max|maxhold.mx", files, "an autosave", "3ds Max"},
			{"*_bak{n}.hip|*_bak{n}.hipnc|*_bak{n}.hiplc|*.hip_bak{n}|*.hipnc_bak{n}|*.hiplc_bak{n}", files, "a backup", "Houdini"},
			{"crash.*.hip|crash.*.hipnc|crash.*.hiplc", files, "an emergency save", "Houdini"},
			{"quicksave", dirs, "a folder of autosaves", "ZBrush"},
			{"*.painter_lock", files, "a lock", "Substance Painter"},
			{"*_autosave.spp|*_autosave_{n}.spp|*_autosave_{n}_{n}.spp", files, "an autosave", "Substance Painter"},
			{"*.3dmbak", files, "a backup", "Rhino"},
			{"*.rhl", files, "a lock", "Rhino"},
			{"*.skb", files, "a backup", "SketchUp"},
			{"autosave_*.skp", files, "an autosave", "SketchUp"},
			{"*.dwl|*.dwl2", files, "a lock", "AutoCAD"},
			{"*.sv$|*.ac$", files, "an autosave", "AutoCAD"},
			{"*.{nnnn}.rvt|*.{nnnn}.rfa", files, "a backup", "Revit"},
			{"*.fcstd{n}|*.fcbak", files, "a backup", "FreeCAD"},
		}},
		{"Compositing, rendering and games", []row{
			{"*.autosave|*.autosave{n}", files, "an autosave", "Nuke, Natron or another program"},
			{"*.autocomp", files, "an autosave", "Fusion"},
			{"*.rstexbin|*.rstxbin", files, "a texture cache", "Redshift"},
			{"*.tiled-session", files, "a session", "Tiled"},
			{"deriveddatacache", dirs, "a cache", "Unreal Engine"},
		}},
	}
}

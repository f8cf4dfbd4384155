//go:build programs

package e2e

import "os/exec"

// blender runs a script in Blender as a Python module.
func blender(script string) func(w *worker) {
	return func(w *worker) {
		if err := exec.Command("python3", "-c", "import bpy").Run(); err != nil {
			w.Skip("Blender's Python module is not installed")
		}
		// The module crashes while Python takes it down.
		w.run("python3", "-c", "import bpy, os, sys\n"+script+"\nsys.stdout.flush()\nos._exit(0)")
	}
}

func modelJobs() []programJob {
	return []programJob{
		{name: "Blender saves a file three times", needs: []string{"python3"}, arrive: []string{"scene.blend"}, versions: true,
			work: func(w *worker) {
				blender(`
for n in range(3):
    bpy.ops.mesh.primitive_monkey_add(location=(n, 0, 0))
    bpy.ops.wm.save_as_mainfile(filepath=os.path.abspath('scene.blend'))
`)(w)
			}},
		{name: "Blender exports GLB, FBX, OBJ, STL, PLY, USDC and Alembic", needs: []string{"python3"},
			arrive: []string{"m.glb", "m.fbx", "m.obj", "m.mtl", "m.stl", "m.ply", "m.usdc", "m.abc", "textures/color_121212.hdr"},
			work: blender(`
bpy.ops.mesh.primitive_monkey_add()
bpy.ops.export_scene.gltf(filepath='m.glb')
bpy.ops.export_scene.fbx(filepath='m.fbx')
bpy.ops.wm.obj_export(filepath='m.obj')
bpy.ops.wm.stl_export(filepath='m.stl')
bpy.ops.wm.ply_export(filepath='m.ply')
bpy.ops.wm.usd_export(filepath='m.usdc')
bpy.ops.wm.alembic_export(filepath='m.abc', as_background_job=False)
`)},
		{name: "Blender renders PNG, JPEG and EXR", needs: []string{"python3"}, arrive: []string{"r.png", "r.jpg", "r.exr"},
			work: blender(`
s = bpy.context.scene
s.render.engine = 'CYCLES'
s.cycles.samples = 1
s.render.resolution_x, s.render.resolution_y = 320, 240
for kind, ext in (('PNG', 'png'), ('JPEG', 'jpg'), ('OPEN_EXR_MULTILAYER', 'exr')):
    s.render.image_settings.file_format = kind
    s.render.filepath = os.path.abspath('r.' + ext)
    bpy.ops.render.render(write_still=True)
`)},
	}
}

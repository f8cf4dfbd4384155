package whole

// modelGates are those of 3D objects, scenes, weights, documents and archives.
func modelGates() []gate {
	return []gate{
		{format: "GLB", exts: []string{".glb"}, signed: 8, check: checkGLB},
		{format: "FBX", exts: []string{".fbx"}, signed: len(fbxSignature) + 1, text: true, check: checkFBX, exact: exactFBX},
		{format: "PLY", exts: []string{".ply"}, signed: len("ply\nobj_info"), check: checkPLY, exact: exactPLY},
		{format: "VOX", exts: []string{".vox"}, signed: 8, check: checkVOX},
		{format: "BLEND", exts: []string{".blend"}, signed: 0, check: checkBLEND},
		{format: "ZIP", exts: []string{".zip", ".3mf", ".usdz", ".kra", ".ora", ".cbz", ".docx", ".xlsx", ".pptx"}, signed: 4, check: checkZIP},
		{format: "SVG", exts: []string{".svg"}, text: true, check: checkXML, exact: exactXML},
		{format: "COLLADA", exts: []string{".dae"}, text: true, check: checkXML, exact: exactXML},
		{format: "X3D", exts: []string{".x3d"}, text: true, check: checkXML, exact: exactXML},
		{format: "XML", exts: []string{".xml", ".mtlx", ".sbs", ".fcpxml", ".musicxml", ".drawio"}, text: true, check: checkXML, exact: exactXML},
		{format: "safetensors", exts: []string{".safetensors"}, text: true, check: checkSafetensors},
		{format: "glTF", exts: []string{".gltf"}, text: true, check: checkGLTF, exact: exactGLTF},
		{format: "JSON", exts: []string{".json", ".geojson"}, text: true, check: checkJSON, exact: exactJSON},
		{format: "JSON lines", exts: []string{".jsonl", ".ndjson"}, text: true, check: checkJSONLines, exact: exactJSONLines},
		{format: "USDA", exts: []string{".usda"}, signed: len("#usda 1."), text: true, check: checkUSDA, exact: exactUSDA},
		{format: "VRML", exts: []string{".wrl", ".vrml", ".x3dv"}, signed: len("#VRML V1.0 ascii"), text: true, check: checkVRML, exact: exactVRML},
		{format: "OBJ", exts: []string{".obj"}, check: checkOBJ},
		{format: "MTL", exts: []string{".mtl"}, check: checkMTL},
		{format: "STL", exts: []string{".stl"}, check: checkSTL, exact: exactSTL},
	}
}

package samples

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
)

// potion turns the outline of a flask around its axis, in flat facets with a color for
// each ring, and packs it as a GLB (glTF 2.0).
func potion() ([]byte, error) {
	const sides = 12
	outline := []struct {
		radius, height float64 // metres
		color          rgb     // of the ring from here upwards, linear
	}{
		{0.00, 0.00, rgb{40, 14, 90}},
		{0.30, 0.00, rgb{60, 20, 130}},
		{0.46, 0.14, rgb{96, 26, 170}},
		{0.52, 0.36, rgb{150, 40, 190}},
		{0.44, 0.58, rgb{214, 84, 190}},
		{0.24, 0.76, rgb{190, 214, 226}},
		{0.14, 0.88, rgb{190, 214, 226}},
		{0.14, 1.06, rgb{206, 226, 236}},
		{0.20, 1.10, rgb{206, 226, 236}},
		{0.20, 1.16, rgb{120, 70, 30}},
		{0.12, 1.16, rgb{136, 82, 38}},
		{0.11, 1.30, rgb{150, 94, 46}},
		{0.00, 1.30, rgb{}},
	}
	var m mesh
	for i, low := range outline[:len(outline)-1] {
		high := outline[i+1]
		for s := range sides {
			a, b := 2*math.Pi*float64(s)/sides, 2*math.Pi*float64(s+1)/sides
			p := func(r, h, angle float64) vec { return vec{r * math.Sin(angle), h, r * math.Cos(angle)} }
			shade := 0.92 + 0.08*float64(s%2)
			color := rgb{}.mix(low.color, shade)
			m.facet(color, p(low.radius, low.height, a), p(low.radius, low.height, b), p(high.radius, high.height, b), p(high.radius, high.height, a))
		}
	}
	return m.glb("potion")
}

type vec [3]float64

func (a vec) minus(b vec) vec { return vec{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }

func (a vec) cross(b vec) vec {
	return vec{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

func (a vec) length() float64 { return math.Sqrt(a[0]*a[0] + a[1]*a[1] + a[2]*a[2]) }

// mesh collects triangles whose corners are not shared, so that each facet is flat.
type mesh struct {
	positions, normals []float32
	colors             []byte // RGBA, four bytes a corner
	indices            []uint16
}

// facet adds a polygon of corners in counter-clockwise order; corners that coincide make
// a triangle of a quad.
func (m *mesh) facet(c rgb, corners ...vec) {
	var kept []vec
	for i, p := range corners {
		if p.minus(corners[(i+1)%len(corners)]).length() > 1e-9 {
			kept = append(kept, p)
		}
	}
	n := kept[1].minus(kept[0]).cross(kept[2].minus(kept[0]))
	l := n.length()
	first := uint16(len(m.positions) / 3)
	for i, p := range kept {
		for axis := range 3 {
			m.positions = append(m.positions, float32(p[axis]))
			m.normals = append(m.normals, float32(n[axis]/l))
		}
		m.colors = append(m.colors, level(c[0]), level(c[1]), level(c[2]), 255)
		if i >= 2 {
			m.indices = append(m.indices, first, first+uint16(i-1), first+uint16(i))
		}
	}
}

// glb packs the mesh: a header, a JSON chunk and a binary chunk (glTF 2.0, chapter 4).
func (m *mesh) glb(name string) ([]byte, error) {
	const (
		float, ubyte, ushort  = 5126, 5121, 5123
		arrayBuffer, elements = 34962, 34963
	)
	low, high := [3]float32{m.positions[0], m.positions[1], m.positions[2]}, [3]float32{m.positions[0], m.positions[1], m.positions[2]}
	for i, v := range m.positions {
		low[i%3], high[i%3] = min(low[i%3], v), max(high[i%3], v)
	}
	var (
		bin              bytes.Buffer
		views, accessors []map[string]any
	)
	add := func(data any, count, component, target int, typ string, more map[string]any) {
		from := bin.Len()
		_ = binary.Write(&bin, binary.LittleEndian, data) // cannot fail: all are of a fixed size
		views = append(views, map[string]any{"buffer": 0, "byteOffset": from, "byteLength": bin.Len() - from, "target": target})
		for bin.Len()%4 != 0 {
			bin.WriteByte(0)
		}
		a := map[string]any{"bufferView": len(views) - 1, "componentType": component, "count": count, "type": typ}
		for k, v := range more {
			a[k] = v
		}
		accessors = append(accessors, a)
	}
	corners := len(m.positions) / 3
	add(m.positions, corners, float, arrayBuffer, "VEC3", map[string]any{"min": low, "max": high})
	add(m.normals, corners, float, arrayBuffer, "VEC3", nil)
	add(m.colors, corners, ubyte, arrayBuffer, "VEC4", map[string]any{"normalized": true})
	add(m.indices, len(m.indices), ushort, elements, "SCALAR", nil)

	text, err := json.Marshal(map[string]any{
		"asset":  map[string]any{"version": "2.0", "generator": "Scenario Drop"},
		"scene":  0,
		"scenes": []any{map[string]any{"nodes": []int{0}}},
		"nodes":  []any{map[string]any{"mesh": 0, "name": name}},
		"meshes": []any{map[string]any{"name": name, "primitives": []any{map[string]any{
			"attributes": map[string]int{"POSITION": 0, "NORMAL": 1, "COLOR_0": 2}, "indices": 3, "material": 0,
		}}}},
		"materials": []any{map[string]any{"name": "glass", "pbrMetallicRoughness": map[string]any{
			"baseColorFactor": [4]float64{1, 1, 1, 1}, "metallicFactor": 0.0, "roughnessFactor": 0.45,
		}}},
		"accessors":   accessors,
		"bufferViews": views,
		"buffers":     []any{map[string]any{"byteLength": bin.Len()}},
	})
	if err != nil {
		return nil, err
	}
	for len(text)%4 != 0 {
		text = append(text, ' ')
	}
	var out bytes.Buffer
	word := func(v int) { _ = binary.Write(&out, binary.LittleEndian, uint32(v)) }
	out.WriteString("glTF")
	word(2)
	word(12 + 8 + len(text) + 8 + bin.Len())
	word(len(text))
	out.WriteString("JSON")
	out.Write(text)
	word(bin.Len())
	out.WriteString("BIN\x00")
	out.Write(bin.Bytes())
	return out.Bytes(), nil
}

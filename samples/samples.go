// Package samples makes small sample files of five kinds, for the demo: a picture, a 3D
// object, a sound, a video and a model, all drawn and encoded by this package. They are
// under the project's own licence.
//
// Made twice on one machine a sample is the same to the byte. Between processors the
// last bit of a rounding may differ.
package samples

// Sample is one sample file.
type Sample struct {
	Name string                 // file name, no path
	Kind string                 // Scenario's kind: image, 3d, audio, video or model
	Data func() ([]byte, error) // makes the file's content
}

// All returns the samples, one of each kind.
func All() []Sample {
	return []Sample{
		{Name: "evening-hills.png", Kind: "image", Data: hills},
		{Name: "potion.glb", Kind: "3d", Data: potion},
		{Name: "chime.wav", Kind: "audio", Data: chime},
		{Name: "bouncing-ball.mp4", Kind: "video", Data: ball},
		{Name: "example-lora.safetensors", Kind: "model", Data: lora},
	}
}

// Package samples makes small sample files of five kinds, for the demo: a picture, a 3D
// object, a sound, a video and a model, all drawn and encoded by this package. They are
// under the project's own licence.
//
// Made twice on one machine a sample is the same to the byte. Between processors the
// last bit of a rounding may differ.
package samples

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

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

// WriteAll writes the samples into dir, which is made when missing. Each appears under
// its name at once and whole. A file that has the name already is left as it is.
func WriteAll(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the folder for the samples: %w", err)
	}
	for _, s := range All() {
		if err := s.write(dir); err != nil {
			return fmt.Errorf("writing the sample %s: %w", s.Name, err)
		}
	}
	return nil
}

func (s Sample) write(dir string) error {
	path := filepath.Join(dir, s.Name)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	data, err := s.Data()
	if err != nil {
		return err
	}
	temp, err := writeTemp(dir, data)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

// writeTemp writes data into a new file of dir, under a name that watch folders leave
// alone.
func writeTemp(dir string, data []byte) (string, error) {
	f, err := os.CreateTemp(dir, ".sample-*.tmp")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

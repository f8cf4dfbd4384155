package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"image"
	"image/png"
	"os"
	"time"
)

// picture is a PNG of some 200 KiB that nobody has seen before.
func picture() ([]byte, error) {
	noise := image.NewNRGBA(image.Rect(0, 0, 256, 200)) // of 4 bytes each
	rand.Read(noise.Pix)
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&out, noise)
	return out.Bytes(), err
}

// save writes a file as a program does, and returns when it had closed it.
func save(name string, data []byte) (closed time.Time, err error) {
	f, err := os.Create(name)
	if err != nil {
		return closed, err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Close())
	return time.Now(), err
}

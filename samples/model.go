package samples

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
)

// lora makes a LoRA of rank 4 for one attention block, with small random weights: the
// shape of a real one, without its use.
func lora() ([]byte, error) {
	const (
		rank  = 4
		width = 320
		block = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_"
	)
	type tensor struct {
		DType   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	header := map[string]any{"__metadata__": map[string]string{
		"format":                 "pt",
		"modelspec.title":        "Example LoRA of Scenario Drop",
		"modelspec.description":  "Random weights that show what a model file looks like; it changes no picture for the better.",
		"modelspec.license":      "Apache-2.0",
		"modelspec.architecture": "stable-diffusion-v1/lora",
		"ss_network_module":      "networks.lora",
		"ss_network_dim":         fmt.Sprint(rank),
		"ss_network_alpha":       fmt.Sprint(rank),
	}}
	var (
		data   []byte
		random = rand.New(rand.NewPCG(4, 320))
	)
	for _, module := range []string{"to_k", "to_out_0", "to_q", "to_v"} {
		for _, part := range []struct {
			name  string
			shape []int
		}{{"alpha", []int{}}, {"lora_down.weight", []int{rank, width}}, {"lora_up.weight", []int{width, rank}}} {
			from, n := len(data), 1
			for _, d := range part.shape {
				n *= d
			}
			for range n {
				bits := uint16(0x4400) // 4.0 as a half-precision number, the alpha
				if len(part.shape) > 0 {
					// A random sign and fraction, and an exponent of 2⁻⁷ … 2⁻⁴.
					bits = uint16(random.Uint32())&0x83FF | uint16(8+random.IntN(4))<<10
				}
				data = binary.LittleEndian.AppendUint16(data, bits)
			}
			header[block+module+"."+part.name] = tensor{"F16", part.shape, [2]int{from, len(data)}}
		}
	}
	text, err := json.Marshal(header)
	if err != nil {
		return nil, err
	}
	text = append(text, bytes.Repeat([]byte(" "), (8-len(text)%8)%8)...) // the format aligns its data
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	return append(append(out, text...), data...), nil
}

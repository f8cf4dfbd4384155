package samples

import "math"

// H.264 in its plainest form (ISO/IEC 14496-10, Constrained Baseline): every picture
// stands alone (IDR), every macroblock holds its samples as they are (I_PCM). Any decoder
// plays it, and no encoder is needed.

// bits writes a raw byte sequence payload.
type bits struct {
	p    []byte
	free int // bits not yet used in the last byte
}

// u writes v in n bits.
func (b *bits) u(n int, v uint32) {
	for i := n - 1; i >= 0; i-- {
		if b.free == 0 {
			b.p, b.free = append(b.p, 0), 8
		}
		b.free--
		b.p[len(b.p)-1] |= byte(v>>i&1) << b.free
	}
}

// ue writes an unsigned Exp-Golomb code.
func (b *bits) ue(v uint32) {
	n := 0
	for v+1 >= 2<<n {
		n++
	}
	b.u(n, 0)
	b.u(n+1, v+1)
}

// align fills the last byte with zeros.
func (b *bits) align() { b.free = 0 }

// nal ends the payload and wraps it as a network abstraction layer unit: zeros that
// could be taken for a start code get a 3 among them.
func (b *bits) nal(header byte) []byte {
	b.u(1, 1)
	out, zeros := []byte{header}, 0
	for _, c := range b.p {
		if zeros == 2 && c <= 3 {
			out, zeros = append(out, 3), 0
		}
		if out = append(out, c); c == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return out
}

// h264SPS is the sequence parameter set: profile, level 3, and the size.
func h264SPS() []byte {
	var b bits
	b.u(8, 66)   // profile_idc: Baseline
	b.u(8, 0xC0) // constraint_set0 and 1: Constrained Baseline
	b.u(8, 30)   // level_idc: 3
	b.ue(0)      // seq_parameter_set_id
	b.ue(0)      // log2_max_frame_num_minus4
	b.ue(2)      // pic_order_cnt_type: output in coding order
	b.ue(1)      // max_num_ref_frames
	b.u(1, 0)    // gaps_in_frame_num_value_allowed_flag
	b.ue(videoSize/16 - 1)
	b.ue(videoSize/16 - 1)
	b.u(1, 1) // frame_mbs_only_flag
	b.u(1, 1) // direct_8x8_inference_flag
	b.u(1, 0) // frame_cropping_flag
	b.u(1, 0) // vui_parameters_present_flag
	return b.nal(0x67)
}

// h264PPS is the picture parameter set.
func h264PPS() []byte {
	var b bits
	b.ue(0)   // pic_parameter_set_id
	b.ue(0)   // seq_parameter_set_id
	b.u(1, 0) // entropy_coding_mode_flag: CAVLC
	b.u(1, 0) // bottom_field_pic_order_in_frame_present_flag
	b.ue(0)   // num_slice_groups_minus1
	b.ue(0)   // num_ref_idx_l0_default_active_minus1
	b.ue(0)   // num_ref_idx_l1_default_active_minus1
	b.u(1, 0) // weighted_pred_flag
	b.u(2, 0) // weighted_bipred_idc
	b.ue(0)   // pic_init_qp_minus26
	b.ue(0)   // pic_init_qs_minus26
	b.ue(0)   // chroma_qp_index_offset
	b.u(1, 1) // deblocking_filter_control_present_flag
	b.u(1, 0) // constrained_intra_pred_flag
	b.u(1, 0) // redundant_pic_cnt_present_flag
	return b.nal(0x68)
}

// h264Frame codes the picture numbered n as one slice.
func h264Frame(n int, at func(x, y int) rgb) []byte {
	var b bits
	b.ue(0)             // first_mb_in_slice
	b.ue(7)             // slice_type: I, the whole picture
	b.ue(0)             // pic_parameter_set_id
	b.u(4, 0)           // frame_num
	b.ue(uint32(n) % 2) // idr_pic_id: differs from the one before
	b.u(1, 0)           // no_output_of_prior_pics_flag
	b.u(1, 0)           // long_term_reference_flag
	b.ue(0)             // slice_qp_delta
	b.ue(1)             // disable_deblocking_filter_idc: off
	for my := range videoSize / 16 {
		for mx := range videoSize / 16 {
			b.ue(25) // mb_type: I_PCM
			b.align()
			for y := range 16 {
				for x := range 16 {
					luma, _, _ := ycbcr(at(mx*16+x, my*16+y))
					b.u(8, luma)
				}
			}
			for plane := range 2 {
				for y := range 8 {
					for x := range 8 {
						_, cb, cr := ycbcr(at(mx*16+2*x, my*16+2*y).mix(at(mx*16+2*x+1, my*16+2*y+1), 0.5))
						b.u(8, []uint32{cb, cr}[plane])
					}
				}
			}
		}
	}
	return b.nal(0x65)
}

// ycbcr converts a color to BT.601 of limited range, which has no zeros: I_PCM forbids
// them.
func ycbcr(c rgb) (y, cb, cr uint32) {
	r, g, b := c[0]/255, c[1]/255, c[2]/255
	luma := 0.299*r + 0.587*g + 0.114*b
	return uint32(math.Round(16 + 219*luma)), uint32(math.Round(128 + 224*0.5*(b-luma)/(1-0.114))), uint32(math.Round(128 + 224*0.5*(r-luma)/(1-0.299)))
}
